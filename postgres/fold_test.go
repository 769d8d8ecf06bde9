package postgres_test

import (
	"context"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/pgvector/pgvector-go"
	pgxvector "github.com/pgvector/pgvector-go/pgx"

	"earshot/feedback"
	"earshot/internal/pgtest"
	"earshot/postgres"
)

// small is a folding whose parts a test can fill.
var small = postgres.Folding{Model: model, Least: 10, Most: 40}

// openBoth gives a store and a connection to the same database.
func openBoth(t *testing.T) (*postgres.Store, *pgx.Conn) {
	t.Helper()
	url := pgtest.NewDatabase(t, migrated)
	store, err := postgres.Open(t.Context(), postgres.Config{URL: url})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(store.Close)
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close(context.WithoutCancel(t.Context())) })
	if err := pgxvector.RegisterTypes(t.Context(), conn); err != nil {
		t.Fatal(err)
	}
	return store, conn
}

// direction is the nth of 360 directions.
func direction(n int) feedback.Vector {
	sin, cos := math.Sincos(float64(n) * math.Pi / 180)
	return feedback.Vector{float32(cos), float32(sin), 0}
}

// say saves and analyses items from one number on and before another, each in its own direction.
func say(t *testing.T, store *postgres.Store, from, until int) {
	t.Helper()
	var items []feedback.Item
	var analyses []feedback.Analysis
	for n := from; n < until; n++ {
		it := item(fmt.Sprint(n), fmt.Sprint("This is about ", n, "."))
		items = append(items, it)
		analyses = append(analyses, feedback.Analysis{Workspace: "acme", Excerpt: it.Excerpts[0].ID, Vector: direction(n),
			Labels: feedback.Labels{Kind: feedback.KindBug, Language: "en"}})
	}
	save(t, store, items...)
	if err := store.SaveAnalyses(t.Context(), model, analyses); err != nil {
		t.Fatal(err)
	}
}

// found says whether a search in the direction of an item has it first.
func found(t *testing.T, store *postgres.Store, n int) bool {
	t.Helper()
	hits, err := store.NearestExcerpts(t.Context(), "acme", model, direction(n), 5)
	if err != nil || len(hits) == 0 {
		t.Fatalf("%d hits, %v", len(hits), err)
	}
	return hits[0].Text == fmt.Sprint("This is about ", n, ".")
}

// foldAll folds until nothing is due, and gives the number of excerpts of each part that was built.
func foldAll(t *testing.T, store *postgres.Store, f postgres.Folding) (built []int) {
	t.Helper()
	for {
		done, err := store.FoldVectors(t.Context(), f)
		if err != nil {
			t.Fatal(err)
		}
		if done.Excerpts == 0 {
			return built
		}
		built = append(built, done.Excerpts)
	}
}

func exec(t *testing.T, conn *pgx.Conn, sql string, args ...any) {
	t.Helper()
	if _, err := conn.Exec(t.Context(), sql, args...); err != nil {
		t.Fatal(err)
	}
}

