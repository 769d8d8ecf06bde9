package openai

import (
	"io"
	"net/http"
	"net/url"
	"time"

	"earshot/feedback"

	goopenai "github.com/sashabaranov/go-openai"
)

// Config says which server and model to speak to.
type Config struct {
	BaseURL    string        // for instance https://api.openai.com/v1; required
	APIKey     string        // may be empty for a server that asks for none
	Model      string        // required
	Dimensions int           // of the vectors, 1 to 4000; required by NewEmbedder, of no use elsewhere
	Timeout    time.Duration // of one call; default 60s
	HTTPClient *http.Client  // default: one of its own
}

// maxAnswer is the most bytes that an answer may have: 256 vectors of 4000 dimensions, written as text, and more.
const maxAnswer = 32 << 20

// client is what embedder and completer share.
type client struct {
	api     *goopenai.Client
	host    string // for errors
	model   string
	setting string // which names the model
	timeout time.Duration
}

func newClient(c Config, setting string) (client, error) {
	base, err := url.Parse(c.BaseURL)
	if err != nil || base.Host == "" || base.Scheme != "http" && base.Scheme != "https" {
		return client{}, feedback.Errorf(feedback.Invalid, "the model server's address is not one").
			WithHint("set EARSHOT_OPENAI_BASE_URL to something like https://api.openai.com/v1")
	}
	if c.Model == "" {
		return client{}, feedback.Errorf(feedback.Invalid, "no model is named").WithHint("set %s", setting)
	}
	if c.Timeout <= 0 {
		c.Timeout = time.Minute
	}
	if c.HTTPClient == nil {
		c.HTTPClient = &http.Client{}
	}
	config := goopenai.DefaultConfig(c.APIKey)
	config.BaseURL = c.BaseURL
	config.HTTPClient = bounded{c.HTTPClient}
	return client{api: goopenai.NewClientWithConfig(config), host: base.Host, model: c.Model, setting: setting, timeout: c.Timeout}, nil
}

// bounded ends an answer that is longer than any should be.
type bounded struct{ client *http.Client }

func (b bounded) Do(request *http.Request) (*http.Response, error) {
	response, err := b.client.Do(request)
	if err != nil {
		return nil, err
	}
	body := response.Body
	response.Body = struct {
		io.Reader
		io.Closer
	}{io.LimitReader(body, maxAnswer), body}
	return response, nil
}
