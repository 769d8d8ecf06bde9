package app_test

import (
	"encoding/json"
	"fmt"
	"iter"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"earshot/app"
	"earshot/feedback"
)

// traces lists the columns, of whatever table, that hold a word anywhere: in text, bytes, JSON, arrays or search vectors.
func traces(t *testing.T, a *app.App, word string) []string {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), a.DatabaseURL())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	rows, err := conn.Query(t.Context(), `
		SELECT c.table_name, c.column_name, c.udt_name FROM information_schema.columns c
		JOIN information_schema.tables t ON t.table_schema = c.table_schema AND t.table_name = c.table_name
		WHERE c.table_schema = 'public' AND t.table_type = 'BASE TABLE'
		  AND (c.udt_name IN ('text', 'varchar', 'bytea', 'json', 'jsonb', 'tsvector', 'uuid') OR c.data_type = 'ARRAY')
		ORDER BY 1, 2`)
	if err != nil {
		t.Fatal(err)
	}
	var columns [][3]string
	var table, column, kind string
	if _, err := pgx.ForEachRow(rows, []any{&table, &column, &kind}, func() error {
		columns = append(columns, [3]string{table, column, kind})
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if len(columns) < 40 {
		t.Fatalf("only %d columns were searched", len(columns))
	}
	var found []string
	for _, c := range columns {
		name := pgx.Identifier{c[1]}.Sanitize()
		text := name + "::text"
		if c[2] == "bytea" {
			text = "encode(" + name + ", 'escape')"
		}
		var n int
		query := fmt.Sprintf("SELECT count(*) FROM %s WHERE position(lower($1) IN lower(%s)) > 0", pgx.Identifier{c[0]}.Sanitize(), text)
		if err := conn.QueryRow(t.Context(), query, word).Scan(&n); err != nil {
			t.Fatal(err)
		}
		if n > 0 {
			found = append(found, c[0]+"."+c[1])
		}
	}
	return found
}

// spoken sends submissions, each from a source of its own choice.
func spoken(submissions ...feedback.Submission) iter.Seq2[app.Outgoing, error] {
	return func(yield func(app.Outgoing, error) bool) {
		for i, s := range submissions {
			if !yield(app.Encode("mail", i+1, s)) {
				return
			}
		}
	}
}

// crowd is feedback of several people about four things; that of Jane and of her company says words that nobody else says.
func crowd() []feedback.Submission {
	said := time.Date(2026, 6, 1, 9, 0, 0, 0, time.UTC)
	topics := []string{"The export to PDF hangs when the report is long", "The calendar shows every visit twice since the update",
		"Please add a dark theme to the mobile app", "The invoice has the wrong tax for our branch"}
	var all []feedback.Submission
	for i := range 48 {
		all = append(all, feedback.Submission{ExternalID: fmt.Sprint("c", i), OccurredAt: said.Add(time.Duration(i) * time.Hour),
			Body:     fmt.Sprintf("%s, case %d of ours in the %s office.", topics[i%4], i, []string{"north", "south", "west"}[i%3]),
			Author:   &feedback.Author{ID: fmt.Sprint("u", i%12), Email: fmt.Sprintf("u%d@example.com", i%12)},
			Customer: &feedback.Customer{ID: fmt.Sprint("k", i%5), Name: fmt.Sprint("Customer ", i%5)}})
	}
	for i, topic := range topics {
		all = append(all, feedback.Submission{ExternalID: fmt.Sprint("j", i), OccurredAt: said.Add(time.Duration(100+i) * time.Hour),
			Title: "Zorblax trouble", Body: topic + ", and the zorblax of our workshop stands still for days.",
			Author:     &feedback.Author{ID: "jane-7", Email: "Jane@Example.com", Name: "Jane Zorblax"},
			Customer:   &feedback.Customer{ID: "zk", Name: "Quimbrel Ltd", Segment: "workshops"},
			Attributes: map[string]json.RawMessage{"note": json.RawMessage(`"the zorblax again"`)}})
	}
	return all
}

// heardOut is an app in which the crowd was heard, grouped and reported on, and three messages of Jane's are dead letters: one
// whole, one of which only the beginning is kept, and one that is no JSON.
func heardOut(t *testing.T) *app.App {
	t.Helper()
	a := openApp(t, app.Options{Queue: true, Now: func() time.Time { return time.Date(2026, 6, 10, 0, 0, 0, 0, time.UTC) }})
	send(t, a, "acme", spoken(crowd()...))
	send(t, a, "acme", raw("mail", `{"external_id":"bad","body":"zorblax down","rating":77,"author":{"id":"jane-7","email":"jane@example.com"},"customer":{"id":"zk"}}`))
	long := strings.Repeat("zorblax down, ", 6000)
	send(t, a, "acme", raw("mail", `{"body":"`+long+`","rating":77,"author":{"id":"jane-7","email":"jane@example.com"},"customer":{"id":"zk"}}`))
	send(t, a, "acme", raw("mail", `{"author":{"id":"jane-7","email":"jane@example.com"},"customer":{"id":"zk"},"body":"`+long))
	process(t, a)
	if _, _, err := a.Recluster(t.Context(), "acme", app.RunOptions{}); err != nil {
		t.Fatal(err)
	}
	if _, err := a.Report(t.Context(), "acme", "30d", ""); err != nil {
		t.Fatal(err)
	}
	return a
}

func forget(t *testing.T, a *app.App, kind feedback.SubjectKind, name string, dryRun bool) feedback.Erasure {
	t.Helper()
	receipt, err := a.Forget(t.Context(), "acme", kind, name, "tests", false, dryRun)
	if err != nil {
		t.Fatal(err)
	}
	return receipt
}

func TestNothingOfAForgottenPersonIsLeftInAnyTable(t *testing.T) {
	for _, c := range []struct {
		kind feedback.SubjectKind
		name string
	}{{feedback.SubjectAuthor, "jane-7"}, {feedback.SubjectAuthor, "jane@example.com"}, {feedback.SubjectCustomer, "zk"}} {
		t.Run(string(c.kind)+" "+c.name, func(t *testing.T) {
			a := heardOut(t)
			before := traces(t, a, "zorblax")
			for _, must := range []string{"items.title", "items.body", "items.attributes", "excerpts.text", "excerpts.words", "pulses.document", "dead_letters.payload"} {
				if !slices.Contains(before, must) {
					t.Fatalf("the search misses %s: it finds %v", must, before)
				}
			}
			tried := forget(t, a, c.kind, c.name, true)
			if tried.Items != 4 || tried.DeadLetters != 3 || tried.Pulses != 1 || tried.ID != 0 || tried.Vectors != tried.Excerpts {
				t.Errorf("%+v", tried)
			}
			if after := traces(t, a, "zorblax"); !slices.Equal(after, before) {
				t.Errorf("a try changed something: %v", after)
			}
			receipt := forget(t, a, c.kind, c.name, false)
			tried.ID = 1
			if receipt != tried {
				t.Errorf("got %+v, the try said %+v", receipt, tried)
			}
			if left := traces(t, a, "zorblax"); len(left) > 0 {
				t.Errorf("still in %v", left)
			}
			for _, word := range []string{"jane", "example.com"} {
				if left := traces(t, a, word); len(left) > 0 {
					t.Errorf("%s is in %v", word, left)
				}
			}
			if left := traces(t, a, "quimbrel"); c.kind == feedback.SubjectCustomer && len(left) > 0 {
				t.Errorf("the customer is in %v", left)
			}
			if again := forget(t, a, c.kind, c.name, false); again.ID != 1 || again.Items != 0 {
				t.Errorf("forgotten twice: %+v", again)
			}
			pulse, err := a.Store.LatestPulse(t.Context(), "acme")
			if err != nil || pulse.ErasedAt.IsZero() || !strings.Contains(string(pulse.Document), "[erased]") {
				t.Errorf("the Pulse is not marked: %v", err)
			}
		})
	}
}

func TestWhatWasForgottenIsKeptOutUntilItMayReturn(t *testing.T) {
	a := openApp(t, app.Options{Queue: true})
	all := crowd()
	send(t, a, "acme", spoken(all...))
	process(t, a)
	send(t, a, "acme", spoken(all[len(all)-1], feedback.Submission{ExternalID: "new", Body: "The zorblax broke.", Author: &feedback.Author{Email: "jane@example.com"}}))
	forget(t, a, feedback.SubjectAuthor, "jane@example.com", false) // while they wait in the queue
	process(t, a)
	noAuthor := all[len(all)-1]
	noAuthor.Author = nil
	send(t, a, "acme", spoken(noAuthor))
	process(t, a)
	if left := traces(t, a, "zorblax"); len(left) > 0 {
		t.Errorf("it is back in %v", left)
	}
	balanced(t, a, map[string]map[feedback.Outcome]int{"mail": {"stored": len(all), "forgotten": 3}})
	if n, err := a.AllowReturn(t.Context(), "acme", feedback.SubjectAuthor, "jane@example.com"); err != nil || n == 0 {
		t.Fatal(n, err)
	}
	send(t, a, "acme", spoken(all[len(all)-1]))
	process(t, a)
	if len(traces(t, a, "zorblax")) == 0 {
		t.Error("it may return, and does not")
	}
}

func TestForgettingOneItemLeavesTheOthersOfItsAuthor(t *testing.T) {
	a := heardOut(t)
	receipt := forget(t, a, feedback.SubjectItem, "mail:j2", false)
	list, err := a.Store.ClusterList(t.Context(), "acme")
	if err != nil {
		t.Fatal(err)
	}
	if receipt.Items != 1 || list.Items != 51 || len(traces(t, a, "zorblax")) == 0 {
		t.Errorf("%+v, %d items left", receipt, list.Items)
	}
}

func TestAnAddressStandsForTheIdsThatItWasGivenWith(t *testing.T) {
	a := openApp(t, app.Options{Queue: true})
	send(t, a, "acme", spoken(
		feedback.Submission{ExternalID: "1", Body: "The zorblax hangs.", Author: &feedback.Author{ID: "jane-7", Email: "jane@example.com"}},
		feedback.Submission{ExternalID: "2", Body: "The zorblax hangs again.", Author: &feedback.Author{ID: "jane-7"}},
		feedback.Submission{ExternalID: "3", Body: "Please add a dark theme.", Author: &feedback.Author{ID: "kim"}}))
	process(t, a)
	if receipt := forget(t, a, feedback.SubjectAuthor, "jane@example.com", false); receipt.Items != 2 {
		t.Errorf("%+v", receipt)
	}
	send(t, a, "acme", spoken(feedback.Submission{ExternalID: "4", Body: "The zorblax!", Author: &feedback.Author{ID: "jane-7"}}))
	process(t, a)
	if left := traces(t, a, "zorblax"); len(left) > 0 {
		t.Errorf("still in %v", left)
	}
}

func TestACustomerThatWasForgottenIsNotImportedAgain(t *testing.T) {
	a := heardOut(t)
	forget(t, a, feedback.SubjectCustomer, "zk", false)
	if err := a.Store.SaveCustomers(t.Context(), "acme", []feedback.Customer{{ID: "zk", Name: "Quimbrel Ltd"}, {ID: "other", Name: "Other"}}); err != nil {
		t.Fatal(err)
	}
	send(t, a, "acme", raw("mail", `{"external_id":"again","body":"It is late.","customer":{"id":"Quimbrel Ltd","name":"Quimbrel Ltd"}}`)) // by name alone
	process(t, a)
	if left := traces(t, a, "quimbrel"); len(left) > 0 {
		t.Errorf("the customer is back in %v", left)
	}
}

func TestARunThatReadWhatWasErasedMeanwhileIsMadeAgainWithoutIt(t *testing.T) {
	a := heardOut(t)
	var forgotten error
	var once sync.Once
	loads := 0
	run, _, err := a.Recluster(t.Context(), "acme", app.RunOptions{Progress: func(step string, n, total int) {
		if step == "load" && n == 0 {
			loads++
		}
		if step == "name" && n == 1 {
			once.Do(func() {
				_, forgotten = a.Forget(t.Context(), "acme", feedback.SubjectAuthor, "jane-7", "tests", false, false)
			})
		}
	}})
	if forgotten != nil || err != nil || loads != 2 || run.State != feedback.RunApplied {
		t.Fatalf("forget: %v, the run: %v, made %d times", forgotten, err, loads)
	}
	if left := traces(t, a, "zorblax"); len(left) > 0 {
		t.Errorf("still in %v", left)
	}
}
