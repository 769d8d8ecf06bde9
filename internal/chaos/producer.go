package chaos

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"sync/atomic"
	"time"
)

// Source is that of the good messages; those that the workers have to refuse come from Faulty, so that the accounts tell
// them apart.
const (
	Source = "producer"
	Faulty = "faulty"
)

// sending is one version of an item.
type sending struct {
	id      string
	version int
}

// Producer sends items over HTTP and takes no answer but 202 for an acknowledgement: everything else is sent again. It
// belongs to one goroutine.
type Producer struct {
	site    *Site
	ledger  *Ledger
	name    string
	chance  *rand.Rand
	sent    []sending // the latest version of each id
	fixable []sending // sent as dead letters to be
	faulty  int       // messages that had to become dead letters
	// Acknowledged counts messages, those of edits too.
	Acknowledged atomic.Int64
	// Refused counts requests that were not acknowledged.
	Refused atomic.Int64
}

// NewProducer makes a producer whose items no other of the same site has, if its name is its own.
func NewProducer(site *Site, ledger *Ledger, name string, seed uint64) *Producer {
	return &Producer{site: site, ledger: ledger, name: name, chance: rand.New(rand.NewPCG(seed, 7))}
}

// Send sends n new items and, mixed with them, edits of earlier ones, in requests of up to 200 rows. One request in four
// is sent twice. It returns when all is acknowledged.
func (p *Producer) Send(ctx context.Context, n int) error {
	for n > 0 {
		size := min(n, 1+p.chance.IntN(200))
		n -= size
		batch := make([]sending, 0, size+size/4)
		for range size {
			batch = append(batch, p.next(-1))
			if p.chance.IntN(4) == 0 {
				batch = append(batch, p.next(p.chance.IntN(len(p.sent)))) // perhaps one of the same request
			}
		}
		for range 1 + p.chance.IntN(4)/3 {
			if err := p.post(ctx, batch); err != nil {
				return err
			}
		}
	}
	return nil
}

// next gives a new item, or the next version of an earlier one.
func (p *Producer) next(known int) sending {
	if known < 0 {
		known = len(p.sent)
		p.sent = append(p.sent, sending{id: fmt.Sprintf("%s-%d", p.name, known)})
	}
	p.sent[known].version++
	return p.sent[known]
}

// post sends a request until it is acknowledged, and writes that down.
func (p *Producer) post(ctx context.Context, batch []sending) error {
	var body bytes.Buffer
	for _, s := range batch {
		body.Write(message(s.id, s.version))
		body.WriteByte('\n')
	}
	if err := p.deliver(ctx, Source, body.Bytes()); err != nil {
		return err
	}
	p.Acknowledged.Add(int64(len(batch)))
	return p.ledger.acknowledged(batch)
}

// deliver posts lines until the answer is 202.
func (p *Producer) deliver(ctx context.Context, source string, body []byte) error {
	for {
		r, err := http.NewRequestWithContext(ctx, http.MethodPost, p.site.url+"/v1/feedback?source="+source, bytes.NewReader(body))
		if err != nil {
			return err
		}
		r.Header.Set("Content-Type", "application/x-ndjson")
		answer, err := p.site.client.Do(r)
		if err == nil {
			text, _ := io.ReadAll(io.LimitReader(answer.Body, 300))
			_, _ = io.Copy(io.Discard, answer.Body)
			answer.Body.Close()
			switch {
			case answer.StatusCode == http.StatusAccepted:
				return nil
			case answer.StatusCode < 500:
				return fmt.Errorf("the producer is told %s: %s", answer.Status, text)
			}
		}
		p.Refused.Add(1)
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(time.Duration(20+p.chance.IntN(60)) * time.Millisecond):
		}
	}
}

// SendFaulty sends n messages that pass the door and cannot be taken: a rating out of range.
func (p *Producer) SendFaulty(ctx context.Context, n int) error {
	var body bytes.Buffer
	for range n {
		fmt.Fprintf(&body, `{"external_id":"%s-bad-%d","body":"It hangs.","rating":99}`+"\n", p.name, p.chance.Uint64())
	}
	p.faulty += n
	return p.deliver(ctx, Faulty, body.Bytes())
}
