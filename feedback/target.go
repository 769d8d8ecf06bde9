package feedback

import (
	"net/mail"
	"net/url"
	"path/filepath"
	"strings"
)

// TargetKind says how a target is reached.
type TargetKind string

// The kinds of targets.
const (
	TargetFile    TargetKind = "file"    // a folder under the one of the settings
	TargetMail    TargetKind = "mail"    // addresses, by the mail server of the settings
	TargetSlack   TargetKind = "slack"   // an incoming webhook of Slack; its address is a secret
	TargetWebhook TargetKind = "webhook" // an address that takes signed JSON; it may hold a secret
)

// Target is where something is delivered to.
type Target struct {
	Kind     TargetKind
	Folder   string   // of a file target: relative, and within its parent
	Formats  []string // of a file target: what to write; html where it is empty
	Audience string   // of a file target: for whom the page is; "" for everything
	To       []mail.Address
	URL      *url.URL // of a webhook or Slack
}

// TargetHint says how targets are written.
const TargetHint = "write file:FOLDER, file:FOLDER?format=html,pdf, mail:jo@example.com, slack:https://hooks.slack.com/..., or https://host/path"

// The bounds of a target.
const (
	maxTarget     = 2000 // bytes
	maxRecipients = 50
)

// ParseTarget reads a target as a person writes it:
//
//	file:board               the folder "board"
//	file:board?format=html,pdf&audience=executive
//	mail:jo@example.com,board@example.com
//	slack:https://hooks.slack.com/services/...
//	https://example.com/hooks/earshot
//
// Its errors are Invalid, and hold no address.
func ParseTarget(s string) (Target, error) {
	s = strings.TrimSpace(s)
	if len(s) > maxTarget {
		return Target{}, Errorf(Invalid, "a target is at most %d bytes long", maxTarget)
	}
	kind, rest, _ := strings.Cut(s, ":")
	switch strings.ToLower(kind) {
	case "file":
		return parseFile(rest)
	case "mail", "mailto":
		list, err := mail.ParseAddressList(rest)
		if err != nil || len(list) > maxRecipients {
			return Target{}, Errorf(Invalid, "the target's mail addresses cannot be read").
				WithHint("write mail:jo@example.com, with commas between several, at most %d", maxRecipients)
		}
		t := Target{Kind: TargetMail}
		for _, a := range list {
			t.To = append(t.To, *a)
		}
		return t, nil
	case "slack":
		return parseURL(TargetSlack, rest)
	case "http", "https":
		return parseURL(TargetWebhook, s)
	}
	return Target{}, Errorf(Invalid, "%.20q is no kind of target", kind).WithHint(TargetHint)
}

func parseFile(rest string) (Target, error) {
	folder, query, _ := strings.Cut(rest, "?")
	if !filepath.IsLocal(folder) {
		return Target{}, Errorf(Invalid, "the folder %.80q is not within the folder of deliveries", folder).
			WithHint("name a folder without .. and without a leading slash; EARSHOT_DELIVERY_DIR says where it is made")
	}
	t := Target{Kind: TargetFile, Folder: folder}
	values, err := url.ParseQuery(query)
	for name := range values {
		if name != "format" && name != "audience" {
			err = Errorf(Invalid, "")
		}
	}
	if err != nil {
		return Target{}, Errorf(Invalid, "what follows the folder of a target cannot be read").WithHint(TargetHint)
	}
	for f := range strings.SplitSeq(values.Get("format"), ",") {
		if f = strings.ToLower(strings.TrimSpace(f)); f != "" {
			t.Formats = append(t.Formats, f)
		}
	}
	t.Audience = values.Get("audience")
	if len(t.Formats) == 0 {
		t.Formats = []string{"html"}
	}
	return t, nil
}

func parseURL(kind TargetKind, s string) (Target, error) {
	u, err := url.Parse(s)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Hostname() == "" || u.Opaque != "" {
		return Target{}, Errorf(Invalid, "the address of the target cannot be read").WithHint(TargetHint)
	}
	if u.User != nil {
		return Target{}, Errorf(Invalid, "the address of a target holds no user and no password").
			WithHint("what is posted is signed: see EARSHOT_DELIVERY_SECRET")
	}
	u.Fragment = ""
	return Target{Kind: kind, URL: u}, nil
}

// String names the target for people: of an address on the web only the scheme and the host, for the rest is a secret.
func (t Target) String() string {
	switch t.Kind {
	case TargetFile:
		s := "file:" + t.Folder + "?format=" + strings.Join(t.Formats, ",")
		if t.Audience != "" {
			s += "&audience=" + t.Audience
		}
		return s
	case TargetMail:
		var to []string
		for _, a := range t.To {
			to = append(to, a.Address)
		}
		return "mail:" + strings.Join(to, ",")
	case TargetSlack:
		return "slack:" + t.URL.Scheme + "://" + t.URL.Host + "/…"
	}
	return t.URL.Scheme + "://" + t.URL.Host + "/…"
}

// MaskTarget names a target as it is stored for people. One that cannot be read any more keeps its kind alone.
func MaskTarget(target string) string {
	t, err := ParseTarget(target)
	if err != nil {
		kind, _, _ := strings.Cut(target, ":")
		return kind + ":…"
	}
	return t.String()
}

// DropsRepeats says whether the target can tell a repeat by the delivery's id: a file is written over, a webhook gets the
// id, and a mailbox has seen the Message-ID.
func (t Target) DropsRepeats() bool { return t.Kind != TargetSlack }
