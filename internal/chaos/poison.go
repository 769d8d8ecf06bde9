package chaos

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"earshot/feedback"
	"earshot/ingest"
	"earshot/queue"
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

// Poison publishes good messages with poison among them, at places drawn from the seed, to a queue that nobody drains,
// then starts Earshot and measures. The good ones stand in the ledger; they and their order are the same however much
// poison there is.
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
	for stored, left := 0, 1; stored < good || left > 0; {
		if time.Since(began) > time.Hour {
			return r, fmt.Errorf("%d of %d messages were stored in an hour, %d excerpts of them not analysed", stored, good, left)
		}
		if err := wait(ctx, 200*time.Millisecond); err != nil {
			return r, err
		}
		if err := one(ctx, a.cluster.URL("earshot"), `SELECT count(*) FROM items`, &stored); err != nil {
			return r, err
		}
		a.say("%d of %d stored", stored, good)
		if stored < good {
			continue
		}
		if left, err = unanalysed(ctx, a.cluster.URL("earshot")); err != nil {
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

// publish puts messages into the queue: those on the subject of the producer in batches, as earshot import does.
func (a *Apart) publish(ctx context.Context, ledger *Ledger, good, bad int, seed uint64) error {
	url := "nats://" + a.listen
	conn, err := queue.Connect(ctx, url, queue.Options{Token: a.token})
	if err != nil {
		return err
	}
	defer conn.Close()
	nc, err := nats.Connect(url, nats.Token(a.token))
	if err != nil {
		return err
	}
	defer nc.Close()
	js, err := jetstream.New(nc)
	if err != nil {
		return err
	}
	chance := rand.New(rand.NewPCG(seed, 5))
	order := chance.Perm(good)
	for k := range bad {
		order = slices.Insert(order, chance.IntN(len(order)+1), good+k)
	}
	var batch [][]byte
	flush := func() error {
		errs := conn.PublishReceived(ctx, Workspace, Source, batch)
		batch = nil
		return errors.Join(errs...)
	}
	sent := make([]sending, 0, good)
	for n, k := range order {
		if k < good {
			s := sending{id: fmt.Sprintf("good-%d", k), version: 1}
			sent, batch = append(sent, s), append(batch, message(s.id, s.version))
		} else if kind := poisons[k%len(poisons)]; kind.subject == "" {
			batch = append(batch, []byte(kind.data(k)))
		} else {
			if err := flush(); err != nil {
				return err
			}
			if _, err := js.Publish(ctx, kind.subject, []byte(kind.data(k))); err != nil {
				return err
			}
		}
		if len(batch) == 1000 || n == len(order)-1 {
			if err := flush(); err != nil {
				return err
			}
			a.say("%d of %d published", n+1, len(order))
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
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	sent := make(chan error, 1)
	// The process may die before it has answered, so both go on while it is started again.
	go func() { sent <- errors.Join(p.deliver(ctx, Faulty, body.Bytes()), p.Send(ctx, good)) }()
	for acknowledged := false; ; {
		select {
		case err := <-sent:
			if err != nil {
				return deaths, err
			}
			acknowledged = true
		case <-site.process.gone:
			deaths++
			site.say("%d deaths", deaths)
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
