package importer

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strings"

	"earshot/feedback"
)

// Vendors are those whose webhooks [Payload] reads. Generic is a payload in the message contract.
const (
	Zendesk  = "zendesk"
	Intercom = "intercom"
	Slack    = "slack"
	Contract = "generic"
)

// MaxSaid is the most items that one payload may hold.
const MaxSaid = 1000

// Payload reads what the webhook of a vendor sends, with the ids that an export of the same words gives. It gives nothing
// for an event that holds no customer's words: an agent's answer, a bot's message, a change of state. Its errors are
// Invalid: not one JSON object (or, of [Contract], an array of them), nesting over [MaxDepth], a field of the wrong type;
// and TooLarge for more than [MaxSaid] items.
func Payload(vendor string, body []byte) ([]feedback.Submission, error) {
	read := map[string]func([]byte, *said) error{Zendesk: readZendeskEvent, Intercom: readIntercomEvent, Slack: readSlackEvent, Contract: readContract}[vendor]
	if read == nil {
		return nil, feedback.Errorf(feedback.NotFound, "there is no webhook for %q", clip(vendor))
	}
	err := checkObject(body)
	var out said
	if err == nil {
		err = read(body, &out)
	}
	if errors.Is(err, errMany) || err == nil && len(out.items) > MaxSaid {
		return nil, feedback.Errorf(feedback.TooLarge, "the payload has too many items, the limit is %d", MaxSaid)
	}
	if err != nil {
		return nil, feedback.Errorf(feedback.Invalid, "the payload %w", plainly(err))
	}
	for i := range out.items {
		if n := len(out.items[i].Body); n > feedback.MaxBody {
			return nil, feedback.Errorf(feedback.TooLarge, "the payload has a text of %d bytes, the limit is %d", n, feedback.MaxBody)
		}
	}
	return out.items, nil
}

// readZendeskEvent reads the events ticket.created and ticket.comment_added, and what a trigger sends, which its author
// writes: in the message contract.
func readZendeskEvent(body []byte, out *said) error {
	var event struct {
		Type   string          `json:"type"`
		Time   moment          `json:"time"`
		Detail json.RawMessage `json:"detail"`
		Event  struct {
			Comment *zendeskComment `json:"comment"`
		} `json:"event"`
	}
	if err := json.Unmarshal(body, &event); err != nil {
		return err
	}
	if event.Type == "" {
		return readContract(body, out)
	}
	created := strings.HasSuffix(event.Type, ":ticket.created")
	if !created && !strings.HasSuffix(event.Type, ":ticket.comment_added") {
		return nil
	}
	var t zendeskTicket
	if err := json.Unmarshal(event.Detail, &t); err != nil {
		return err
	}
	t.Satisfaction, t.Comments = nil, nil
	if created {
		return t.read(out)
	}
	c := event.Event.Comment
	if t.ID == "" || c == nil || c.ID == "" {
		return errors.New("has no comment with an id, or no ticket")
	}
	if c.CreatedAt.IsZero() {
		c.CreatedAt = event.Time
	}
	t.comment(out, c, strings.TrimSpace(t.Description) != "" && strings.TrimSpace(c.Body) == strings.TrimSpace(t.Description))
	return nil
}

// readIntercomEvent reads every topic whose item is a conversation.
func readIntercomEvent(body []byte, out *said) error {
	var event struct {
		Type string `json:"type"`
		Data struct {
			Item json.RawMessage `json:"item"`
		} `json:"data"`
	}
	if err := json.Unmarshal(body, &event); err != nil {
		return err
	}
	var item struct {
		Type string `json:"type"`
	}
	if len(event.Data.Item) == 0 {
		return errors.New("has no data.item")
	}
	if err := json.Unmarshal(event.Data.Item, &item); err != nil {
		return err
	}
	if item.Type != "conversation" {
		return nil
	}
	return intercom.read(event.Data.Item, out)
}

// readSlackEvent reads messages of the Events API.
func readSlackEvent(body []byte, out *said) error {
	var event struct {
		Type  string          `json:"type"`
		Event json.RawMessage `json:"event"`
	}
	if err := json.Unmarshal(body, &event); err != nil {
		return err
	}
	if event.Type != "event_callback" {
		return nil
	}
	var m struct {
		Type string `json:"type"`
	}
	if err := json.Unmarshal(event.Event, &m); err != nil {
		return err
	}
	if m.Type != "message" && m.Type != "app_mention" {
		return nil
	}
	return readSlack(event.Event, &slackPlace{}, out)
}

// readContract reads one message of the contract, or an array of them.
func readContract(body []byte, out *said) error {
	objects := []json.RawMessage{body}
	if body = bytes.TrimSpace(body); bytes.HasPrefix(body, []byte{'['}) {
		var err error
		if objects, err = elementsOf(body); err != nil {
			return err
		}
	}
	for _, raw := range objects {
		var s *feedback.Submission
		dec := json.NewDecoder(bytes.NewReader(raw))
		if err := dec.Decode(&s); err != nil {
			return err
		}
		if _, err := dec.Token(); err != io.EOF {
			return errors.New("goes on behind its object")
		}
		if s == nil || strings.TrimSpace(s.Body) == "" && strings.TrimSpace(s.Title) == "" {
			return errors.New("has a message without body and title")
		}
		out.add(*s)
	}
	return nil
}

// errMany is of a payload with more than [MaxSaid] items.
var errMany = errors.New("too many items")

// elementsOf gives the elements of one JSON array. It stops at one too many: a megabyte can hold half a million of them.
func elementsOf(array []byte) ([]json.RawMessage, error) {
	dec := json.NewDecoder(bytes.NewReader(array))
	if _, err := dec.Token(); err != nil {
		return nil, err
	}
	var elements []json.RawMessage
	for dec.More() {
		if len(elements) == MaxSaid {
			return nil, errMany
		}
		var raw json.RawMessage
		if err := dec.Decode(&raw); err != nil {
			return nil, err
		}
		elements = append(elements, raw)
	}
	if _, err := dec.Token(); err != nil {
		return nil, err
	}
	if _, err := dec.Token(); err != io.EOF {
		return nil, errors.New("goes on behind its array")
	}
	return elements, nil
}

// SlackChallenge gives what Slack wants to hear when the address of a webhook is set, and whether the payload asks for it.
func SlackChallenge(body []byte) (string, bool) {
	var ask struct {
		Type      string `json:"type"`
		Challenge string `json:"challenge"`
	}
	if checkObject(body) != nil || json.Unmarshal(body, &ask) != nil || ask.Type != "url_verification" {
		return "", false
	}
	return ask.Challenge, true
}
