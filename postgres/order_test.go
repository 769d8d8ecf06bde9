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
