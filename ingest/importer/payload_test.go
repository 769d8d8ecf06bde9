package importer

import (
	"encoding/json"
	"fmt"
	"runtime"
	"strings"
	"testing"

	"earshot/feedback"
)

const (
	zendeskCreated = `{"type":"zen:event-type:ticket.created","account_id":1,"id":"e1","time":"2026-04-02T08:15:01Z","zendesk_event_version":"2022-11-06","subject":"zen:ticket:4101",
		"detail":{"id":"4101","subject":"Export stops at page 40","description":"The PDF export of our berth plan stops at page 40.","created_at":"2026-04-02T08:15:00Z","requester_id":"77001","submitter_id":"77001","organization_id":"560","is_public":true,"priority":"HIGH","status":"OPEN","type":"PROBLEM","tags":["export","pdf"],"via":{"channel":"email"}},"event":{}}`
	zendeskCommented = `{"type":"zen:event-type:ticket.comment_added","time":"2026-04-02T09:32:11Z",
		"detail":{"id":"4101","subject":"Export stops at page 40","description":"The PDF export of our berth plan stops at page 40.","requester_id":"77001","submitter_id":"77001","organization_id":"560"},
		"event":{"comment":{"id":"9003","body":"It also loses the colours of the pontoons.","is_public":%t,"author":{"id":"%s","is_staff":%t,"name":"Petra Lund"}}}}`
	intercomReplied = `{"type":"notification_event","id":"n1","topic":"conversation.user.replied","created_at":1775117901,"data":{"type":"notification_event_data","item":{"type":"conversation","id":"215468","created_at":1775115900,
		"source":{"type":"conversation","body":"<p>I cannot invite my crew: the button is grey.</p>","author":{"type":"user","id":"5ba6"}},
		"conversation_parts":{"conversation_parts":[{"id":"1002","part_type":"comment","body":"<p>I am the owner.</p>","created_at":1775117900,"author":{"type":"user","id":"5ba6"}}]}}}}`
	slackSaid = `{"token":"t","team_id":"T1","type":"event_callback","event_id":"Ev1","event_time":1772440100,"event":{"type":"message","channel":"C0FEED","user":"U01","text":"<@U02> asks for tide tables","ts":"1772440100.000200"}}`
)

func TestPayloadsGiveTheIdsThatTheExportsGive(t *testing.T) {
	inExport := map[string]bool{}
	for _, name := range []string{"zendesk.jsonl", "intercom.json", "slack"} {
		for row, err := range openFixture(t, name, Options{}).Rows(t.Context()) {
			if err == nil {
				inExport[row.Source+" "+row.Submission.ExternalID] = true
			}
		}
	}
	for _, c := range []struct {
		vendor, body string
		want         []string
	}{
		{Zendesk, zendeskCreated, []string{"4101"}},
		{Zendesk, fmt.Sprintf(zendeskCommented, true, "77001", false), []string{"4101-9003"}},
		{Intercom, intercomReplied, []string{"215468", "215468-1002"}},
		{Slack, slackSaid, []string{"C0FEED/1772440100.000200"}},
	} {
		items, err := Payload(c.vendor, []byte(c.body))
		if err != nil || len(items) != len(c.want) {
			t.Errorf("%s: %d items, %v", c.vendor, len(items), err)
			continue
		}
		for i, item := range items {
			if item.ExternalID != c.want[i] || !inExport[c.vendor+" "+item.ExternalID] || item.OccurredAt.IsZero() {
				t.Errorf("%s: %+v, want the id %s", c.vendor, item, c.want[i])
			}
		}
	}
}

func TestAZendeskEventIsReadLikeItsTicket(t *testing.T) {
	items, err := Payload(Zendesk, []byte(zendeskCreated))
	if err != nil || len(items) != 1 {
		t.Fatal(items, err)
	}
	s, _ := json.Marshal(items[0])
	want := `{"external_id":"4101","occurred_at":"2026-04-02T08:15:00Z","title":"Export stops at page 40","body":"The PDF export of our berth plan stops at page 40.","author":{"id":"77001"},"customer":{"id":"560"},"attributes":{"priority":"high","status":"open","tags":["export","pdf"],"ticket":"4101","type":"problem","via":"email"}}`
	if string(s) != want {
		t.Errorf("got  %s\nwant %s", s, want)
	}
}

