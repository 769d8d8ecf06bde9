package ingest

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"math"
	"strings"
	"time"
	"unicode/utf8"

	"earshot/feedback"
)

// The limits of a message. Each stands in the error that it causes.
const (
	MaxID             = 512      // bytes of external_id, customer.id, author.id
	MaxName           = 512      // bytes of a name, segment, plan or e-mail address
	MaxTitle          = 4 << 10  // bytes of title
	MaxURL            = 4 << 10  // bytes of url
	MaxAttributes     = 64       // keys of attributes and of customer.attributes
	MaxAttributeBytes = 32 << 10 // bytes of either as JSON
	MaxDepth          = 32       // levels of nested JSON
	maxLanguage       = 64       // bytes of language
	maxFuture         = 48 * time.Hour
	maxARR            = 1e13 // below what the store's numeric(16, 2) holds
)

// earliest is the first time that feedback may have been said at: anything older is a clock or a unit gone wrong.
var earliest = time.Date(1990, 1, 1, 0, 0, 0, 0, time.UTC)

// Decode reads one message: a submission as a JSON object, or a CloudEvents 1.0 structured envelope around one, whose id
// and time stand in for a missing external_id and occurred_at. The source and the workspace are those of the subject
// that the message came on.
//
// Without an external_id the content's hash is the id; without an occurred_at it is received. A title alone becomes the
// body. Fields that the contract doesn't know are ignored. NUL characters, which Postgres cannot store, are removed. A
// language that isn't a BCP 47 tag is dropped, for it is a hint alone.
//
// Its errors name the field: TooLarge for a message over [feedback.MaxMessage] or a body over [feedback.MaxBody],
// Invalid for anything else: not one JSON object, invalid UTF-8, nesting over [MaxDepth], a field of the wrong type, no
// body, an unknown format, occurred_at before 1990 or more than 48 hours after now, a rating outside 0 to 5, a score
// outside 0 to 10, a negative ARR, a customer without id, anything over the limits above.
func Decode(workspace, source string, data []byte, received, now time.Time) (feedback.Submission, error) {
	d, err := decode(workspace, source, data, received, now)
	return d.Submission, err
}

// decoded is a submission and the hash of what its producer said, before anything was filled in.
type decoded struct {
	feedback.Submission
	hash [32]byte
}

func decode(workspace, source string, data []byte, received, now time.Time) (decoded, error) {
	var d decoded
	if err := feedback.CheckWorkspace(workspace); err != nil {
		return d, err
	}
	if err := feedback.CheckSource(source); err != nil {
		return d, err
	}
	if len(data) > feedback.MaxMessage {
		return d, feedback.Errorf(feedback.TooLarge, "the message has %d bytes, the limit is %d", len(data), feedback.MaxMessage)
	}
	fields, err := readObject(data)
	if err != nil {
		return d, err
	}
	var envelope event
	if _, ok := fields.raw["specversion"]; ok {
		if fields, envelope, err = openEnvelope(fields); err != nil {
			return d, err
		}
	}
	s, err := readSubmission(fields)
	if err != nil {
		return d, err
	}
	if s.ExternalID == "" {
		s.ExternalID = envelope.id
	}
	if s.OccurredAt.IsZero() {
		s.OccurredAt = envelope.time
	}
	if err := checkTime(s.OccurredAt, now); err != nil {
		return d, err
	}
	if s.ExternalID == "" {
		hash := contentHash(&s)
		s.ExternalID = hex.EncodeToString(hash[:])
	}
	d.hash = contentHash(&s)
	if s.OccurredAt.IsZero() {
		s.OccurredAt = received.UTC()
	}
	d.Submission = s
	return d, nil
}

// readObject checks what holds for the whole message and gives its top level.
func readObject(data []byte) (object, error) {
	if !utf8.Valid(data) {
		return object{}, feedback.Errorf(feedback.Invalid, "the message isn't valid UTF-8, at byte %d", firstInvalid(data)).
			WithHint("send it as UTF-8")
	}
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	if depth(data) > MaxDepth {
		return object{}, feedback.Errorf(feedback.Invalid, "the message nests JSON deeper than %d levels", MaxDepth)
	}
	data = bytes.TrimSpace(data)
	if len(data) == 0 {
		return object{}, feedback.Errorf(feedback.Invalid, "the message is empty")
	}
	if data[0] != '{' {
		return object{}, feedback.Errorf(feedback.Invalid, "the message isn't a JSON object")
	}
	fields := map[string]json.RawMessage{}
	if err := json.Unmarshal(data, &fields); err != nil {
		return object{}, feedback.Errorf(feedback.Invalid, "the message isn't one JSON object: %s", jsonFault(err))
	}
	return object{raw: fields}, nil
}

func readSubmission(o object) (feedback.Submission, error) {
	var s feedback.Submission
	s.ExternalID = o.text("external_id", MaxID)
	s.OccurredAt = o.time("occurred_at")
	s.Title = o.text("title", MaxTitle)
	s.Body = o.body("body")
	s.Format = feedback.Format(o.text("format", MaxID))
	s.URL = o.text("url", MaxURL)
	s.Language = languageTag(o.text("language", maxLanguage))
	s.Rating = o.number("rating", 0, 5)
	s.Score = o.number("score", 0, 10)
	s.Attributes = o.attributes("attributes")
	if a, ok := o.object("author"); ok {
		s.Author = &feedback.Author{ID: a.text("id", MaxID), Name: a.text("name", MaxName), Email: a.text("email", MaxName)}
		o.keep(a.err)
	}
	if c, ok := o.object("customer"); ok {
		s.Customer = readCustomer(&c)
		o.keep(c.err)
	}
	switch s.Format {
	case "", feedback.FormatText, feedback.FormatHTML, feedback.FormatMarkdown:
	default:
		o.fail("format", "%q is unknown: it may be text, html or markdown", clip(string(s.Format)))
	}
	if strings.TrimSpace(s.Body) == "" {
		s.Body, s.Title, s.Format = s.Title, "", feedback.FormatText
	}
	if strings.TrimSpace(s.Body) == "" {
		o.fail("body", "is missing or blank, and there is no title either")
	}
	if s.Format == "" {
		s.Format = feedback.FormatText
	}
	if o.err != nil {
		return feedback.Submission{}, o.err
	}
	return s, nil
}

func readCustomer(c *object) *feedback.Customer {
	customer := &feedback.Customer{
		ID:         strings.TrimSpace(c.text("id", MaxID)),
		Name:       c.text("name", MaxName),
		Segment:    c.text("segment", MaxName),
		Plan:       c.text("plan", MaxName),
		ARR:        c.number("arr", 0, maxARR),
		Attributes: c.attributes("attributes"),
	}
	if customer.ID == "" {
		c.fail("id", "is missing: a customer needs one")
	}
	return customer
}

func checkTime(t, now time.Time) error {
	switch {
	case t.IsZero():
		return nil
	case t.Before(earliest):
		return feedback.Errorf(feedback.Invalid, "occurred_at: %s is before 1990", t.Format(time.RFC3339)).
			WithHint("are its units right?")
	case t.After(now.Add(maxFuture)):
		return feedback.Errorf(feedback.Invalid, "occurred_at: %s is more than 48 hours in the future", t.Format(time.RFC3339)).
			WithHint("check the producer's clock and time zone")
	}
	return nil
}

func finite(f float64) bool { return !math.IsNaN(f) && !math.IsInf(f, 0) }
