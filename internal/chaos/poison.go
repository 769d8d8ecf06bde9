package chaos

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"earshot/feedback"
	"earshot/ingest"
)

// poison makes the n-th message of a kind; subject is set where it is not the producer's.
type poison struct {
	name    string
	subject string
	data    func(n int) string
}

// fixed is a message that differs from its like by a number.
func fixed(format string) func(int) string {
	return func(n int) string { return fmt.Sprintf(format, n) }
}

// poisons are messages that can never be taken, in twenty kinds.
var poisons = []poison{
	{name: "not JSON", data: fixed("the customer of order %d says that it hangs")},
	{name: "an array", data: fixed(`[{"external_id":"array-%d","body":"It hangs."}]`)},
	{name: "cut off", data: fixed(`{"external_id":"cut-%d","body":"It ha`)},
	{name: "two objects", data: fixed(`{"external_id":"two-%d","body":"It hangs."}{"body":"Again."}`)},
	{name: "no body", data: fixed(`{"external_id":"bodyless-%d"}`)},
	{name: "a body that is a number", data: fixed(`{"external_id":"number-%d","body":7}`)},
	{name: "a body that no one sees", data: fixed(`{"external_id":"invisible-%d","body":"<p></p>\u200b","format":"html"}`)},
	{name: "a rating out of range", data: fixed(`{"external_id":"rating-%d","body":"It hangs.","rating":99}`)},
	{name: "a score that is a text", data: fixed(`{"external_id":"score-%d","body":"It hangs.","score":"high"}`)},
	{name: "a date in the future", data: fixed(`{"external_id":"future-%d","body":"It hangs.","occurred_at":"2999-01-01T00:00:00Z"}`)},
	{name: "a date before there were products", data: fixed(`{"external_id":"past-%d","body":"It hangs.","occurred_at":"1066-10-14T00:00:00Z"}`)},
	{name: "a date that is none", data: fixed(`{"external_id":"date-%d","body":"It hangs.","occurred_at":"tomorrow"}`)},
	{name: "an unknown format", data: fixed(`{"external_id":"format-%d","body":"It hangs.","format":"rtf"}`)},
	{name: "a customer without an id", data: fixed(`{"external_id":"customer-%d","body":"It hangs.","customer":{"name":"Acme"}}`)},
	{name: "attributes that are a list", data: fixed(`{"external_id":"attributes-%d","body":"It hangs.","attributes":[1]}`)},
	{name: "too deep", data: func(n int) string {
		return fmt.Sprintf(`{"external_id":"deep-%d","body":"It hangs.","attributes":{"a":%s1%s}}`, n,
			strings.Repeat("[", 10*ingest.MaxDepth), strings.Repeat("]", 10*ingest.MaxDepth))
	}},
	{name: "a huge body", data: func(n int) string {
		return fmt.Sprintf(`{"external_id":"huge-%d","body":%q}`, n, strings.Repeat("It hangs. ", 150_000))
	}},
	{name: "not UTF-8", data: func(n int) string {
		return fmt.Sprintf("{\"external_id\":\"bytes-%d\",\"body\":\"It h\xffngs.\x00\"}", n)
	}},
	{name: "a workspace that is no name", subject: "feedback.received.No_Such_Place.csv", data: fixed(`{"external_id":"lost-%d","body":"It hangs."}`)},
	{name: "makes the decoder panic", data: fixed(`{"external_id":"panic-%d","body":"` + panicWord + `"}`)},
}

// Poisoned is how a queue with poison in it was drained.
type Poisoned struct {
	Took    time.Duration // until every good message was analysed
	Letters int           // dead letters
	Reasons int           // of them, those that say why
	Kinds   int           // different reasons, numbers apart
}

