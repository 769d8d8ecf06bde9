package app_test

import (
	"context"
	"encoding/json"
	"errors"
	"iter"
	"maps"
	"os"
	"path/filepath"
	"testing"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"earshot/app"
	"earshot/feedback"
)

// raw sends messages as they stand.
func raw(source string, messages ...string) iter.Seq2[app.Outgoing, error] {
	return func(yield func(app.Outgoing, error) bool) {
		for _, m := range messages {
			if !yield(app.Outgoing{Source: source, Message: []byte(m)}, nil) {
				return
			}
		}
	}
}

func send(t *testing.T, a *app.App, workspace string, messages iter.Seq2[app.Outgoing, error]) {
	t.Helper()
	if _, err := a.Send(t.Context(), workspace, messages, nil, nil); err != nil {
		t.Fatal(err)
	}
}

// balanced checks the sums of the accounts, by source, and that the books balance.
func balanced(t *testing.T, a *app.App, want map[string]map[feedback.Outcome]int) {
	t.Helper()
	books, err := a.Books(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if !books.Settled() || !books.Balanced() || books.Waiting != 0 {
		t.Errorf("the books do not balance: %+v", books)
	}
	if len(books.Accounts) != len(want) {
		t.Errorf("%d accounts, want %d: %+v", len(books.Accounts), len(want), books.Accounts)
	}
	for _, account := range books.Accounts {
		sum := 0
		maps.DeleteFunc(account.Outcomes, func(_ feedback.Outcome, n int) bool { sum += n; return n == 0 })
		if !maps.Equal(account.Outcomes, want[account.Source]) || account.Received != sum || account.Pending != 0 {
			t.Errorf("%s: %+v, want %v", account.Source, account, want[account.Source])
		}
	}
}

func process(t *testing.T, a *app.App) {
	t.Helper()
	if err := a.Process(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
}

func TestTheBooksSayWhatBecameOfEveryMessage(t *testing.T) {
	a := openApp(t, app.Options{Queue: true})
	first := []string{
		`{"external_id":"1","body":"The export hangs."}`,
		`{"external_id":"2","body":"Please add a dark theme."}`,
		`{"external_id":"2","body":"Please add a dark theme."}`,
		`{"external_id":"3","body":7}`,
		`not JSON`,
	}
	send(t, a, "acme", raw("csv", first...))
	send(t, a, "other", raw("mail", first[0]))
	books, err := a.Books(t.Context())
	if err != nil || books.Waiting != 6 || !books.Balanced() || books.Accounts[0].Pending != 5 || books.Accounts[0].Received != 5 {
		t.Fatalf("before the work: %+v, %v", books, err)
	}
	process(t, a)
	want := map[string]map[feedback.Outcome]int{
		"csv":  {"stored": 2, "duplicate": 1, "dead": 2},
		"mail": {"stored": 1},
	}
	balanced(t, a, want)

	send(t, a, "acme", raw("csv", first...)) // the producer sends all of it again
	process(t, a)
	send(t, a, "acme", raw("csv", `{"external_id":"1","body":"The export still hangs."}`))
	process(t, a)
	want["csv"] = map[feedback.Outcome]int{"stored": 2, "duplicate": 4, "updated": 1, "dead": 4}
	balanced(t, a, want)

	send(t, a, "acme", func(yield func(app.Outgoing, error) bool) {
		yield(app.Outgoing{Source: "csv"}, feedback.Errorf(feedback.Invalid, "f.csv, line 2: the row is ragged"))
	})
	want["csv"]["rejected"] = 1
	balanced(t, a, want)
}

// connectTo connects to the queue of the app as a producer would that knows NATS and not Earshot.
func connectTo(t *testing.T, a *app.App) *nats.Conn {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(a.Config.DataDir, "queue", "endpoint.json"))
	if err != nil {
		t.Fatal(err)
	}
	var endpoint struct{ URL, Token string }
	if err := json.Unmarshal(data, &endpoint); err != nil {
		t.Fatal(err)
	}
	nc, err := nats.Connect(endpoint.URL, nats.Token(endpoint.Token))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(nc.Close)
	return nc
}

// ingestConsumer is what a worker pulls from, made by hand.
func ingestConsumer(t *testing.T, a *app.App) jetstream.Consumer {
	t.Helper()
	nc := connectTo(t, a)
	js, err := jetstream.New(nc)
	if err != nil {
		t.Fatal(err)
	}
	c, err := js.CreateOrUpdateConsumer(t.Context(), "EARSHOT_RECEIVED", jetstream.ConsumerConfig{
		Durable: "ingest", AckPolicy: jetstream.AckExplicitPolicy, MaxDeliver: -1, MaxAckPending: 20_000})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestAMessageThatWasAcknowledgedTooSoonIsSeenAndHandledAgain(t *testing.T) {
	a := openApp(t, app.Options{Queue: true})
	send(t, a, "acme", raw("csv", `{"external_id":"1","body":"The export hangs."}`, `{"external_id":"2","body":"The map is wrong."}`))
	batch, err := ingestConsumer(t, a).Fetch(1)
	if err != nil {
		t.Fatal(err)
	}
	for m := range batch.Messages() {
		if err := m.DoubleAck(t.Context()); err != nil { // and its worker does nothing with it
			t.Fatal(err)
		}
	}
	books, err := a.Books(t.Context())
	if err != nil || books.Unaccounted != 1 || books.Balanced() {
		t.Fatalf("%+v, %v", books, err)
	}
	process(t, a)
	balanced(t, a, map[string]map[feedback.Outcome]int{"csv": {"stored": 2}})
}

func TestMessagesThatSomebodyPurgedAreLost(t *testing.T) {
	a := openApp(t, app.Options{Queue: true})
	send(t, a, "acme", raw("csv", `{"external_id":"1","body":"The export hangs."}`))
	process(t, a)
	send(t, a, "acme", raw("csv", `{"external_id":"2","body":"The map is wrong."}`, `{"external_id":"3","body":"No dark theme."}`))
	js, err := jetstream.New(connectTo(t, a))
	if err != nil {
		t.Fatal(err)
	}
	stream, err := js.Stream(t.Context(), "EARSHOT_RECEIVED")
	if err != nil {
		t.Fatal(err)
	}
	if err := stream.Purge(t.Context(), jetstream.WithPurgeSequence(3)); err != nil {
		t.Fatal(err)
	}
	process(t, a)
	books, err := a.Books(t.Context())
	if err != nil || books.Lost != 1 || books.Unaccounted != 0 || books.Balanced() {
		t.Errorf("%+v, %v", books, err)
	}
}

func TestTheBooksBalanceAfterWorkThatWasCutOff(t *testing.T) {
	a := openApp(t, app.Options{Queue: true})
	send(t, a, "acme", many(2000))
	ctx, stop := context.WithCancel(t.Context())
	err := a.Process(ctx, func(waiting int) {
		if waiting < 1900 {
			stop()
		}
	})
	stop()
	if err != nil && !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	process(t, a)
	books, err := a.Books(t.Context())
	received := 0
	for _, account := range books.Accounts {
		received += account.Received
	}
	if err != nil || !books.Balanced() || received != 2000 {
		t.Errorf("%+v, %v", books, err)
	}
}
