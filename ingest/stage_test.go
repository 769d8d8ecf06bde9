package ingest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf8"

	"earshot/feedback"
)

// fakeStore keeps items in memory. It refuses a batch that holds an item whose body is in bad.
type fakeStore struct {
	mu    sync.Mutex
	items map[feedback.ID]feedback.Item
	calls []int
	bad   string
	err   error
}

func (f *fakeStore) SaveItems(_ context.Context, items []feedback.Item) ([]feedback.Outcome, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.calls = append(f.calls, len(items))
	if f.err != nil {
		return nil, f.err
	}
	for _, it := range items {
		if f.bad != "" && it.Body == f.bad {
			return nil, feedback.Errorf(feedback.Invalid, "refused")
		}
	}
	if f.items == nil {
		f.items = map[feedback.ID]feedback.Item{}
	}
	out := make([]feedback.Outcome, len(items))
	for i, it := range items {
		switch known, ok := f.items[it.ID]; {
		case !ok:
			out[i] = feedback.OutcomeStored
		case known.ContentHash == it.ContentHash:
			out[i] = feedback.OutcomeDuplicate
			continue
		default:
			out[i] = feedback.OutcomeUpdated
		}
		f.items[it.ID] = it
	}
	return out, nil
}

type fakePublisher struct {
	notices []feedback.Stored
	err     error
}

func (f *fakePublisher) PublishStored(_ context.Context, s feedback.Stored) error {
	if f.err == nil {
		f.notices = append(f.notices, s)
	}
	return f.err
}

func message(workspace, data string) feedback.Message {
	return feedback.Message{Workspace: workspace, Source: "zendesk", Data: []byte(data), ReceivedAt: testNow, Attempt: 1}
}

func newStage(t testing.TB, store Store, publisher Publisher) *Stage {
	t.Helper()
	s, err := New(Config{Store: store, Publisher: publisher, Now: func() time.Time { return testNow }})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestStageSavesTheGoodAndReportsTheBad(t *testing.T) {
	store, publisher := &fakeStore{}, &fakePublisher{}
	errs := newStage(t, store, publisher).Handle(t.Context(), []feedback.Message{
		message("a", `{"external_id":"1","body":"The board is slow. Mail jane@example.com","title":"From jane@example.com"}`),
		message("a", `not json`),
		message("b", `{"external_id":"2","body":"Love the board, but the calendar sync loses half of our jobs."}`),
		message("a", `{"external_id":"3","body":"\u200b\u00ad"}`),
		message("a", `{"external_id":"4","body":"<p>ok then</p>","format":"html"}`),
	})
	for i, want := range []feedback.Code{"", feedback.Invalid, "", feedback.Invalid, ""} {
		if got := feedback.ErrorCode(errs[i]); got != want {
			t.Errorf("message %d: %v, want %q", i, errs[i], want)
		}
	}
	if !strings.Contains(errs[3].Error(), "empty after cleaning") {
		t.Errorf("no reason: %v", errs[3])
	}
	if len(store.calls) != 1 || store.calls[0] != 3 {
		t.Errorf("saved in calls of %v, want one of 3", store.calls)
	}
	if len(publisher.notices) != 2 || publisher.notices[0].Workspace != "a" || len(publisher.notices[0].Items) != 2 || publisher.notices[1].Workspace != "b" {
		t.Errorf("notices %+v", publisher.notices)
	}
	first := store.items[feedback.ItemID("a", "zendesk", "1")]
	if first.Title != "From [EMAIL_1]" || first.Body != "The board is slow. Mail [EMAIL_1]" || first.Language != "" && first.Language != "en" {
		t.Errorf("%+v", first)
	}
	second := store.items[feedback.ItemID("b", "zendesk", "2")]
	if len(second.Excerpts) != 2 {
		t.Fatalf("excerpts %+v", second.Excerpts)
	}
	for _, e := range second.Excerpts {
		if second.Body[e.Start:e.End] != e.Text || e.ID != feedback.ExcerptID(second.ID, e.Text, 0) {
			t.Errorf("%+v", e)
		}
	}
}

func TestStageHandlesTheSameBatchTwice(t *testing.T) {
	store, publisher := &fakeStore{}, &fakePublisher{}
	stage := newStage(t, store, publisher)
	batch := []feedback.Message{message("a", `{"external_id":"1","body":"slow board"}`), message("a", `{"body":"no id at all"}`)}
	for range 2 {
		for _, err := range stage.Handle(t.Context(), batch) {
			if err != nil {
				t.Fatal(err)
			}
		}
		batch[1].ReceivedAt = batch[1].ReceivedAt.Add(time.Hour) // a producer that sends it again, not a redelivery
	}
	if len(store.items) != 2 || len(publisher.notices) != 2 {
		t.Errorf("%d items, %d notices: a duplicate may be of a message that nobody was told of", len(store.items), len(publisher.notices))
	}
	edited := []feedback.Message{message("a", `{"external_id":"1","body":"slow board, edited"}`)}
	if errs := stage.Handle(t.Context(), edited); errs[0] != nil || len(publisher.notices) != 3 {
		t.Errorf("an edit is news: %v, %d notices", errs[0], len(publisher.notices))
	}
}

func TestStageIsolatesTheItemThatTheStoreRefuses(t *testing.T) {
	store, publisher := &fakeStore{bad: "poison"}, &fakePublisher{}
	var batch []feedback.Message
	for i := range 64 {
		body := fmt.Sprint("message ", i)
		if i == 37 {
			body = "poison"
		}
		batch = append(batch, message("a", fmt.Sprintf(`{"external_id":"%d","body":%q}`, i, body)))
	}
	errs := newStage(t, store, publisher).Handle(t.Context(), batch)
	for i, err := range errs {
		if want := feedback.Code(""); i == 37 {
			want = feedback.Invalid
			if feedback.ErrorCode(err) != want {
				t.Errorf("the culprit: %v", err)
			}
		} else if err != nil {
			t.Errorf("message %d: %v", i, err)
		}
	}
	if len(store.items) != 63 || len(publisher.notices) != 1 || len(publisher.notices[0].Items) != 63 || len(store.calls) > 14 {
		t.Errorf("%d items, %d notices, %d calls", len(store.items), len(publisher.notices), len(store.calls))
	}
}

func TestStageLeavesTheBatchWhenTheStoreIsAway(t *testing.T) {
	store, publisher := &fakeStore{err: feedback.Errorf(feedback.Unavailable, "no database")}, &fakePublisher{}
	errs := newStage(t, store, publisher).Handle(t.Context(), []feedback.Message{message("a", `{"body":"x y z"}`), message("a", `{"body":"z y x"}`), message("a", `{}`)})
	if feedback.ErrorCode(errs[0]) != feedback.Unavailable || feedback.ErrorCode(errs[1]) != feedback.Unavailable || feedback.ErrorCode(errs[2]) != feedback.Invalid {
		t.Errorf("%v", errs)
	}
	if len(store.calls) != 1 || len(publisher.notices) != 0 {
		t.Errorf("%d calls, %d notices: an outage is no reason to halve", len(store.calls), len(publisher.notices))
	}
}

func TestStageReportsWhatWasNotPublished(t *testing.T) {
	store, publisher := &fakeStore{}, &fakePublisher{err: errors.New("queue away")}
	errs := newStage(t, store, publisher).Handle(t.Context(), []feedback.Message{message("a", `{"body":"x y z"}`)})
	if errs[0] == nil || len(store.items) != 1 {
		t.Errorf("%v, %d items", errs[0], len(store.items))
	}
}

func TestStageStopsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	errs := newStage(t, &fakeStore{}, &fakePublisher{}).Handle(ctx, []feedback.Message{message("a", `{"body":"x y z"}`)})
	if feedback.ErrorCode(errs[0]) != feedback.Unavailable {
		t.Errorf("%v", errs[0])
	}
}

