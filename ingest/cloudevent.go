package ingest

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"time"

	"earshot/feedback"
)

// event is what an envelope says of the submission in it.
type event struct {
	id   string
	time time.Time
}

// openEnvelope checks a CloudEvents 1.0 structured envelope (https://github.com/cloudevents/spec) and gives the object
// in its data or data_base64. The producer's source and id together name the event, as the specification has it.
func openEnvelope(o object) (object, event, error) {
	var e event
	if version := o.text("specversion", MaxID); version != "1.0" {
		o.fail("specversion", "%q is unknown: this reads CloudEvents 1.0", clip(version))
	}
	id, source := o.text("id", MaxID), o.text("source", MaxURL)
	for _, attribute := range [][2]string{{"id", id}, {"source", source}, {"type", o.text("type", MaxID)}} {
		if attribute[1] == "" {
			o.fail(attribute[0], "is missing: a CloudEvents envelope needs one")
		}
	}
	e.time = o.time("time")
	data, plain := o.field("data")
	if encoded := o.string("data_base64"); encoded != "" {
		decoded, err := base64.StdEncoding.DecodeString(encoded)
		switch {
		case plain:
			o.fail("data_base64", "stands beside data: an event has one of them")
		case err != nil:
			o.fail("data_base64", "isn't base64")
		}
		data, plain = decoded, true
	}
	if !plain {
		o.fail("data", "is missing: the envelope is empty")
	}
	if o.err != nil {
		return object{}, e, o.err
	}
	e.id = eventID(source, id)
	if data = bytes.TrimSpace(data); len(data) > 0 && data[0] == '"' {
		// Some producers put the JSON into a string.
		var inner string
		if err := json.Unmarshal(data, &inner); err == nil {
			data = []byte(inner)
		}
	}
	inner, err := readObject(data)
	if err != nil {
		if coded, ok := err.(*feedback.Error); ok {
			return object{}, e, feedback.Errorf(coded.Code, "data: %w", coded.Err)
		}
		return object{}, e, err
	}
	return inner, e, nil
}

// eventID is the external id of a message that has none of its own.
func eventID(source, id string) string {
	if name := source + "#" + id; len(name) <= MaxID {
		return name
	}
	hash := hashOf("event", source, id)
	return hex.EncodeToString(hash[:])
}