func TestWhatHoldsNoCustomersWordsGivesNothing(t *testing.T) {
	for name, c := range map[string][2]string{
		"an agent's comment":      {Zendesk, fmt.Sprintf(zendeskCommented, true, "11", true)},
		"a private comment":       {Zendesk, fmt.Sprintf(zendeskCommented, false, "77001", false)},
		"a change of status":      {Zendesk, `{"type":"zen:event-type:ticket.status_changed","detail":{"id":"1"},"event":{"current":"OPEN"}}`},
		"a private ticket":        {Zendesk, strings.Replace(zendeskCreated, `"is_public":true`, `"is_public":false`, 1)},
		"an admin's reply":        {Intercom, `{"type":"notification_event","topic":"conversation.admin.replied","data":{"item":{"type":"conversation","id":"1","source":{"body":"x","author":{"type":"admin"}}}}}`},
		"a ping":                  {Intercom, `{"type":"notification_event","topic":"ping","data":{"item":{"type":"ping","message":"hello"}}}`},
		"a bot's message":         {Slack, strings.Replace(slackSaid, `"user":"U01"`, `"bot_id":"B1"`, 1)},
		"a message that was gone": {Slack, strings.Replace(slackSaid, `"type":"message"`, `"type":"message","subtype":"message_deleted"`, 1)},
		"a reaction":              {Slack, `{"type":"event_callback","event":{"type":"reaction_added","user":"U1"}}`},
		"no messages":             {Contract, `[]`},
	} {
		if items, err := Payload(c[0], []byte(c[1])); err != nil || len(items) != 0 {
			t.Errorf("%s: %+v, %v", name, items, err)
		}
	}
}

func TestASlackMessageThatIsEditedKeepsItsId(t *testing.T) {
	items, err := Payload(Slack, []byte(`{"type":"event_callback","event":{"type":"message","subtype":"message_changed","channel":"C0FEED","ts":"1772440999.000100","message":{"type":"message","user":"U01","text":"We ask for tide tables","ts":"1772440100.000200","edited":{"ts":"1"}}}}`))
	if err != nil || len(items) != 1 || items[0].ExternalID != "C0FEED/1772440100.000200" || items[0].Body != "We ask for tide tables" {
		t.Errorf("%+v, %v", items, err)
	}
}

func TestPayloadsInTheContractAreTakenAsTheyAre(t *testing.T) {
	for _, vendor := range []string{Contract, Zendesk} { // of Zendesk it is what a trigger sends
		items, err := Payload(vendor, []byte(`{"external_id":"7","body":"Too slow","rating":2,"customer":{"id":"c1"}}`))
		if err != nil || len(items) != 1 || items[0].ExternalID != "7" || *items[0].Rating != 2 || items[0].Customer.ID != "c1" {
			t.Errorf("%s: %+v, %v", vendor, items, err)
		}
	}
	if items, err := Payload(Contract, []byte(` [{"body":"a"},{"title":"b"}]`)); err != nil || len(items) != 2 {
		t.Errorf("%+v, %v", items, err)
	}
}

