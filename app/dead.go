package app

import (
	"context"
	"encoding/json"
	"maps"
	"slices"

	"earshot/feedback"
	"earshot/ingest"
	"earshot/internal/crash"
	"earshot/queue"
)

// Replay counts what became of dead letters that were to be sent again.
type Replay struct {
	Replayed int `json:"replayed"` // on disk in the queue, and no dead letters any more
	Kept     int `json:"kept"`     // they cannot be sent as they are
}

// replayBatch is how many letters are read and sent at once.
const replayBatch = 500

// ReplayDead publishes the payloads of dead letters again and removes those that are on disk in the queue: killed between
// the two, a letter is sent twice and applies once. The letters are those of the ids, in full or their beginnings, or
// all that the filter lets through where there are none. A payload that is not nil takes the place of the one letter's.
// A letter that cannot be sent is told to onKept and stays.
//
// Errors: NotFound for an id that there is not, Conflict for a beginning of several, Unavailable where the queue or the
// database is away.
func (a *App) ReplayDead(ctx context.Context, workspace string, ids []string, filter feedback.DeadFilter, payload []byte,
	onKept func(feedback.ID, error)) (Replay, error) {
	var done Replay
	if len(ids) > 0 {
		letters, err := a.deadByID(ctx, workspace, ids)
		if err != nil {
			return done, err
		}
		if payload != nil {
			letters[0].Payload = string(payload)
		}
		return done, a.replay(ctx, letters, &done, onKept)
	}
	for {
		// Letters that stay are behind the cursor, so that the next page begins after them.
		letters, _, err := a.Store.DeadLetters(ctx, workspace, filter, replayBatch)
		if err != nil || len(letters) == 0 {
			return done, err
		}
		last := letters[len(letters)-1]
		filter.Before, filter.BeforeID = last.ReceivedAt, last.ID
		if err := a.replay(ctx, letters, &done, onKept); err != nil {
			return done, err
		}
	}
}

// DropDead removes dead letters for good, chosen as in [App.ReplayDead], and says how many those were.
func (a *App) DropDead(ctx context.Context, workspace string, ids []string, filter feedback.DeadFilter) (int, error) {
	if len(ids) == 0 {
		return a.Store.DropDeadLetters(ctx, workspace, filter)
	}
	letters, err := a.deadByID(ctx, workspace, ids)
	if err != nil {
		return 0, err
	}
	return a.Store.RemoveDeadLetters(ctx, workspace, letters)
}

func (a *App) deadByID(ctx context.Context, workspace string, ids []string) ([]feedback.DeadLetter, error) {
	letters := make([]feedback.DeadLetter, len(ids))
	for i, id := range ids {
		var err error
		if letters[i], err = a.Store.DeadLetter(ctx, workspace, id); err != nil {
			return nil, err
		}
	}
	return letters, nil
}

// replay publishes letters, source by source, and removes those that are on disk. It stops at the first that finds the queue
// away.
func (a *App) replay(ctx context.Context, letters []feedback.DeadLetter, done *Replay, onKept func(feedback.ID, error)) error {
	keep := func(l *feedback.DeadLetter, err error) {
		done.Kept++
		onKept(l.ID, err)
	}
	bySource := map[string][]feedback.DeadLetter{}
	var sent []feedback.DeadLetter
	var failed error
	for i := range letters {
		if failed != nil {
			break
		}
		l := &letters[i]
		if err := replayable(l); err != nil {
			keep(l, err)
			continue
		}
		if l.Stage == queue.Classify {
			switch err := a.replayStored(ctx, l); feedback.ErrorCode(err) {
			case "":
				sent = append(sent, *l)
			case feedback.Invalid:
				keep(l, err)
			default:
				failed = err
			}
			continue
		}
		bySource[l.Source] = append(bySource[l.Source], *l)
	}
	for _, source := range slices.Sorted(maps.Keys(bySource)) {
		if failed != nil {
			break
		}
		group := bySource[source]
		data := make([][]byte, len(group))
		for i := range group {
			data[i] = []byte(group[i].Payload)
		}
		for i, err := range a.Queue.PublishReceived(ctx, group[0].Workspace, source, data) {
			switch feedback.ErrorCode(err) {
			case "":
				sent = append(sent, group[i])
			case feedback.Unavailable:
				failed = err
			default:
				keep(&group[i], err)
			}
		}
	}
	if len(sent) > 0 {
		crash.At(crash.ReplayPublished)
		n, err := a.Store.RemoveDeadLetters(ctx, letters[0].Workspace, sent)
		crash.At(crash.ReplayRemoved)
		done.Replayed += n
		if err != nil {
			return err
		}
	}
	return failed
}

// replayable says why a letter cannot be sent as it is.
func replayable(l *feedback.DeadLetter) error {
	switch {
	case l.Payload == "":
		return feedback.Errorf(feedback.Invalid, "the row could not be read, so there is no message").
			WithHint("correct the file and import it again, or send the message with --with")
	case !json.Valid([]byte(l.Payload)) && len(l.Payload) >= ingest.MaxDeadPayload-4:
		return feedback.Errorf(feedback.Invalid, "only the first %d bytes of the message were kept", ingest.MaxDeadPayload).
			WithHint("send the message with --with")
	case !json.Valid([]byte(l.Payload)):
		return feedback.Errorf(feedback.Invalid, "the message is not JSON, and would fail again").
			WithHint("send a corrected message with --with")
	}
	return nil
}

// replayStored hands the ids of stored items to the classify stage again.
func (a *App) replayStored(ctx context.Context, l *feedback.DeadLetter) error {
	var stored feedback.Stored
	if err := json.Unmarshal([]byte(l.Payload), &stored); err != nil {
		return feedback.Errorf(feedback.Invalid, "the ids of stored items cannot be read: %w", err)
	}
	stored.Workspace = l.Workspace
	return a.Queue.PublishStored(ctx, stored)
}