func TestPrepareKeepsNoAddressAnywhere(t *testing.T) {
	m := message("a", `{"external_id":"ticket-jane@example.com","title":"from jane@example.com","body":"Jane Doe here, jane@example.com","url":"https://example.com/t?mail=jane@example.com&token=abcdef123456",
		"author":{"name":"Jane Doe","email":"jane@example.com"},"customer":{"id":"jane@example.com","name":"jane@example.com","attributes":{"contact":"jane@example.com"}},
		"attributes":{"reply_to":"jane@example.com","cc":["Jane Doe",{"jane@example.com":1}],"phone":2025550143000,"plain":"Galaxy A52","n":7}}`)
	item, err := Prepare(&m, testNow)
	if err != nil {
		t.Fatal(err)
	}
	all, err := json.Marshal(item)
	if err != nil {
		t.Fatal(err)
	}
	for _, secret := range []string{"jane@", "Jane Doe", "abcdef123456"} {
		if strings.Contains(string(all), secret) {
			t.Errorf("%q is still there: %s", secret, all)
		}
	}
	if string(item.Attributes["plain"]) != `"Galaxy A52"` || string(item.Attributes["n"]) != "7" || len(item.Author) != 32 {
		t.Errorf("%s", all)
	}
	again, _ := Prepare(&m, testNow)
	if again.Customer.ID != item.Customer.ID || !strings.HasPrefix(item.Customer.ID, "person-") || again.ID != item.ID {
		t.Errorf("a pseudonym stays: %s, %s", item.Customer.ID, again.Customer.ID)
	}
	other, _ := Prepare(&feedback.Message{Workspace: "b", Source: "zendesk", Data: m.Data, ReceivedAt: testNow}, testNow)
	if other.Customer.ID == item.Customer.ID {
		t.Error("a pseudonym tells the same person in two workspaces")
	}
}