func TestPayloadsThatCannotBeReadAreRefused(t *testing.T) {
	deep := strings.Repeat(`{"a":`, 40) + "1" + strings.Repeat("}", 40)
	for name, c := range map[string]struct {
		vendor, body, want string
		code               feedback.Code
	}{
		"nobody's":         {"jira", `{}`, "no webhook", feedback.NotFound},
		"not JSON":         {Slack, `payload=x`, "payload", feedback.Invalid},
		"not UTF-8":        {Contract, "{\"body\":\"\xff\"}", "UTF-8", feedback.Invalid},
		"deep":             {Contract, `{"body":"x","attributes":` + deep + `}`, "32 levels", feedback.Invalid},
		"deep, not closed": {Slack, strings.Repeat("[", 1<<20), "32 levels", feedback.Invalid},
		"another type":     {Zendesk, strings.Replace(zendeskCreated, `"tags":["export","pdf"]`, `"tags":5`, 1), "tags", feedback.Invalid},
		"no words":         {Contract, `{"external_id":"1"}`, "without body", feedback.Invalid},
		"null":             {Contract, `null`, "without body", feedback.Invalid},
		"two objects":      {Contract, `{"body":"a"}{"body":"b"}`, "goes on", feedback.Invalid},
		"no item":          {Intercom, `{"type":"notification_event"}`, "data.item", feedback.Invalid},
		"no comment":       {Zendesk, `{"type":"zen:event-type:ticket.comment_added","detail":{"id":"1"}}`, "no comment", feedback.Invalid},
		"behind an array":  {Contract, `[{"body":"a"}] x`, "behind its array", feedback.Invalid},
		"an open array":    {Contract, `[{"body":"a"}`, "", feedback.Invalid},
		"no comma":         {Contract, `[{"body":"a"} {"body":"b"}]`, "", feedback.Invalid},
		"a comma too many": {Contract, `[{"body":"a"},]`, "", feedback.Invalid},
		"too many":         {Contract, "[" + strings.Repeat(`{"body":"a"},`, MaxSaid) + `{"body":"a"}]`, "limit is 1000", feedback.TooLarge},
		"too long":         {Contract, `{"body":"` + strings.Repeat("x", feedback.MaxBody+1) + `"}`, "1048576", feedback.TooLarge},
	} {
		items, err := Payload(c.vendor, []byte(c.body))
		if feedback.ErrorCode(err) != c.code || !strings.Contains(err.Error(), c.want) || items != nil {
			t.Errorf("%s: %d items, %v", name, len(items), err)
		}
	}
}

func TestSlackIsToldItsChallenge(t *testing.T) {
	if word, asked := SlackChallenge([]byte(`{"type":"url_verification","token":"t","challenge":"3eZb"}`)); !asked || word != "3eZb" {
		t.Error(word, asked)
	}
	for _, body := range []string{slackSaid, "x", strings.Repeat("[", 1<<16)} {
		if _, asked := SlackChallenge([]byte(body)); asked {
			t.Errorf("%.40s is no challenge", body)
		}
	}
}

func FuzzPayload(f *testing.F) {
	for _, body := range []string{zendeskCreated, fmt.Sprintf(zendeskCommented, true, "1", false), intercomReplied, slackSaid, `[{"body":"a"}]`, `{"type":"url_verification","challenge":"x"}`} {
		f.Add([]byte(body))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		SlackChallenge(body)
		for _, vendor := range []string{Zendesk, Intercom, Slack, Contract} {
			items, err := Payload(vendor, body)
			if c := feedback.ErrorCode(err); c != "" && c != feedback.Invalid && c != feedback.TooLarge {
				t.Fatalf("%s: %v", vendor, err)
			}
			for i := range items {
				if strings.TrimSpace(items[i].Body) == "" && strings.TrimSpace(items[i].Title) == "" {
					t.Fatalf("%s: %+v", vendor, items[i])
				}
			}
		}
	})
}

func TestAPayloadOfTooManyItemsTakesNoMemoryForThem(t *testing.T) {
	body := []byte("[" + strings.Repeat("0,", 500_000) + "0]")
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, err := Payload(Contract, body)
	runtime.ReadMemStats(&after)
	if feedback.ErrorCode(err) != feedback.TooLarge || !strings.Contains(err.Error(), "limit is 1000") {
		t.Errorf("error %v", err)
	}
	if taken := after.TotalAlloc - before.TotalAlloc; taken > 16<<20 {
		t.Errorf("it took %d MiB to refuse a megabyte", taken>>20)
	}
}
