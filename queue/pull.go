package queue

import (
	"encoding/json"
	"errors"
	"strconv"
	"strings"
	"time"

	"earshot/feedback"

	"github.com/nats-io/nats.go"
)

const (
	// pullBytes bounds what one pull brings, for a worker's memory and the server's buffer; one message always fits.
	pullBytes = 32 << 20
	// pullGrace is how long after its end a pull's answer may be on the way.
	pullGrace = 2 * time.Second
)

// delivery is one message and what is known of its delivery.
type delivery struct {
	feedback.Message
	reply   string // where the verdict goes
	pending uint64 // messages behind it
	invalid error  // its subject names no workspace or source
	tries   *tries // nil until they were read
}

// puller pulls batches for one worker. Unlike the client's Fetch it asks, in one request, for what there is now or
// for the first message to come, with a limit of bytes, and loses no message that arrives late.
type puller struct {
	nc      *nats.Conn
	sub     *nats.Subscription
	inbox   string
	subject string
	prefix  string
	made    func() int64 // when the stream was made
	worker  int
	wait    time.Duration
	asked   int
}

func newPuller(nc *nats.Conn, s stream, made func() int64, worker int, wait time.Duration) (*puller, error) {
	inbox := nc.NewInbox()
	sub, err := nc.SubscribeSync(inbox + ".*")
	if err != nil {
		return nil, coded("pull from "+s.name, err)
	}
	if err := sub.SetPendingLimits(-1, -1); err != nil { // the pulls are the limit
		return nil, coded("pull from "+s.name, err)
	}
	return &puller{
		nc: nc, sub: sub, inbox: inbox, worker: worker, wait: wait, prefix: s.prefix, made: made,
		subject: "$JS.API.CONSUMER.MSG.NEXT." + s.name + "." + s.stage,
	}, nil
}

func (p *puller) close() { _ = p.sub.Unsubscribe() }

// pull returns up to n messages: those that are there, or the first that come within the wait; none, and no error,
// when none came. An error may come with messages, which have to be handled all the same.
func (p *puller) pull(n int) ([]*delivery, error) {
	request, err := json.Marshal(struct {
		Batch    int           `json:"batch"`
		MaxBytes int           `json:"max_bytes"`
		Expires  time.Duration `json:"expires"`
		NoWait   bool          `json:"no_wait"` // with expires: what there is, else wait for the first
	}{n, pullBytes, p.wait, true})
	if err != nil {
		return nil, feedback.Errorf(feedback.Internal, "pull: %w", err)
	}
	p.asked++
	reply := p.inbox + "." + strconv.Itoa(p.asked)
	if err := p.nc.PublishRequest(p.subject, reply, request); err != nil {
		return nil, coded("pull", err)
	}
	deadline := time.Now().Add(p.wait + pullGrace)
	var got []*delivery
	for len(got) < n {
		m, err := p.sub.NextMsg(time.Until(deadline))
		if errors.Is(err, nats.ErrTimeout) && len(got) > 0 {
			return got, nil
		}
		if err != nil {
			return got, coded("pull", err)
		}
		if !strings.HasPrefix(m.Subject, p.prefix) { // not of the stream: a word of the server
			if m.Subject != reply {
				continue // the end of an earlier request
			}
			return got, pullEnd(m.Header.Get("Status"), m.Header.Get("Description"))
		}
		d, err := p.deliver(m)
		if err != nil {
			return got, err
		}
		got = append(got, d)
	}
	return got, nil
}

// errBusy says that other workers' pulls are to have all that there is.
var errBusy = errors.New("other pulls wait for the same messages")

// pullEnd says what the end of a pull means: nil for no more messages.
func pullEnd(status, description string) error {
	switch {
	case status == "404", status == "100":
		return nil
	case status == "408" && description == "Requests Pending":
		return errBusy
	case status == "408":
		return nil
	case status == "409" && strings.Contains(description, "MaxBytes"):
		return nil
	case status == "503":
		return feedback.Errorf(feedback.NotFound, "pull: the consumer does not answer")
	case status == "409" && strings.Contains(description, "Deleted"):
		return feedback.Errorf(feedback.NotFound, "pull: the consumer was deleted")
	}
	return feedback.Errorf(feedback.Unavailable, "pull: %s %s", status, description)
}

func (p *puller) deliver(m *nats.Msg) (*delivery, error) {
	meta, err := m.Metadata()
	if err != nil {
		return nil, feedback.Errorf(feedback.Internal, "read a delivery: %w", err)
	}
	d := &delivery{reply: m.Reply, pending: meta.NumPending, Message: feedback.Message{
		Data: m.Data, ReceivedAt: meta.Timestamp.UTC(), Attempt: int(meta.NumDelivered),
		Receipt: feedback.Receipt{Stream: p.made(), Sequence: meta.Sequence.Stream},
	}}
	d.Workspace, d.Source, d.invalid = names(p.prefix, m.Subject)
	return d, nil
}

// names reads workspace and source from a subject. What names neither is returned as it stands, for the dead letter.
func names(prefix, subject string) (workspace, source string, err error) {
	rest := strings.TrimPrefix(subject, prefix)
	workspace, source, more := strings.Cut(rest, ".")
	if err := feedback.CheckWorkspace(workspace); err != nil {
		return workspace, source, err
	}
	if prefix == receivedPrefix {
		return workspace, source, feedback.CheckSource(source)
	}
	if more {
		return workspace, source, feedback.Errorf(feedback.Invalid, "the subject has too many parts").
			WithHint("publish on %s<workspace>", prefix)
	}
	return workspace, "", nil
}