func TestBodyHashIsOfTheWords(t *testing.T) {
	if bodyHash("The  Board\nis slow") != bodyHash("the board is SLOW") || bodyHash("the board is slow") == bodyHash("the board is slow!") {
		t.Error("case and blanks don't count, characters do")
	}
}

type fakeGrave struct{ letters []feedback.DeadLetter }

func (f *fakeGrave) SaveDeadLetters(_ context.Context, l []feedback.DeadLetter) error {
	f.letters = append(f.letters, l...)
	return nil
}

func TestDeadLettersAreRedactedAndReadable(t *testing.T) {
	for name, c := range map[string]struct{ payload, want string }{
		"JSON stays JSON":        {`{"body":"mail jane@example.com","n":1.50,"a":[true,null]}`, `{"a":[true,null],"body":"mail [EMAIL_1]","n":1.50}`},
		"escapes hide nothing":   {`{"body":"jane\u0040example.com","html":"jane&#64;example.com"}`, `{"body":"[EMAIL_1]","html":"[EMAIL_1]"}`},
		"not JSON":               {`body=jane@example.com`, `body=[EMAIL_1]`},
		"broken JSON":            {`{"body":"jane\u0040example.com"`, `{"body":"[EMAIL_1]"`},
		"not UTF-8":              {"jane@example.com \xff\xfe\x00", "[EMAIL_1] \uFFFD"},
		"the author is a hash":   {`{"author":{"name":"Jane Doe"},"body":"Jane Doe"}`, `{"author":{"id":"sha256:`},
		"an author as a text":    {`{"author":"jane@example.com","body":"x"}`, `{"author":{"id":"sha256:`},
		"authors as a list":      {`{"author":["jane@example.com"],"body":"x"}`, `{"author":["[EMAIL_1]"]`},
		"base64 is dropped":      {`{"data_base64":"eyJib2R5IjoieCJ9"}`, `{"data_base64":"[data removed]"}`},
		"an id stays the same":   {`{"external_id":"T-1","customer":{"id":"jane@example.com"}}`, `"id":"person-`},
		"empty":                  {"", ""},
		"card as a JSON number":  {`{"pan":4111111111111111}`, `{"pan":"[CARD_1]"}`},
		"address in a JSON key":  {`{"jane@example.com":1}`, `{"[EMAIL_1]":1}`},
		"a secret in plain text": {"password: Hunter2!", "password: [SECRET_1]"},
	} {
		t.Run(name, func(t *testing.T) {
			grave := &fakeGrave{}
			letter := feedback.DeadLetter{Workspace: "a", Source: "zendesk", Stage: "ingest", Code: feedback.Invalid, Reason: "body of jane@example.com", Payload: c.payload}
			if err := NewDeadLetters(grave).Bury(t.Context(), []feedback.DeadLetter{letter}); err != nil {
				t.Fatal(err)
			}
			got := grave.letters[0]
			if !strings.Contains(got.Payload, c.want) || strings.Contains(got.Payload, "Jane Doe") || strings.Contains(got.Payload, "jane@") {
				t.Errorf("got %s\nwant %s", got.Payload, c.want)
			}
			if got.Reason != "body of [EMAIL_1]" || got.ID == (feedback.ID{}) {
				t.Errorf("%+v", got)
			}
		})
	}
}

func TestDeadLettersAreBounded(t *testing.T) {
	grave := &fakeGrave{}
	letters := []feedback.DeadLetter{
		{Payload: `{"body":"` + strings.Repeat("é ", 100_000) + `"}`},
		{Payload: strings.Repeat("jane@example.com ü ", 50_000)},
		{Payload: strings.Repeat("[", 100_000)},
	}
	if err := NewDeadLetters(grave).Bury(t.Context(), letters); err != nil {
		t.Fatal(err)
	}
	for i, l := range grave.letters {
		if len(l.Payload) > MaxDeadPayload || len(l.Payload) < MaxDeadPayload/2 || !utf8.ValidString(l.Payload) || strings.Contains(l.Payload, "jane@") || l.Reason == "" {
			t.Errorf("%d: %d bytes, reason %q", i, len(l.Payload), l.Reason)
		}
	}
}

func TestReplayedDeadLetterNamesTheSamePerson(t *testing.T) {
	grave := &fakeGrave{}
	m := message("a", `{"body":"the board is slow","author":{"email":"jane@example.com"}}`)
	item, err := Prepare(&m, testNow)
	if err != nil {
		t.Fatal(err)
	}
	if err := NewDeadLetters(grave).Bury(t.Context(), []feedback.DeadLetter{{Workspace: "a", Payload: string(m.Data)}}); err != nil {
		t.Fatal(err)
	}
	m.Data = []byte(grave.letters[0].Payload)
	replayed, err := Prepare(&m, testNow)
	if err != nil || string(replayed.Author) != string(item.Author) || replayed.Body != item.Body {
		t.Errorf("%v: %x, want %x", err, replayed.Author, item.Author)
	}
}
