package app_test

import (
	"fmt"
	"testing"
	"time"

	"earshot/app"
	"earshot/feedback"
	"earshot/queue"
)

func deadLetters(t *testing.T, a *app.App, workspace string) []feedback.DeadLetter {
	t.Helper()
	letters, total, err := a.Store.DeadLetters(t.Context(), workspace, feedback.DeadFilter{}, 100)
	if err != nil || total != len(letters) {
		t.Fatalf("%d of %d letters: %v", len(letters), total, err)
	}
	return letters
}

func items(t *testing.T, a *app.App, workspace string) int {
	t.Helper()
	list, err := a.Store.ClusterList(t.Context(), workspace)
	if err != nil {
		t.Fatal(err)
	}
	return list.Items
}

// kept notes the letters that a replay could not send.
func kept(t *testing.T, to map[feedback.ID]error) func(feedback.ID, error) {
	t.Helper()
	return func(id feedback.ID, err error) { to[id] = err }
}

func TestAReplayAppliesOnceHoweverOftenItIsDone(t *testing.T) {
	a := openApp(t, app.Options{Queue: true})
	send(t, a, "acme", raw("csv", `{"external_id":"1","body":["The export hangs."]}`, `not JSON`))
	process(t, a)
	letters := deadLetters(t, a, "acme")
	if len(letters) != 2 || items(t, a, "acme") != 0 {
		t.Fatalf("%d letters", len(letters))
	}
	stays := map[feedback.ID]error{}
	// Nothing was corrected: one fails again and comes back, the other cannot be sent at all.
	done, err := a.ReplayDead(t.Context(), "acme", nil, feedback.DeadFilter{}, nil, kept(t, stays))
	if err != nil || done.Replayed != 1 || done.Kept != 1 || len(stays) != 1 {
		t.Fatalf("%+v, %v, %v", done, stays, err)
	}
	process(t, a)
	if letters = deadLetters(t, a, "acme"); len(letters) != 2 {
		t.Fatalf("%d letters after a replay in vain", len(letters))
	}
	// Corrected, and replayed by somebody who was interrupted before the letter was removed.
	var broken feedback.DeadLetter
	for _, l := range letters {
		if _, cannot := stays[l.ID]; !cannot {
			broken = l
		}
	}
	corrected := []byte(`{"external_id":"1","body":"The export hangs."}`)
	for range 2 {
		if done, err = a.ReplayDead(t.Context(), "acme", []string{broken.ID.String()}, feedback.DeadFilter{}, corrected, kept(t, stays)); err != nil || done.Replayed != 1 {
			t.Fatalf("%+v, %v", done, err)
		}
		process(t, a)
		if err := a.Store.SaveDeadLetters(t.Context(), []feedback.DeadLetter{broken}); err != nil {
			t.Fatal(err)
		}
	}
	if n := items(t, a, "acme"); n != 1 {
		t.Errorf("%d items after two replays of one message", n)
	}
	balanced(t, a, map[string]map[feedback.Outcome]int{"csv": {"dead": 3, "stored": 1, "duplicate": 1}})
}

func TestALetterThatCannotBeSentKeepsNoOtherBack(t *testing.T) {
	a := openApp(t, app.Options{Queue: true})
	send(t, a, "acme", raw("csv", `{"external_id":"1","body":["The export hangs."]}`))
	process(t, a)
	// The latest, and so the first: valid JSON that names no items.
	if err := a.Store.SaveDeadLetters(t.Context(), []feedback.DeadLetter{{ID: feedback.DeadLetterID("acme", "", []byte("x")), Workspace: "acme",
		Stage: queue.Classify, Code: feedback.Internal, Reason: "a panic", Payload: `{"items":5}`, ReceivedAt: time.Now().Add(time.Hour), Attempts: 8}}); err != nil {
		t.Fatal(err)
	}
	stays := map[feedback.ID]error{}
	done, err := a.ReplayDead(t.Context(), "acme", nil, feedback.DeadFilter{}, nil, kept(t, stays))
	if err != nil || done.Replayed != 1 || done.Kept != 1 || len(stays) != 1 {
		t.Errorf("%+v, %v, %v", done, stays, err)
	}
}

func TestDeadLettersAreChosenByIdAndByFilter(t *testing.T) {
	a := openApp(t, app.Options{Queue: true})
	send(t, a, "acme", raw("csv", `{"body":1}`, `{"body":2}`, `{"body":"x","rating":9}`))
	send(t, a, "acme", raw("mail", `{"body":3}`))
	send(t, a, "other", raw("csv", `{"body":4}`))
	process(t, a)
	for name, test := range map[string]struct {
		filter feedback.DeadFilter
		want   int
	}{
		"all":        {feedback.DeadFilter{}, 4},
		"a source":   {feedback.DeadFilter{Source: "mail"}, 1},
		"a code":     {feedback.DeadFilter{Code: feedback.Invalid}, 4},
		"no code":    {feedback.DeadFilter{Code: feedback.TooLarge}, 0},
		"a reason":   {feedback.DeadFilter{Reason: "RATING"}, 1},
		"a wildcard": {feedback.DeadFilter{Reason: "%"}, 0},
	} {
		if letters, total, err := a.Store.DeadLetters(t.Context(), "acme", test.filter, 100); err != nil || len(letters) != test.want || total != test.want {
			t.Errorf("%s: %d of %d, want %d: %v", name, len(letters), total, test.want, err)
		}
	}
	id := deadLetters(t, a, "acme")[0].ID.String()
	for name, given := range map[string]string{"in full": id, "its beginning": id[:8], "in capitals": "ABCD"} {
		l, err := a.Store.DeadLetter(t.Context(), "acme", given)
		if found := err == nil && l.ID.String() == id; found != (name != "in capitals") {
			t.Errorf("%s: %v, %v", name, l.ID, err)
		}
	}
	if _, err := a.Store.DeadLetter(t.Context(), "other", id); feedback.ErrorCode(err) != feedback.NotFound {
		t.Errorf("a letter of another workspace: %v", err)
	}
	if _, err := a.Store.DeadLetter(t.Context(), "acme", "ab"); feedback.ErrorCode(err) != feedback.Invalid {
		t.Errorf("too short an id: %v", err)
	}
	if n, err := a.DropDead(t.Context(), "acme", nil, feedback.DeadFilter{Source: "mail"}); n != 1 || err != nil {
		t.Errorf("dropped %d, %v", n, err)
	}
	last := deadLetters(t, a, "acme")[0].ID.String()
	if n, err := a.DropDead(t.Context(), "acme", []string{last[:12]}, feedback.DeadFilter{}); n != 1 || err != nil {
		t.Errorf("dropped %d, %v", n, err)
	}
	if len(deadLetters(t, a, "other")) != 1 {
		t.Error("letters of another workspace were dropped")
	}
}

func TestAReplayPagesThroughAllThatTheFilterLetsThrough(t *testing.T) {
	a := openApp(t, app.Options{Queue: true})
	var messages []string
	for i := range 1100 {
		kind := `{"external_id":"%d","body":"x","rating":"no number"}`
		if i%2 == 0 {
			kind = `{"external_id":"%d","body":`
		}
		messages = append(messages, fmt.Sprintf(kind, i))
	}
	send(t, a, "acme", raw("csv", messages...))
	process(t, a)
	stays := map[feedback.ID]error{}
	done, err := a.ReplayDead(t.Context(), "acme", nil, feedback.DeadFilter{}, nil, kept(t, stays))
	if err != nil || done.Replayed != 550 || done.Kept != 550 || len(stays) != 550 {
		t.Errorf("%+v, %d stay, %v", done, len(stays), err)
	}
}
