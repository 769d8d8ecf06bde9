package app_test

import (
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"earshot/app"
	"earshot/feedback"
)

const broken = "Since the last update the route planner sends our drivers through the old town every single morning and nobody can change it."

// reposted is one review, twice with a word changed and once forwarded, and one that has nothing to do with it.
func reposted() []feedback.Submission {
	day := func(n int) time.Time { return time.Date(2026, 6, n, 9, 0, 0, 0, time.UTC) }
	return []feedback.Submission{
		{ExternalID: "1", OccurredAt: day(1), Body: broken, Author: &feedback.Author{ID: "jo"}},
		{ExternalID: "2", OccurredAt: day(2), Body: strings.Replace(broken, "single ", "", 1), Author: &feedback.Author{ID: "jo"}},
		{ExternalID: "3", OccurredAt: day(3), Title: "Fwd: Routes", Body: "FYI, see below.\n\n" + broken, Author: &feedback.Author{ID: "agent"}},
		{ExternalID: "4", OccurredAt: day(4), Body: "Please add a dark theme to the mobile app.", Author: &feedback.Author{ID: "kim"}},
	}
}

func counted(t *testing.T, a *app.App) (items, copies int) {
	t.Helper()
	list, err := a.Store.ClusterList(t.Context(), "acme")
	if err != nil {
		t.Fatal(err)
	}
	return list.Items, list.Copies
}

func TestNearCopiesAreKeptShownAndCountedOnce(t *testing.T) {
	a := openApp(t, app.Options{Queue: true})
	send(t, a, "acme", spoken(reposted()...))
	process(t, a)
	if items, copies := counted(t, a); items != 2 || copies != 2 {
		t.Fatalf("%d items and %d copies, want 2 and 2", items, copies)
	}
	june := feedback.Period{Start: time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC), End: time.Date(2026, 7, 1, 0, 0, 0, 0, time.UTC)}
	snap, err := a.Store.Snapshot(t.Context(), "acme", june, "")
	if err != nil || snap.Coverage.Items != 2 || snap.Coverage.Repeats != 2 {
		t.Errorf("the snapshot counts %+v, %v", snap.Coverage, err)
	}
	hits, err := a.Search(t.Context(), "acme", "route planner old town", 10)
	if err != nil {
		t.Fatal(err)
	}
	originals, copies := 0, 0
	for _, h := range hits {
		if h.Copies == 2 && !h.Copy {
			originals++
			item, err := a.Store.ItemOfExcerpt(t.Context(), "acme", h.Excerpt)
			if err != nil || len(item.Copies) != 2 || item.Copies[0].Original {
				t.Errorf("%+v, %v", item.Copies, err)
			}
		}
		if h.Copy {
			copies++
			item, err := a.Store.ItemOfExcerpt(t.Context(), "acme", h.Excerpt)
			if err != nil || len(item.Copies) != 2 || !item.Copies[0].Original {
				t.Errorf("%+v, %v", item.Copies, err)
			}
		}
	}
	if originals != 1 || copies != 2 {
		t.Errorf("%d originals, %d copies are found: %+v", originals, copies, hits)
	}
}

// bandRows counts the bands, and those of them whose item is gone.
func bandRows(t *testing.T, a *app.App) (orphans, all int) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), a.DatabaseURL())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	if err := conn.QueryRow(t.Context(), `
		SELECT count(*) FILTER (WHERE i.id IS NULL), count(*)
		FROM bands b LEFT JOIN items i ON i.workspace_id = b.workspace_id AND i.id = b.item_id`).Scan(&orphans, &all); err != nil {
		t.Fatal(err)
	}
	return orphans, all
}

func TestCopiesAreJudgedAnewWhenTheOriginalChangesOrGoes(t *testing.T) {
	edit := func(t *testing.T, a *app.App) {
		changed := reposted()[0]
		changed.Body = "The invoice has the wrong tax."
		send(t, a, "acme", spoken(changed))
		process(t, a)
	}
	for _, c := range []struct {
		name   string
		change func(*testing.T, *app.App)
		items  int
	}{
		{"edited", edit, 3},
		{"erased", func(t *testing.T, a *app.App) {
			receipt := forget(t, a, feedback.SubjectItem, "mail:1", false)
			if receipt.Copies != 2 {
				t.Errorf("the receipt names %d copies", receipt.Copies)
			}
			process(t, a)
		}, 2},
		{"erased with its copies", func(t *testing.T, a *app.App) {
			if _, err := a.Forget(t.Context(), "acme", feedback.SubjectItem, "mail:2", "tests", true, false); err != nil {
				t.Fatal(err)
			}
			process(t, a)
		}, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			a := openApp(t, app.Options{Queue: true})
			send(t, a, "acme", spoken(reposted()...))
			process(t, a)
			c.change(t, a)
			if orphans, bands := bandRows(t, a); orphans != 0 || bands == 0 {
				t.Errorf("%d of %d bands are those of items that went", orphans, bands)
			}
			if items, copies := counted(t, a); items != c.items || c.items > 1 && copies != 1 || c.items == 1 && copies != 0 {
				t.Errorf("%d items and %d copies, want %d items", items, copies, c.items)
			}
		})
	}
}
