package app

import (
	"fmt"
	"os"
	"reflect"
	"strconv"
	"strings"
	"time"

	"earshot/feedback"
)

// Config is every setting there is. Each is read from the environment variable of its env tag, and stands in the README's
// table, which is made from these tags.
type Config struct {
	DataDir   string `env:"EARSHOT_DATA_DIR" default:"data" doc:"Folder of the private Postgres and the embedded NATS; made when missing."`
	Workspace string `env:"EARSHOT_WORKSPACE" default:"default" doc:"Workspace that commands and pages work on."`

	DatabaseURL         string `env:"EARSHOT_DATABASE_URL" default:"" doc:"Postgres with pgvector to use instead of a private one, as postgres://user:password@host:5432/name." secret:"yes"`
	DatabaseConnections int    `env:"EARSHOT_DATABASE_CONNECTIONS" default:"8" doc:"Most connections to Postgres, 1 to 1000." min:"1" max:"1000"`
	PostgresBin         string `env:"EARSHOT_POSTGRES_BIN" default:"" doc:"Bin folder of the Postgres (with pgvector) that runs the private database; searched for when empty."`

	NATSURL         string `env:"EARSHOT_NATS_URL" default:"" doc:"NATS servers with JetStream to use instead of the embedded one; commas between several." secret:"yes"`
	NATSCredentials string `env:"EARSHOT_NATS_CREDENTIALS" default:"" doc:"Credentials file for those servers."`
	NATSReplicas    int    `env:"EARSHOT_NATS_REPLICAS" default:"1" doc:"Copies of each message in a NATS cluster: 1, 3 or 5." min:"1" max:"5"`
	NATSListen      string `env:"EARSHOT_NATS_LISTEN" default:"127.0.0.1:0" doc:"Address at which the embedded NATS takes producers of this machine; port 0 chooses one. Its token is in queue/endpoint.json."`
	QueueBytes      int    `env:"EARSHOT_QUEUE_BYTES" default:"4294967296" doc:"Most bytes that wait in the queue; a full queue refuses new feedback and loses none." min:"16777216"`

	Listen string `env:"EARSHOT_LISTEN" default:"127.0.0.1:8377" doc:"Address of the pages and the API."`
	Hosts  string `env:"EARSHOT_HOSTS" default:"" doc:"Host names (commas between) under which a proxy passes requests on, besides that of EARSHOT_PUBLIC_URL; others are refused."`

	WebhookZendesk  string `env:"EARSHOT_WEBHOOK_ZENDESK" default:"" doc:"Signing secrets of Zendesk's webhooks, as workspace:secret; commas between several, two for a workspace while one is exchanged." secret:"yes"`
	WebhookIntercom string `env:"EARSHOT_WEBHOOK_INTERCOM" default:"" doc:"Client secrets of Intercom's apps, likewise." secret:"yes"`
	WebhookSlack    string `env:"EARSHOT_WEBHOOK_SLACK" default:"" doc:"Signing secrets of Slack's apps, likewise." secret:"yes"`
	WebhookGeneric  string `env:"EARSHOT_WEBHOOK_GENERIC" default:"" doc:"Secrets of your own webhooks, likewise." secret:"yes"`

	BatchSize     int           `env:"EARSHOT_BATCH_SIZE" default:"500" doc:"Messages that a worker takes at once, 1 to 5000." min:"1" max:"5000"`
	Seed          uint64        `env:"EARSHOT_SEED" default:"1" doc:"Seed of the clustering: the same data and seed give the same clusters."`
	Granularity   int           `env:"EARSHOT_GRANULARITY" default:"0" doc:"Fewer (-5) to more (5) clusters than the data suggests." min:"-5" max:"5"`
	ReclusterEach time.Duration `env:"EARSHOT_RECLUSTER_EACH" default:"1h" doc:"How often serve groups anew when feedback came; 0: only when a person says so." min:"0"`

	ApplyMoved int `env:"EARSHOT_APPLY_MOVED" default:"10" doc:"Most percent of the excerpts in clusters that a scheduled run may move without a person's word." min:"0" max:"100"`
	ApplyEnded int `env:"EARSHOT_APPLY_ENDED" default:"10" doc:"Most percent of the clusters that it may end so; one it always may." min:"0" max:"100"`

	Embedder         string `env:"EARSHOT_EMBEDDER" default:"builtin" doc:"Where vectors come from: builtin or openai." oneof:"builtin openai"`
	Writer           string `env:"EARSHOT_WRITER" default:"builtin" doc:"Who names clusters and words the Pulse: builtin or openai. A model's words are checked against the facts." oneof:"builtin openai"`
	OpenAIBaseURL    string `env:"EARSHOT_OPENAI_BASE_URL" default:"https://api.openai.com/v1" doc:"Any server that speaks OpenAI's API."`
	OpenAIKey        string `env:"EARSHOT_OPENAI_API_KEY" default:"" doc:"Its key; may be empty for a server of your own." secret:"yes"`
	OpenAIEmbedding  string `env:"EARSHOT_OPENAI_EMBEDDING_MODEL" default:"text-embedding-3-small" doc:"Model of the vectors."`
	OpenAIDimensions int    `env:"EARSHOT_OPENAI_DIMENSIONS" default:"512" doc:"Length of the vectors that it is asked for, 16 to 4000." min:"16" max:"4000"`
	OpenAIChat       string `env:"EARSHOT_OPENAI_CHAT_MODEL" default:"gpt-4o-mini" doc:"Model of names and prose."`
	OpenAICalls      int    `env:"EARSHOT_OPENAI_CALLS_PER_HOUR" default:"2000" doc:"Most calls in an hour; further ones wait for the next." min:"1"`

	Chromium       string `env:"EARSHOT_CHROMIUM" default:"" doc:"Chromium that prints PDFs, by its path or name; searched for when empty."`
	PublicURL      string `env:"EARSHOT_PUBLIC_URL" default:"" doc:"Address under which readers reach the pages, for the links of what is delivered; none when empty."`
	DeliveryDir    string `env:"EARSHOT_DELIVERY_DIR" default:"deliveries" doc:"Folder under which deliveries to files are written."`
	SMTPURL        string `env:"EARSHOT_SMTP_URL" default:"" doc:"Mail server for deliveries, as smtp://user:password@host:587 (STARTTLS) or smtps://user:password@host:465." secret:"yes"`
	MailFrom       string `env:"EARSHOT_MAIL_FROM" default:"Earshot <earshot@localhost>" doc:"Sender of the mails."`
	DeliverySecret string `env:"EARSHOT_DELIVERY_SECRET" default:"" doc:"Key that signs what is posted to webhooks; needed for them, 16 characters or more." secret:"yes"`
	DeliveryHosts  string `env:"EARSHOT_DELIVERY_HOSTS" default:"" doc:"Hosts (name or name:port, commas between) that webhooks may reach although their addresses are private, and over plain http."`

	LogLevel  string `env:"EARSHOT_LOG_LEVEL" default:"" doc:"debug, info, warn or error; info for serve and warn for other commands when empty." oneof:" debug info warn error"`
	LogFormat string `env:"EARSHOT_LOG_FORMAT" default:"text" doc:"text or json." oneof:"text json"`
}

