package postgres_test

import (
	"sync"
	"testing"
	"time"

	"earshot/feedback"
)

func TestAWatchCountsBySpansThatEndAtItsMoment(t *testing.T) {
	store := open(t)
	at := june.Start.AddDate(0, 0, 20).Add(12 * time.Hour) // said speaks at noon: an item of that very moment is left for the next look
	spam := said("spam", 20, "", "Buy links now.")
	spam.Spam = true
	items := []feedback.Item{
		said("now", 21, "big", "Not yet: it is the moment itself."),
		said("last", 20, "big", "The app crashes on start.", "The app crashes on exit."),
		said("again", 19, "small", "It crashed a second time today."),
		said("repeat", 20, "small", "It crashed a second time today."),
		said("nobody", 18, "", "Crash crash crash."),
		said("before", 10, "small", "It crashed before."),
		said("may", -40, "big", "It crashed in April."),
		spam,
	}
	save(t, store, items...)
	analyse(t, store, feedback.Vector{1, 0, 0}, -0.5, items...)
	saveRun(t, store, run(0, map[feedback.ClusterID][]feedback.Item{1: items[:6]}))
	w, err := store.Watch(t.Context(), "acme", at)
	if err != nil {
		t.Fatal(err)
	}
	if len(w.Topics) != 2 || w.Topics[0].Cluster != 0 || w.Topics[1].Cluster != 1 || w.ARR != 90600 {
		t.Fatalf("%+v", w)
	}
	c := w.Topics[1]
	if c.Items[0] != 1 || c.Items[1] != 1 || c.Items[2] != 1 || c.Items[10] != 1 || total(c.Items) != 4 || c.Excerpts[0] != 2 || c.Speakers != 3 || len(c.Quotes) != 5 {
		t.Errorf("%+v", c)
	}
	if len(w.Accounts) != 2 || w.Accounts[0].ID != "big" || w.Accounts[0].Now != 2 || w.Accounts[0].Negative != 2 || w.Accounts[0].Before != 1 || len(w.Accounts[0].Quotes) != 2 {
		t.Errorf("%+v", w.Accounts)
	}
	empty, err := store.Watch(t.Context(), "nobody", at)
	if err != nil || len(empty.Accounts) != 0 || !empty.Oldest.IsZero() {
		t.Errorf("%+v %v", empty, err)
	}
	watched, err := store.Watched(t.Context(), at)
	if err != nil || len(watched) != 1 || watched[0] != "acme" {
		t.Errorf("%v %v", watched, err)
	}
}

func alertOf(subject string, opened time.Time, evidence ...feedback.Quote) feedback.Alert {
	return feedback.Alert{ID: feedback.AlertID("acme", feedback.AlertSpike, subject, opened), Workspace: "acme", Kind: feedback.AlertSpike, Subject: subject, Open: true,
		Revision: 1, OpenedAt: opened, UpdatedAt: opened, Claim: []byte(`{}`), Evidence: evidence}
}

func TestASubjectHasOneAlertWhileItLasts(t *testing.T) {
	store := open(t)
	it := said("one", 3, "", "The app crashes on start.")
	save(t, store, it)
	evidence := feedback.Quote{Excerpt: it.Excerpts[0].ID, Text: "something else"}
	gone := feedback.Quote{Excerpt: feedback.ExcerptID(it.ID, "erased", 0), Text: "what was erased"}
	delivery := feedback.Delivery{ID: feedback.DeliveryID("acme", 1, "a", "b"), Workspace: "acme", Schedule: 1, Kind: feedback.DeliverAlert, Target: "file:a", UpdatedAt: day0}
	first := alertOf("C1", day0, evidence, gone)
	if err := store.SaveAlerts(t.Context(), []feedback.Alert{first}, []feedback.Delivery{delivery}); err != nil {
		t.Fatal(err)
	}
	// Several processes raise it at other moments: none gets through, nor do their deliveries.
	var wg sync.WaitGroup
	for n := range 4 {
		wg.Go(func() {
			d := delivery
			d.ID = feedback.DeliveryID("acme", 1, "a", string(rune('c'+n)))
			err := store.SaveAlerts(t.Context(), []feedback.Alert{alertOf("C1", day0.Add(time.Duration(n+1)*time.Second))}, []feedback.Delivery{d})
			if feedback.ErrorCode(err) != feedback.Conflict {
				t.Errorf("raised again: %v", err)
			}
		})
	}
	wg.Wait()
	list, err := store.Alerts(t.Context(), "acme", true, 10)
	if err != nil || len(list) != 1 || len(list[0].Evidence) != 1 || list[0].Evidence[0].Text != "The app crashes on start." {
		t.Fatalf("%+v %v", list, err)
	}
	if sent, err := store.Deliveries(t.Context(), "acme", 10); err != nil || len(sent) != 1 {
		t.Errorf("%+v %v", sent, err)
	}
	over := first
	over.Open, over.ClosedAt = false, day0.Add(time.Hour)
	if err := store.SaveAlerts(t.Context(), []feedback.Alert{over}, nil); err != nil {
		t.Fatal(err)
	}
	// One that is over stays over, and the subject may be raised anew.
	if err := store.SaveAlerts(t.Context(), []feedback.Alert{first, alertOf("C1", day0.AddDate(0, 0, 9))}, nil); err != nil {
		t.Fatal(err)
	}
	if list, err = store.Alerts(t.Context(), "acme", false, 10); err != nil || len(list) != 2 || !list[0].Open || list[1].Open {
		t.Errorf("%+v %v", list, err)
	}
	// A look may close an alert and raise the next of its subject, in this order; what it cannot keep whole it keeps not at all.
	second := list[0]
	second.Open = false
	third, other := alertOf("C1", day0.AddDate(0, 0, 20)), alertOf("C2", day0)
	if err := store.SaveAlerts(t.Context(), []feedback.Alert{other, third, second}, nil); feedback.ErrorCode(err) != feedback.Conflict {
		t.Errorf("raised while another stands: %v", err)
	}
	if list, err = store.Alerts(t.Context(), "acme", true, 10); err != nil || len(list) != 1 || list[0].ID != second.ID {
		t.Errorf("%+v %v", list, err)
	}
	if err := store.SaveAlerts(t.Context(), []feedback.Alert{second, third, other}, []feedback.Delivery{delivery}); err != nil {
		t.Fatal(err)
	}
	if list, err = store.Alerts(t.Context(), "acme", true, 10); err != nil || len(list) != 2 || list[0].ID != third.ID || list[1].ID != other.ID {
		t.Errorf("%+v %v", list, err)
	}
	if _, err := store.AlertByID(t.Context(), "other", first.ID); feedback.ErrorCode(err) != feedback.NotFound {
		t.Errorf("of another workspace: %v", err)
	}
}
