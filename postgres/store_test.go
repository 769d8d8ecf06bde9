package postgres_test

import (
	"context"
	"crypto/sha256"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"earshot/feedback"
	"earshot/internal/pgtest"
	"earshot/postgres"
)

var (
	model = feedback.Model{Name: "test", Version: "1", Dimensions: 3}
	day0  = time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)
)

func migrated(ctx context.Context, url string) error {
	_, err := postgres.Migrate(ctx, postgres.Config{URL: url})
	return err
}

func open(t *testing.T) *postgres.Store {
	t.Helper()
	url := pgtest.NewDatabase(t, migrated)
	store, err := postgres.Open(t.Context(), postgres.Config{URL: url})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(store.Close)
	return store
}

// item makes an item whose excerpts are the given sentences.
func item(id string, sentences ...string) feedback.Item {
	body := strings.Join(sentences, "\n")
	it := feedback.Item{
		ID: feedback.ItemID("acme", "tickets", id), Workspace: "acme", Source: "tickets", ExternalID: id, Body: body,
		ContentHash: sha256.Sum256([]byte(id + body)), BodyHash: sha256.Sum256([]byte(body)),
		OccurredAt: day0, ReceivedAt: day0,
	}
	start := 0
	for _, s := range sentences {
		it.Excerpts = append(it.Excerpts, feedback.Excerpt{
			ID: feedback.ExcerptID(it.ID, s, 0), Start: start, End: start + len(s), Text: s,
		})
		start += len(s) + 1
	}
	return it
}

func save(t *testing.T, store *postgres.Store, items ...feedback.Item) []feedback.Outcome {
	t.Helper()
	outcomes, err := store.SaveItems(t.Context(), items)
	if err != nil {
		t.Fatal(err)
	}
	return outcomes
}