// Poison publishes good messages with poison among them, evenly and in an order drawn from the seed, to a queue that
// nobody drains, then starts Earshot and measures. The good ones stand in the ledger.
func Poison(ctx context.Context, a *Apart, ledger *Ledger, good, bad int, seed uint64) (r Poisoned, err error) {
	if err := a.Start(ctx); err != nil { // makes the streams
		return r, err
	}
	a.Kill()
	if err := a.publish(ctx, ledger, good, bad, seed); err != nil {
		return r, err
	}
	began := time.Now()
	if err := a.Start(ctx); err != nil {
		return r, err
	}
	for held := 0; held < good; {
		if time.Since(began) > time.Hour {
			return r, fmt.Errorf("%d of %d messages were analysed in an hour", held, good)
		}
		if err := wait(ctx, 100*time.Millisecond); err != nil {
			return r, err
		}
		const analysed = `
			SELECT count(*) FROM items i WHERE NOT EXISTS (
			    SELECT FROM excerpts e WHERE e.workspace_id = i.workspace_id AND e.item_id = i.id AND e.model_id IS NULL)`
		if err := one(ctx, a.cluster.URL("earshot"), analysed, &held); err != nil {
			return r, err
		}
	}
	r.Took = time.Since(began)
	if err := a.Drain(ctx); err != nil {
		return r, err
	}
	const (
		letters = `SELECT count(*) FROM dead_letters`
		reasons = `SELECT count(*) FROM dead_letters WHERE reason NOT IN ('', 'no reason was given')`
		kinds   = `SELECT count(DISTINCT regexp_replace(reason, '[0-9]+', '', 'g')) FROM dead_letters`
	)
	for query, into := range map[string]*int{letters: &r.Letters, reasons: &r.Reasons, kinds: &r.Kinds} {
		if err := one(ctx, a.cluster.URL("earshot"), query, into); err != nil {
			return r, err
		}
	}
	return r, nil
}

// publish puts messages into the queue as a producer that speaks to NATS itself.
func (a *Apart) publish(ctx context.Context, ledger *Ledger, good, bad int, seed uint64) error {
	nc, err := nats.Connect("nats://"+a.listen, nats.Token(a.token))
	if err != nil {
		return err
	}
	defer nc.Close()
	js, err := jetstream.New(nc, jetstream.WithPublishAsyncMaxPending(256))
	if err != nil {
		return err
	}
	chance := rand.New(rand.NewPCG(seed, 5))
	order := chance.Perm(good + bad)
	var sent []sending
	futures := make([]jetstream.PubAckFuture, 0, len(order))
	for _, k := range order {
		m := &nats.Msg{Subject: "feedback.received." + Workspace + "." + Source}
		if k < good {
			s := sending{id: fmt.Sprintf("good-%d", k), version: 1}
			sent = append(sent, s)
			m.Data = message(s.id, s.version)
		} else {
			kind := poisons[k%len(poisons)]
			m.Data = []byte(kind.data(k))
			if kind.subject != "" {
				m.Subject = kind.subject
			}
		}
		f, err := js.PublishMsgAsync(m, jetstream.WithStallWait(time.Minute))
		if err != nil {
			return err
		}
		futures = append(futures, f)
	}
	for _, f := range futures {
		select {
		case <-f.Ok():
		case err := <-f.Err():
			return err
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return ledger.acknowledged(sent)
}

// KillerMessages publishes messages over which the process dies whenever it handles them, with good ones, and starts
// Earshot again and again, as an operator's supervisor does. It returns how often the process died until all was drained.
func KillerMessages(ctx context.Context, site *Site, ledger *Ledger, killers, good int) (deaths int, err error) {
	if err := site.Start(ctx); err != nil {
		return 0, err
	}
	p := NewProducer(site, ledger, "beside-killers", 1)
	var body bytes.Buffer
	for n := range killers {
		fmt.Fprintf(&body, `{"external_id":"killer-%d","body":"%s"}`+"\n", n, killWord)
	}
	if err := p.deliver(ctx, Faulty, body.Bytes()); err != nil {
		return 0, err
	}
	sent := make(chan error, 1)
	go func() { sent <- p.Send(ctx, good) }()
	for acknowledged := false; ; {
		select {
		case err := <-sent:
			if err != nil {
				return deaths, err
			}
			acknowledged = true
		case <-site.process.gone:
			deaths++
			site.Kill()
			if err := site.Start(ctx); err != nil {
				return deaths, err
			}
			continue
		case <-ctx.Done():
			return deaths, ctx.Err()
		case <-time.After(50 * time.Millisecond):
		}
		if waiting, err := site.waiting(ctx); err == nil && waiting == 0 && acknowledged {
			return deaths, nil
		}
		if deaths > 100*killers {
			return deaths, feedback.Errorf(feedback.Internal, "the process has died %d times over %d messages", deaths, killers)
		}
	}
}