func number(t *testing.T, conn *pgx.Conn, sql string, args ...any) (n int) {
	t.Helper()
	if err := conn.QueryRow(t.Context(), sql, args...).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

const countIndexes = `SELECT count(*) FROM pg_class WHERE relkind = 'i' AND relname LIKE 'embeddings\_part\_%'`

func TestASearchSeesEveryAnalysedExcerptBeforeAndAfterItIsFolded(t *testing.T) {
	store, conn := openBoth(t)
	few := postgres.Folding{Model: model, Least: 5, Most: 20}
	say(t, store, 0, 4)
	if built := foldAll(t, store, few); built != nil {
		t.Fatalf("four excerpts were folded: %v", built)
	}
	said := 4
	for _, until := range []int{12, 23, 30, 52} {
		say(t, store, said, until)
		said = until
		for range 2 { // just analysed, and folded
			for n := range said {
				if !found(t, store, n) {
					t.Errorf("of %d, the excerpt %d is not found", said, n)
				}
			}
			foldAll(t, store, few)
		}
		say(t, store, said, said+1)
		if !found(t, store, said) {
			t.Errorf("the excerpt %d, which came after the last part, is not found", said)
		}
		said++
	}
	states, err := store.IndexStates(t.Context(), few)
	if err != nil || len(states) != 1 || states[0].Indexed+states[0].Behind != said || states[0].Behind < 1 || states[0].Oldest <= 0 {
		t.Errorf("%+v, %v; want %d excerpts in all", states, err, said)
	}
	if n := number(t, conn, countIndexes); n != states[0].Parts || n < 2 {
		t.Errorf("%d indexes for %d parts", n, states[0].Parts)
	}
	exec(t, conn, `UPDATE index_parts SET until = until + 1000 WHERE until = (SELECT max(until) FROM index_parts)`)
	if !found(t, store, said-1) {
		t.Error("a part whose index does not bear its range out is not scanned")
	}
	exec(t, conn, `UPDATE index_parts SET first = first + 1000 WHERE until = (SELECT max(until) FROM index_parts)`)
	unseen := 0
	for n := range said {
		if !found(t, store, n) {
			unseen++
		}
	}
	if unseen == 0 {
		t.Error("the test would not see excerpts that are neither indexed nor scanned")
	}
}

func TestAPartIsSearchedThroughItsIndex(t *testing.T) {
	store, conn := openBoth(t)
	say(t, store, 0, 12)
	foldAll(t, store, small)
	plan := func(settings string) string {
		t.Helper()
		tx, err := conn.Begin(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = tx.Rollback(t.Context()) }()
		if _, err := tx.Exec(t.Context(), settings); err != nil {
			t.Fatal(err)
		}
		rows, err := tx.Query(t.Context(), "EXPLAIN "+fmt.Sprintf(postgres.PartSearch, model.Dimensions),
			int64(1), int64(13), "acme", int16(1), 5, pgvector.NewHalfVector(direction(3)))
		if err != nil {
			t.Fatal(err)
		}
		lines, err := pgx.CollectRows(rows, pgx.RowTo[string])
		if err != nil {
			t.Fatal(err)
		}
		return strings.Join(lines, "\n")
	}
	const index = "Index Scan using embeddings_part_"
	if got := plan(`SET LOCAL enable_sort = off; SET LOCAL plan_cache_mode = force_custom_plan`); !strings.Contains(got, index) {
		t.Errorf("the part is searched without its index:\n%s", got)
	}
	if got := plan(`SET LOCAL plan_cache_mode = force_generic_plan`); strings.Contains(got, index) {
		t.Errorf("the settings are for nothing:\n%s", got)
	}
}

func TestPartsAreBuiltWholeAndNeverWrittenTo(t *testing.T) {
	store, conn := openBoth(t)
	say(t, store, 0, 20)
	foldAll(t, store, small)
	last := number(t, conn, `SELECT until FROM index_parts`)
	inParts := func() int { return number(t, conn, `SELECT count(*) FROM embeddings WHERE arrival < $1`, last) }

	say(t, store, 20, 25)
	edited := item("3", "This is about 3.") // the same words again, analysed anew
	edited.ContentHash[0]++
	edited.OccurredAt = day0.AddDate(0, 0, 1)
	save(t, store, edited)
	analyse(t, store, direction(3), 0, edited)
	if n := inParts(); n != 20 {
		t.Errorf("%d vectors are in the part's range, want the 20 that it was built over", n)
	}
	edited.ContentHash[0]++
	save(t, store, edited)
	analyse(t, store, direction(200), 0, edited)
	if n := inParts(); n != 19 {
		t.Errorf("a vector that changed is in the part's range: %d, want 19", n)
	}
	if hits, err := store.NearestExcerpts(t.Context(), "acme", model, direction(200), 1); err != nil || hits[0].Text != "This is about 3." {
		t.Errorf("%+v, %v", hits, err)
	}
}

func TestSpamAndWhatOthersSaidAreNotAmongTheNearest(t *testing.T) {
	store, _ := openBoth(t)
	var spam []feedback.Item
	for n := range 150 { // more than a search of a part keeps as candidates
		it := item(fmt.Sprint("spam", n), fmt.Sprint("Cheap pills ", n))
		it.Spam = true
		spam = append(spam, it)
	}
	save(t, store, spam...)
	analyse(t, store, direction(0), 0, spam...)
	other := item("other", "Another tenant's words.")
	other.Workspace = "other"
	save(t, store, other)
	analyse(t, store, direction(0), 0, other)
	say(t, store, 0, 10)
	foldAll(t, store, postgres.Folding{Model: model, Least: 100, Most: 1000})
	hits, err := store.NearestExcerpts(t.Context(), "acme", model, direction(0), 20)
	if err != nil || len(hits) != 10 || hits[0].Text != "This is about 0." {
		t.Errorf("%d hits, %v; want the ten that are neither spam nor another's", len(hits), err)
	}
}

func TestWhatIsErasedLeavesTheIndexWithTheErasure(t *testing.T) {
	store, conn := openBoth(t)
	say(t, store, 0, 15)
	foldAll(t, store, small)
	if !found(t, store, 7) {
		t.Fatal("the test would see nothing go")
	}
	if _, err := store.Forget(t.Context(), postgres.Forgetting{
		Subject: feedback.Subject{Workspace: "acme", Kind: feedback.SubjectItem, Item: item("7").ID}, At: day0, By: "tests",
		Concerns: func(feedback.Subject, *feedback.DeadLetter) bool { return false },
		Redact:   func(d []byte, _ feedback.Gone) ([]byte, bool, error) { return d, false, nil },
	}); err != nil {
		t.Fatal(err)
	}
	hits, err := store.NearestExcerpts(t.Context(), "acme", model, direction(7), 20)
	if err != nil || len(hits) != 14 || number(t, conn, `SELECT count(*) FROM embeddings`) != 14 {
		t.Errorf("%d hits, %v; want the 14 that are left", len(hits), err)
	}
}

func TestFoldingIsForOneAndGoesOnWhereItWasStopped(t *testing.T) {
	store, conn := openBoth(t)
	say(t, store, 0, 15)
	exec(t, conn, `SELECT pg_advisory_lock(hashtext('earshot index'))`)
	if built := foldAll(t, store, small); built != nil {
		t.Errorf("two fold at once: %v", built)
	}
	exec(t, conn, `SELECT pg_advisory_unlock_all()`)
	// What is left where the server or the process ends in the middle: an index that no part has.
	exec(t, conn, `CREATE INDEX embeddings_part_1 ON embeddings USING hnsw ((embedding::halfvec(3)) halfvec_cosine_ops) WHERE arrival < 7`)
	stopped, stop := context.WithCancel(t.Context())
	stop()
	if _, err := store.FoldVectors(stopped, small); err == nil {
		t.Error("it goes on though it was stopped")
	}
	if built := fmt.Sprint(foldAll(t, store, small)); built != "[15]" || number(t, conn, countIndexes) != 1 {
		t.Errorf("built %s, %d indexes; want one of 15", built, number(t, conn, countIndexes))
	}
}

func TestFoldingIsNobodysWhenItEnds(t *testing.T) {
	store, conn := openBoth(t)
	say(t, store, 0, 3)
	for n := range 50 {
		foldAll(t, store, small)
		if held := number(t, conn, `SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`); held != 0 {
			t.Fatalf("after %d times it is still taken for what folds", n+1)
		}
	}
}

func TestTheIndexOfAModelGoesWhenNothingIsAnalysedWithItAnyMore(t *testing.T) {
	store, conn := openBoth(t)
	say(t, store, 0, 12)
	foldAll(t, store, small)
	next := small
	next.Model.Version = "2"
	foldAll(t, store, next)
	if number(t, conn, countIndexes) != 1 || !found(t, store, 5) {
		t.Error("the index went although its model is in use")
	}
	exec(t, conn, `INSERT INTO models (name, version, dimensions) VALUES ('test', '2', 3); UPDATE excerpts SET model_id = 2`)
	foldAll(t, store, next)
	if number(t, conn, countIndexes) != 0 || number(t, conn, `SELECT count(*) FROM index_parts`) != 0 {
		t.Error("the index of a model that nobody uses stays")
	}
}

func TestPartsGrowTogetherAndAreFew(t *testing.T) {
	p := postgres.Part
	f := postgres.Folding{Least: 25, Most: 100}
	for _, c := range []struct {
		name   string
		got    string
		wanted string
	}{
		{"too few to build", fmt.Sprint(f.Next(24)), "0 0 false"},
		{"the first", fmt.Sprint(f.Next(25)), "0 0 true"},
		{"more than one can hold", fmt.Sprint(f.Next(1000)), "0 0 true"},
		{"a second small one", fmt.Sprint(f.Next(25, p(25, 25))), "1 1 true"},
		{"small ones make a whole", fmt.Sprint(f.Next(25, p(100, 100), p(25, 25), p(25, 25), p(25, 25))), "1 4 true"},
		{"a whole one stays", fmt.Sprint(f.Next(60, p(100, 100), p(60, 60))), "2 2 true"},
		{"nothing came", fmt.Sprint(f.Next(0, p(100, 100), p(100, 51))), "0 0 false"},
		{"little is left of one", fmt.Sprint(f.Next(0, p(100, 100), p(100, 49), p(100, 50))), "1 3 true"},
		{"and its neighbours have no room", fmt.Sprint(f.Next(0, p(100, 100), p(100, 49), p(100, 90))), "0 0 false"},
	} {
		if c.got != c.wanted {
			t.Errorf("%s: %s, want %s", c.name, c.got, c.wanted)
		}
	}
}
