package ingest

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"earshot/feedback"
)

// buried gives what is kept of a message that was sent as zendesk's.
func buried(t *testing.T, payload string) *feedback.DeadLetter {
	t.Helper()
	grave := &fakeGrave{}
	letter := feedback.DeadLetter{Workspace: "a", Source: "zendesk", Stage: "ingest", Code: feedback.Invalid, Payload: payload}
	if err := NewDeadLetters(grave).Bury(t.Context(), []feedback.DeadLetter{letter}); err != nil {
		t.Fatal(err)
	}
	return &grave.letters[0]
}

func TestADeadLetterIsFoundByWhoAndWhatItIsOf(t *testing.T) {
	const bare = `{"external_id":"T-1","author":{"name":"Jane Doe","email":"jane@example.com"},"customer":{"id":"c-104"},"body":"Jane Doe finds the board slow","score":99}`
	quoted, err := json.Marshal(bare)
	if err != nil {
		t.Fatal(err)
	}
	envelope := func(data string) string {
		return `{"specversion":"1.0","id":"e-7","source":"/tickets","type":"said","data":` + data + `}`
	}
	for name, c := range map[string]struct {
		payload, item string
	}{
		"as it is":                       {bare, "zendesk:T-1"},
		"in an envelope":                 {envelope(bare), "zendesk:T-1"},
		"as a string in an envelope":     {envelope(string(quoted)), "zendesk:T-1"},
		"with the id of its envelope":    {envelope(strings.Replace(bare, `"external_id":"T-1",`, "", 1)), "zendesk:/tickets#e-7"},
		"in a string, the envelope's id": {envelope(strings.Replace(string(quoted), `\"external_id\":\"T-1\",`, "", 1)), "zendesk:/tickets#e-7"},
	} {
		t.Run(name, func(t *testing.T) {
			letter := buried(t, c.payload)
			if strings.Contains(letter.Payload, "Jane") || strings.Contains(letter.Payload, "jane@") {
				t.Errorf("the author stands in %s", letter.Payload)
			}
			for _, who := range []struct {
				kind feedback.SubjectKind
				name string
				want bool
			}{
				{feedback.SubjectAuthor, "jane@example.com", true}, {feedback.SubjectAuthor, "john@example.com", false},
				{feedback.SubjectCustomer, "c-104", true}, {feedback.SubjectCustomer, "c-105", false},
				{feedback.SubjectItem, c.item, true}, {feedback.SubjectItem, "zendesk:T-2", false}, {feedback.SubjectItem, "slack:T-1", false},
			} {
				subject, err := NewSubject("a", who.kind, who.name)
				if err != nil {
					t.Fatal(err)
				}
				if Concerns(subject, letter) != who.want {
					t.Errorf("%s %s: not %t of %s", who.kind, who.name, who.want, letter.Payload)
				}
			}
		})
	}
}

func TestADeadLetterThatCannotBeReadIsFoundByAnyMention(t *testing.T) {
	long := strings.Repeat("the board is slow ", MaxDeadPayload/16)
	const tell = `"author":{"id":"jane-7","name":"Jane Doe","email":"jane@example.com"},"customer":{"id":"c-104","name":"Quimbrel Ltd"},"external_id":"T-1"`
	whole := func(fields string) string {
		return `{"attributes":{"a":"` + long + `"},"body":"` + long + `",` + fields + `}`
	}
	quoted, err := json.Marshal(whole(tell))
	if err != nil {
		t.Fatal(err)
	}
	all := []string{"author jane-7", "author Jane@Example.com", "customer c-104", "item zendesk:T-1"}
	for name, c := range map[string]struct {
		payload string
		found   []string
	}{
		"cut":                       {whole(tell), all},
		"cut, in an envelope":       {`{"specversion":"1.0","id":"e-7","source":"/tickets","data":` + whole(tell) + `}`, all},
		"cut, a string in one":      {`{"specversion":"1.0","id":"e-7","source":"/tickets","data":` + string(quoted) + `}`, all},
		"cut, the envelope's id":    {`{"specversion":"1.0","id":"e-7","source":"/tickets","data":{"body":"` + long + `"}}`, []string{"item zendesk:/tickets#e-7"}},
		"broken":                    {`{` + tell + `,"body":"` + long, append(all, "author Jane Doe", "customer Quimbrel Ltd")},
		"broken, escaped":           {`{"data":"{` + strings.ReplaceAll(tell, `"`, `\"`) + `,` + long, all},
		"broken, the words escaped": {`{"author":{"id":"J\u00e4ger"},` + long, []string{"author J\u00e4ger"}},
		"no JSON":                   {"c-104; jane-7; <jane@example.com>; SLOW-9; " + long, []string{"author jane-7", "author jane@example.com", "customer C-104", "item zendesk:SLOW-9"}},
		"a list":                    {`[{` + tell + `,"body":"slow"}]`, all},
		"an author as a text":       {`{"author":"Jane@Example.com","body":"slow"}`, []string{"author jane@example.com"}},
	} {
		t.Run(name, func(t *testing.T) {
			letter := buried(t, c.payload)
			if len(letter.Payload) > MaxDeadPayload || strings.Contains(strings.ToLower(letter.Payload), "@example.com") {
				t.Errorf("%d bytes are kept: %.300s", len(letter.Payload), letter.Payload)
			}
			for _, who := range append(c.found, "author john@example.com", "author janet", "author the", "customer c-10", "customer 104", "item zendesk:T-2", "item slack:T-1", "item slack:SLOW-9") {
				kind, called, _ := strings.Cut(who, " ")
				subject, err := NewSubject("a", feedback.SubjectKind(kind), called)
				if err != nil {
					t.Fatal(err)
				}
				if want := slices.Contains(c.found, who); Concerns(subject, letter) != want {
					t.Errorf("%s: not %t of %.300s", who, want, letter.Payload)
				}
			}
		})
	}
}

func TestAReplayedEnvelopeSaysWhatItSaid(t *testing.T) {
	sent := `{"specversion":"1.0","id":"e-7","source":"/tickets","type":"said","data":"{\"body\":\"the board is slow\",\"rating\":2}"}`
	m := message("a", sent)
	first, err := Prepare(&m, testNow)
	if err != nil {
		t.Fatal(err)
	}
	m.Data = []byte(buried(t, sent).Payload)
	again, err := Prepare(&m, testNow)
	if err != nil || again.ID != first.ID || again.ContentHash != first.ContentHash || again.Body != first.Body {
		t.Errorf("%v: %+v\nwant %+v", err, again, first)
	}
}
