package web

import (
	"bytes"
	"encoding/json"
	"strings"
	"unicode/utf8"

	"earshot/feedback"
)

// envelope is as much of a row as is read here: the body, bare or within a CloudEvents 1.0 envelope.
type envelope struct {
	SpecVersion string          `json:"specversion"`
	Data        json.RawMessage `json:"data"`
	Body        json.RawMessage `json:"body"`
	ExternalID  json.RawMessage `json:"external_id"`
}

// checkRow says what is wrong with a row that is not worth queueing. It gives the row's external id, or "" where it has
// none that stands bare.
func checkRow(data []byte) (external string, problem *Problem) {
	if len(data) > feedback.MaxMessage {
		return "", refused(feedback.TooLarge, "", "the row has %d bytes, over the limit of %d", len(data), feedback.MaxMessage)
	}
	if !utf8.Valid(data) {
		return "", refused(feedback.Invalid, "", "the row is not UTF-8")
	}
	var e envelope
	if err := json.Unmarshal(data, &e); err != nil || bytes.HasPrefix(bytes.TrimSpace(data), []byte("null")) {
		return "", refused(feedback.Invalid, "", "the row is not one JSON object")
	}
	field := "body"
	if e.SpecVersion != "" {
		field = "data.body"
		inner := envelope{}
		if err := json.Unmarshal(e.Data, &inner); err != nil {
			return "", refused(feedback.Invalid, "data", "the event has no data that is a JSON object")
		}
		e.Body, e.ExternalID = inner.Body, nil // an envelope's own id may count too, and ingest knows how
	}
	var body *string
	if len(e.Body) > 0 {
		if err := json.Unmarshal(e.Body, &body); err != nil {
			return "", refused(feedback.Invalid, field, "%s is not a string", field)
		}
	}
	switch {
	case body == nil || strings.TrimSpace(*body) == "":
		return "", refused(feedback.Invalid, field, "%s is missing or empty", field)
	case len(*body) > feedback.MaxBody:
		return "", refused(feedback.TooLarge, field, "%s has %d bytes, over the limit of %d", field, len(*body), feedback.MaxBody)
	}
	if json.Unmarshal(e.ExternalID, &external) != nil {
		external = ""
	}
	return external, nil
}

func refused(code feedback.Code, field, format string, args ...any) *Problem {
	p := problemOf(feedback.Errorf(code, format, args...))
	p.Field = field
	return p
}
