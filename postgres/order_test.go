package postgres_test

import (
	"testing"

	"earshot/feedback"
)

func TestTheQueuesOrderDecidesWhichWordingStands(t *testing.T) {
	type said struct {
		words    string
		stream   int64
		sequence uint64
		later    bool // by the clock
		want     feedback.Outcome
	}
	for name, messages := range map[string][]said{
		"the second of a batch is delivered first": {
			{"B", 7, 2, false, feedback.OutcomeStored}, {"A", 7, 1, false, feedback.OutcomeStale}, {"B", 7, 2, false, feedback.OutcomeDuplicate}},
		"A, B and A again, B is delivered last": {
			{"A", 7, 1, false, feedback.OutcomeStored}, {"A", 7, 3, false, feedback.OutcomeDuplicate}, {"B", 7, 2, false, feedback.OutcomeStale}},
		"the clock was set back between them": {
			{"A", 7, 1, true, feedback.OutcomeStored}, {"B", 7, 2, false, feedback.OutcomeUpdated}},
		"another queue: the clock decides": {
			{"A", 7, 9, false, feedback.OutcomeStored}, {"B", 8, 1, true, feedback.OutcomeUpdated}, {"A", 7, 9, false, feedback.OutcomeStale}},
	} {
		t.Run(name, func(t *testing.T) {
			store := open(t)
			for i, m := range messages {
				it := item("1", m.words)
				it.Receipt = feedback.Receipt{Stream: m.stream, Sequence: m.sequence}
				if m.later {
					it.ReceivedAt = day0.AddDate(0, 0, 1)
				}
				got, err := store.SaveItems(t.Context(), []feedback.Item{it})
				if err != nil || got[0] != m.want {
					t.Fatalf("message %d: %v, %v; want %s", i, got, err, m.want)
				}
			}
		})
	}
}

func TestADeadLetterThatCameAgainIsNotRemovedWithTheOneThatWasReplayed(t *testing.T) {
	store := open(t)
	letter := feedback.DeadLetter{ID: feedback.DeadLetterID("acme", "csv", []byte("x")), Workspace: "acme", Source: "csv", Stage: "ingest",
		Code: feedback.Invalid, Reason: "it is wrong", Payload: "x", ReceivedAt: day0, Attempts: 1}
	again := letter
	again.ReceivedAt, again.Reason = day0.AddDate(0, 0, 1), "it is still wrong"
	save := func(l feedback.DeadLetter) {
		t.Helper()
		if err := store.SaveDeadLetters(t.Context(), []feedback.DeadLetter{l}); err != nil {
			t.Fatal(err)
		}
	}
	remove := func(l feedback.DeadLetter, want int) {
		t.Helper()
		if n, err := store.RemoveDeadLetters(t.Context(), "acme", []feedback.DeadLetter{l}); err != nil || n != want {
			t.Fatalf("%d were removed, %v; want %d", n, err, want)
		}
	}
	save(letter)
	save(letter) // delivered again
	save(again)  // replayed, and refused before the replay has removed it
	remove(letter, 0)
	kept, err := store.DeadLetter(t.Context(), "acme", letter.ID.String())
	if err != nil || kept.Reason != again.Reason {
		t.Fatalf("%+v, %v", kept, err)
	}
	remove(kept, 1)
}