// Setting is one row of the table of settings.
type Setting struct {
	Env     string
	Default string
	Doc     string
	Secret  bool
}

// Settings lists every setting in the order of the table.
func Settings() []Setting {
	t := reflect.TypeFor[Config]()
	settings := make([]Setting, t.NumField())
	for i := range settings {
		tag := t.Field(i).Tag
		settings[i] = Setting{Env: tag.Get("env"), Default: tag.Get("default"), Doc: tag.Get("doc"), Secret: tag.Get("secret") != ""}
	}
	return settings
}

// ReadConfig reads the settings with lookup, as of [os.LookupEnv], and takes the default for those that are not set. It
// fails with Invalid and the setting's name for a value that cannot be.
func ReadConfig(lookup func(string) (string, bool)) (Config, error) {
	var cfg Config
	v := reflect.ValueOf(&cfg).Elem()
	for i := range v.NumField() {
		tag := v.Type().Field(i).Tag
		name := tag.Get("env")
		value, ok := lookup(name)
		if !ok {
			value = tag.Get("default")
		}
		if err := set(v.Field(i), tag, strings.TrimSpace(value)); err != nil {
			return Config{}, feedback.Errorf(feedback.Invalid, "setting %s: %w", name, err)
		}
	}
	if err := feedback.CheckWorkspace(cfg.Workspace); err != nil {
		return Config{}, fmt.Errorf("setting EARSHOT_WORKSPACE: %w", err)
	}
	if _, err := cfg.hooks(); err != nil {
		return Config{}, err
	}
	return cfg, nil
}

// FromEnvironment reads the settings of this process.
func FromEnvironment() (Config, error) { return ReadConfig(os.LookupEnv) }

func set(field reflect.Value, tag reflect.StructTag, value string) error {
	switch field.Interface().(type) {
	case string:
		if choices, ok := tag.Lookup("oneof"); ok && !oneOf(value, choices) {
			return fmt.Errorf("it is one of %s", strings.Join(strings.Fields(choices), ", "))
		}
		field.SetString(value)
	case int:
		n, err := strconv.Atoi(value)
		if err != nil {
			return fmt.Errorf("%q is not a whole number", value)
		}
		field.SetInt(int64(n))
		return bounds(tag, n)
	case uint64:
		n, err := strconv.ParseUint(value, 10, 64)
		if err != nil {
			return fmt.Errorf("%q is not a whole number of 0 or more", value)
		}
		field.SetUint(n)
	case time.Duration:
		d, err := time.ParseDuration(value)
		if value == "0" {
			d, err = 0, nil
		}
		if err != nil || d < 0 {
			return fmt.Errorf("%q is not a span of time such as 30m or 1h", value)
		}
		field.SetInt(int64(d))
	default:
		return fmt.Errorf("a setting of type %s cannot be read", field.Type())
	}
	return nil
}

func oneOf(value, choices string) bool {
	for choice := range strings.SplitSeq(choices, " ") {
		if value == choice {
			return true
		}
	}
	return false
}

func bounds(tag reflect.StructTag, n int) error {
	if low, ok := tag.Lookup("min"); ok {
		if least, err := strconv.Atoi(low); err == nil && n < least {
			return fmt.Errorf("%d is less than %d", n, least)
		}
	}
	if high, ok := tag.Lookup("max"); ok {
		if most, err := strconv.Atoi(high); err == nil && n > most {
			return fmt.Errorf("%d is more than %d", n, most)
		}
	}
	return nil
}
