package app

import (
	"context"
	"encoding/json"
	"errors"
	"iter"
	"maps"
	"slices"
	"time"

	"earshot/feedback"
	"earshot/ingest"
)

// Outgoing is one message on its way to the queue.
type Outgoing struct {
	Source  string
	Message []byte // the message contract
}

// Intake counts what became of messages that were sent.
type Intake struct {
	Sent     int // durable in the queue
	Rejected int // refused, and among the dead letters with the reason
}

// What goes to the queue at once: so many messages, or as many as have so many bytes.
const (
	intakeBatch = 1000
	intakeBytes = 16 << 20
)

// Send publishes messages as they come, in batches, and waits while the queue is full or away. A message that cannot be
// taken, and an error of the sequence that is Invalid or TooLarge, goes to the dead letters of the workspace and to
// onReject; any other error ends it. onBatch hears after each batch how things stand: all that was taken from the sequence
// until then is durable or refused. Either may be nil.
func (a *App) Send(ctx context.Context, workspace string, messages iter.Seq2[Outgoing, error], onReject func(error), onBatch func(Intake)) (Intake, error) {
	s := &sender{app: a, workspace: workspace, onReject: onReject, dead: ingest.NewDeadLetters(a.Store), batch: map[string][][]byte{}}
	for m, err := range messages {
		switch code := feedback.ErrorCode(err); {
		case code == feedback.Invalid || code == feedback.TooLarge:
			err = s.reject(ctx, m, err)
		case err == nil:
			s.batch[m.Source] = append(s.batch[m.Source], m.Message)
			s.held++
			s.bytes += len(m.Message)
		}
		if err != nil {
			return s.done, err
		}
		if s.held >= intakeBatch || s.bytes >= intakeBytes {
			if err := s.flush(ctx); err != nil {
				return s.done, err
			}
			if onBatch != nil {
				onBatch(s.done)
			}
		}
	}
	err := s.flush(ctx)
	if err == nil && onBatch != nil {
		onBatch(s.done)
	}
	return s.done, err
}

type sender struct {
	app       *App
	workspace string
	onReject  func(error)
	dead      *ingest.DeadLetters
	batch     map[string][][]byte // by source
	held      int
	bytes     int // of what was taken since the last flush
	done      Intake
}

// flush publishes what is held, in the order of the sources' names, until all of it is durable or refused.
func (s *sender) flush(ctx context.Context) error {
	wait := 100 * time.Millisecond
	s.bytes = 0
	for s.held > 0 {
		later := map[string][][]byte{}
		var away error
		s.held = 0
		for _, source := range slices.Sorted(maps.Keys(s.batch)) {
			messages := s.batch[source]
			for i, err := range s.app.Queue.PublishReceived(ctx, s.workspace, source, messages) {
				switch feedback.ErrorCode(err) {
				case "":
					s.done.Sent++
				case feedback.Unavailable:
					later[source] = append(later[source], messages[i])
					away = err
					s.held++
				default:
					if err := s.reject(ctx, Outgoing{Source: source, Message: messages[i]}, err); err != nil {
						return err
					}
				}
			}
		}
		s.batch = later
		if s.held == 0 {
			return nil
		}
		s.app.log.Warn("the queue takes no more; waiting", "messages", s.held, "error", away)
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(wait):
		}
		wait = min(2*wait, 5*time.Second)
	}
	return nil
}

func (s *sender) reject(ctx context.Context, m Outgoing, cause error) error {
	s.done.Rejected++
	if s.onReject != nil {
		s.onReject(cause)
	}
	if m.Source == "" {
		m.Source = "import" // the row was too broken to say
	}
	// The reason names file and line, so that the same bad line is the same dead letter when it is sent again.
	id := feedback.DeadLetterID(s.workspace, m.Source, append([]byte(cause.Error()), m.Message...))
	if err := s.app.Store.CountRejected(ctx, s.workspace, m.Source, 1); err != nil {
		return err
	}
	return s.dead.Bury(ctx, []feedback.DeadLetter{{
		ID: id, Workspace: s.workspace, Source: m.Source, Stage: "import", Code: feedback.ErrorCode(cause), Reason: cause.Error(),
		Payload: string(m.Message), ReceivedAt: s.app.now().UTC(), Attempts: 1,
	}})
}

// Encode gives a submission as a message.
func Encode(source string, line int, submission feedback.Submission) (Outgoing, error) {
	data, err := json.Marshal(submission)
	if err != nil {
		return Outgoing{}, feedback.Errorf(feedback.Invalid, "line %d cannot be written as JSON: %w", line, err)
	}
	if len(data) > feedback.MaxMessage {
		return Outgoing{}, feedback.Errorf(feedback.TooLarge, "line %d has more than %d bytes", line, feedback.MaxMessage)
	}
	return Outgoing{Source: source, Message: data}, nil
}

// Process runs the workers of this process until everything in the queue is stored and analysed. Where another process
// owns the queue its workers help, and where they are many they do most of it.
func (a *App) Process(ctx context.Context, progress Progress) error {
	working, stop := context.WithCancel(ctx)
	defer stop()
	wait, err := a.StartWorkers(working, []Role{RoleIngest, RoleClassify})
	if err != nil {
		return err
	}
	drained := a.Drain(ctx, progress)
	stop()
	if err := errors.Join(drained, wait()); err != nil {
		return err
	}
	return errors.Join(a.balance(ctx), a.judgeCopies(ctx))
}