func pending(t *testing.T, store *postgres.Store, items ...feedback.Item) []feedback.Pending {
	t.Helper()
	st := feedback.Stored{Workspace: "acme"}
	for _, it := range items {
		st.Items = append(st.Items, it.ID)
	}
	p, err := store.Pending(t.Context(), model, []feedback.Stored{st})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// analyse gives every excerpt of the items the vector and the sentiment.
func analyse(t *testing.T, store *postgres.Store, vector feedback.Vector, sentiment float64, items ...feedback.Item) {
	t.Helper()
	var all []feedback.Analysis
	for _, p := range pending(t, store, items...) {
		all = append(all, feedback.Analysis{Workspace: p.Workspace, Excerpt: p.Excerpt, Vector: vector,
			Labels: feedback.Labels{Sentiment: sentiment, Kind: feedback.KindBug, Severity: 1, Language: "en"}})
	}
	if err := store.SaveAnalyses(t.Context(), model, all); err != nil {
		t.Fatal(err)
	}
}

func TestSavingTheSameItemsTwiceChangesNothing(t *testing.T) {
	store := open(t)
	first := save(t, store, item("1", "The app crashes."), item("2", "Add dark mode."))
	again := save(t, store, item("1", "The app crashes."), item("2", "Add dark mode."))
	if got := fmt.Sprint(first, again); got != "[stored stored] [duplicate duplicate]" {
		t.Fatal(got)
	}
	list, err := store.ClusterList(t.Context(), "acme")
	if err != nil || list.Items != 2 || list.Pending != 2 {
		t.Fatalf("items %d, pending %d, %v; want 2, 2", list.Items, list.Pending, err)
	}
}

func TestOneBatchMayHoldAnItemTwice(t *testing.T) {
	store := open(t)
	older, newer := item("1", "It is slow."), item("1", "It is fast now.")
	newer.ReceivedAt = older.ReceivedAt.Add(time.Minute)
	if got := fmt.Sprint(save(t, store, newer, older, newer)); got != "[duplicate stale stored]" {
		t.Fatal(got)
	}
	if p := pending(t, store, newer); len(p) != 1 || p[0].Text != "It is fast now." {
		t.Fatalf("%+v", p)
	}
}

func TestAnEditKeepsTheExcerptsThatItLeftStanding(t *testing.T) {
	store := open(t)
	before := item("1", "The app crashes.", "Add dark mode.")
	after := item("1", "Add dark mode.", "And a calendar.")
	after.ReceivedAt = before.ReceivedAt.Add(time.Second)
	save(t, store, before)
	analyse(t, store, feedback.Vector{1, 0, 0}, 0, before)
	if got := save(t, store, after)[0]; got != feedback.OutcomeUpdated {
		t.Fatal(got)
	}
	p := pending(t, store, after)
	if len(p) != 2 {
		t.Fatalf("%d excerpts wait for analysis, want both of the edited item", len(p))
	}
	view, err := store.ItemOfExcerpt(t.Context(), "acme", before.Excerpts[1].ID)
	if err != nil || view.Body != after.Body || len(view.Excerpts) != 2 {
		t.Fatalf("%+v, %v", view, err)
	}
	for _, e := range view.Excerpts {
		if view.Body[e.Start:e.End] != e.Text {
			t.Errorf("offsets %d-%d give %q, want %q", e.Start, e.End, view.Body[e.Start:e.End], e.Text)
		}
	}
	if _, err := store.ItemOfExcerpt(t.Context(), "acme", before.Excerpts[0].ID); feedback.ErrorCode(err) != feedback.NotFound {
		t.Errorf("the excerpt that the edit removed: %v", err)
	}
}

func TestAnItemReceivedEarlierDoesNotUndoALaterOne(t *testing.T) {
	store := open(t)
	older, newer := item("1", "It is slow."), item("1", "It is fast now.")
	newer.ReceivedAt = older.ReceivedAt.Add(time.Minute)
	save(t, store, newer)
	if got := save(t, store, older)[0]; got != feedback.OutcomeStale {
		t.Fatal(got)
	}
	if p := pending(t, store, older); len(p) != 1 || p[0].Text != "It is fast now." {
		t.Fatalf("%+v", p)
	}
}

func TestWhatAMessageLeavesOutOfACustomerIsKept(t *testing.T) {
	store := open(t)
	arr := 1200.0
	a, b := item("1", "The app crashes."), item("2", "It crashes again.")
	a.Customer = &feedback.Customer{ID: "c1", Name: "Northwind", Segment: "mid-market", ARR: &arr}
	b.Customer = &feedback.Customer{ID: "c1", Plan: "Team"}
	save(t, store, a)
	save(t, store, b)
	analyse(t, store, feedback.Vector{1, 0, 0}, -0.5, a, b)
	snap, err := store.Snapshot(t.Context(), "acme", feedback.Period{Start: day0.Truncate(24 * time.Hour), End: day0.Truncate(24*time.Hour).AddDate(0, 0, 1)}, "")
	if err != nil {
		t.Fatal(err)
	}
	if len(snap.Accounts) != 1 || snap.Accounts[0].Name != "Northwind" || snap.Accounts[0].ARR != 1200 || snap.Accounts[0].Items != 2 {
		t.Fatalf("%+v", snap.Accounts)
	}
}

func TestAWorkspaceSeesNothingOfAnother(t *testing.T) {
	store := open(t)
	it := item("1", "The app crashes.")
	save(t, store, it)
	p, err := store.Pending(t.Context(), model, []feedback.Stored{{Workspace: "other", Items: []feedback.ID{it.ID}}})
	if err != nil || len(p) != 0 {
		t.Fatalf("%v, %v", p, err)
	}
	if _, err := store.ItemOfExcerpt(t.Context(), "other", it.Excerpts[0].ID); feedback.ErrorCode(err) != feedback.NotFound {
		t.Fatal(err)
	}
	hits, err := store.MatchingExcerpts(t.Context(), "other", "app", 10)
	if err != nil || len(hits) != 0 {
		t.Fatalf("%v, %v", hits, err)
	}
}

func TestAnalysedExcerptsLeaveTheQueueOfWhatWaits(t *testing.T) {
	store := open(t)
	a, b := item("1", "The app crashes."), item("2", "Add dark mode.")
	save(t, store, a, b)
	analyse(t, store, feedback.Vector{1, 0, 0}, 0, a)
	waiting, err := store.Unanalysed(t.Context(), model, 10)
	if err != nil || len(waiting) != 1 || len(waiting[0].Items) != 1 || waiting[0].Items[0] != b.ID {
		t.Fatalf("%+v, %v", waiting, err)
	}
	other := model
	other.Version = "2"
	if waiting, err = store.Unanalysed(t.Context(), other, 10); err != nil || len(waiting[0].Items) != 2 {
		t.Fatalf("a new model finds %+v, %v; want both items", waiting, err)
	}
}

func TestPointsComeBackAsUnitVectorsInTheOrderOfTheirIDs(t *testing.T) {
	store := open(t)
	items := []feedback.Item{item("1", "a first"), item("2", "a second"), item("3", "a third")}
	items[2].Spam = true
	save(t, store, items...)
	analyse(t, store, feedback.Vector{0.6, 0.64, 0.48}, 0, items...)
	loaded, err := points(t.Context(), store, model)
	if err != nil || len(loaded) != 2 {
		t.Fatalf("%d points, %v; want the two that are no spam", len(loaded), err)
	}
	if string(loaded[0].Excerpt[:]) > string(loaded[1].Excerpt[:]) {
		t.Error("not in the order of their ids")
	}
	for _, p := range loaded {
		if l := math.Sqrt(float64(feedback.Dot(p.Vector, p.Vector))); math.Abs(l-1) > 1e-6 {
			t.Errorf("length %v", l)
		}
	}
}

func TestASearchByMeaningGivesTheNearestFirst(t *testing.T) {
	store := open(t)
	a, b := item("1", "The app crashes."), item("2", "Add dark mode.")
	save(t, store, a, b)
	analyse(t, store, feedback.Vector{1, 0, 0}, 0, a)
	analyse(t, store, feedback.Vector{0, 1, 0}, 0, b)
	hits, err := store.NearestExcerpts(t.Context(), "acme", model, feedback.Vector{0.1, 0.99, 0}, 10)
	if err != nil || len(hits) != 2 || hits[0].Text != "Add dark mode." {
		t.Fatalf("%+v, %v", hits, err)
	}
}

func TestADatabaseThatDoesNotAnswerIsUnavailable(t *testing.T) {
	_, err := postgres.Open(t.Context(), postgres.Config{URL: "postgres://nobody:geheim@127.0.0.1:1/none"})
	if feedback.ErrorCode(err) != feedback.Unavailable {
		t.Fatal(err)
	}
	if strings.Contains(err.Error(), "geheim") || strings.Contains(err.Error(), "\n") {
		t.Errorf("the error shows the password or runs over a line: %v", err)
	}
	_, err = postgres.Open(t.Context(), postgres.Config{URL: "postgres://x:geheim@[::bad/"})
	if feedback.ErrorCode(err) != feedback.Invalid || strings.Contains(err.Error(), "geheim") {
		t.Error(err)
	}
}
