package classify

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"earshot/feedback"
)

var testModel = feedback.Model{Name: "fake", Version: "1", Dimensions: 2}

// fakeStore holds excerpts by item, and keeps what is saved.
type fakeStore struct {
	mu            sync.Mutex
	pending       map[feedback.ID][]feedback.Pending
	clusters      map[string][]feedback.Cluster
	saved         []feedback.Analysis
	saves         int
	asked         int
	readCentroids int
	failPending   error
	failSave      error
	failCentroids error
}

func (s *fakeStore) Pending(_ context.Context, _ feedback.Model, stored []feedback.Stored) ([]feedback.Pending, error) {
	s.asked++
	var all []feedback.Pending
	for _, one := range stored {
		for _, id := range one.Items {
			all = append(all, s.pending[id]...)
		}
	}
	return all, s.failPending
}

func (s *fakeStore) Centroids(_ context.Context, workspace string, _ feedback.Model) ([]feedback.Cluster, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.readCentroids++
	return s.clusters[workspace], s.failCentroids
}

func (s *fakeStore) SaveAnalyses(_ context.Context, _ feedback.Model, analyses []feedback.Analysis) error {
	if s.failSave != nil {
		return s.failSave
	}
	s.saves++
	s.saved = append(s.saved, analyses...)
	return nil
}

// fakeEmbedder gives the vector of the first key that a text holds, and counts.
type fakeEmbedder struct {
	vectors map[string]feedback.Vector
	calls   [][]string
	fail    error
	short   bool
}

func (e *fakeEmbedder) Model() feedback.Model { return testModel }

func (e *fakeEmbedder) Embed(_ context.Context, texts []string) ([]feedback.Vector, error) {
	e.calls = append(e.calls, slices.Clone(texts))
	if e.fail != nil {
		return nil, e.fail
	}
	vectors := make([]feedback.Vector, len(texts))
	for i, text := range texts {
		vectors[i] = feedback.Vector{0, 1}
		for key, v := range e.vectors {
			if strings.Contains(text, key) {
				vectors[i] = v
			}
		}
	}
	if e.short {
		vectors = vectors[1:]
	}
	return vectors, nil
}

func item(name string) feedback.ID { return feedback.ItemID("acme", "test", name) }

func message(workspace string, items ...string) feedback.Message {
	stored := feedback.Stored{Workspace: workspace}
	for _, name := range items {
		stored.Items = append(stored.Items, item(name))
	}
	data, _ := json.Marshal(stored)
	return feedback.Message{Workspace: workspace, Data: data}
}

func excerpt(name, text string) feedback.Pending {
	return feedback.Pending{Workspace: "acme", Excerpt: feedback.ExcerptID(item(name), text, 0), Text: text}
}

type world struct {
	store    *fakeStore
	embedder *fakeEmbedder
	now      time.Time
	stage    *Stage
}

func newWorld(t *testing.T, batchSize int) *world {
	t.Helper()
	w := &world{
		store:    &fakeStore{pending: map[feedback.ID][]feedback.Pending{}, clusters: map[string][]feedback.Cluster{}},
		embedder: &fakeEmbedder{vectors: map[string]feedback.Vector{}},
		now:      time.Date(2026, 4, 1, 0, 0, 0, 0, time.UTC),
	}
	stage, err := New(Config{Store: w.store, Embedder: w.embedder, Now: func() time.Time { return w.now }, BatchSize: batchSize})
	if err != nil {
		t.Fatal(err)
	}
	w.stage = stage
	return w
}

func TestHandleSavesABatchInOneCall(t *testing.T) {
	w := newWorld(t, 2)
	w.store.pending[item("1")] = []feedback.Pending{excerpt("1", "the app crashes"), excerpt("1", "please add a filter")}
	w.store.pending[item("2")] = []feedback.Pending{excerpt("2", "I love it")}
	titled := excerpt("2", "It does")
	titled.Title = "Crash on start"
	inside := excerpt("2", "Crash on start, every day")
	inside.Title = "Crash on start"
	w.store.pending[item("3")] = []feedback.Pending{titled, inside}

	for i, err := range w.stage.Handle(t.Context(), []feedback.Message{message("acme", "1", "2"), message("acme", "3"), message("acme", "none")}) {
		if err != nil {
			t.Errorf("message %d: %v", i, err)
		}
	}
	if w.store.asked != 1 || w.store.saves != 1 || len(w.store.saved) != 5 {
		t.Errorf("asked %d times, saved %d times, %d analyses", w.store.asked, w.store.saves, len(w.store.saved))
	}
	want := [][]string{{"the app crashes", "please add a filter"}, {"I love it", "Crash on start\nIt does"}, {"Crash on start, every day"}}
	if !slices.EqualFunc(w.embedder.calls, want, slices.Equal) {
		t.Errorf("embedded %q", w.embedder.calls)
	}
	var kinds []feedback.Kind
	for _, a := range w.store.saved {
		if a.Workspace != "acme" || len(a.Vector) != 2 || a.Excerpt == (feedback.ID{}) {
			t.Errorf("analysis %+v", a)
		}
		kinds = append(kinds, a.Labels.Kind)
	}
	if kinds[0] != feedback.KindBug || kinds[1] != feedback.KindRequest || kinds[2] != feedback.KindPraise || kinds[3] != feedback.KindBug {
		t.Errorf("kinds %v", kinds)
	}
}

func TestHandlePassesTheHint(t *testing.T) {
	w := newWorld(t, 0)
	p := excerpt("1", "Version five on a tablet")
	p.Rating = number(1)
	w.store.pending[item("1")] = []feedback.Pending{p}
	if errs := w.stage.Handle(t.Context(), []feedback.Message{message("acme", "1")}); errs[0] != nil {
		t.Fatal(errs[0])
	}
	if got := w.store.saved[0].Labels.Sentiment; got >= feedback.Negative {
		t.Errorf("one star gives %.2f", got)
	}
}

func TestHandleAnalysesNothingTwice(t *testing.T) {
	w := newWorld(t, 0)
	if errs := w.stage.Handle(t.Context(), []feedback.Message{message("acme", "known")}); errs[0] != nil {
		t.Fatal(errs[0])
	}
	if len(w.embedder.calls) != 0 || w.store.saves != 0 {
		t.Error("items without pending excerpts were embedded or saved")
	}
	if errs := w.stage.Handle(t.Context(), nil); len(errs) != 0 {
		t.Errorf("no messages give %v", errs)
	}
}

func TestHandleRefusesBadMessagesAlone(t *testing.T) {
	w := newWorld(t, 0)
	w.store.pending[item("1")] = []feedback.Pending{excerpt("1", "fine")}
	other := message("acme", "1")
	other.Workspace = "globex"
	batch := []feedback.Message{
		{Data: []byte("not json: SECRET")}, message("acme", "1"), {Data: []byte(`{"workspace":"No Such Name","items":[]}`)},
		{Data: []byte(`{"workspace":"acme","items":["zz"]}`)}, {}, other,
	}
	errs := w.stage.Handle(t.Context(), batch)
	for i, err := range errs {
		if i == 1 {
			if err != nil {
				t.Errorf("the good message: %v", err)
			}
			continue
		}
		if feedback.ErrorCode(err) != feedback.Invalid || strings.Contains(err.Error(), "SECRET") {
			t.Errorf("message %d: %v", i, err)
		}
	}
	if len(w.store.saved) != 1 {
		t.Errorf("%d analyses", len(w.store.saved))
	}
}

func TestHandleGivesEveryMessageTheCodeOfAFailure(t *testing.T) {
	away := feedback.Errorf(feedback.Unavailable, "away")
	for _, c := range []struct {
		name  string
		spoil func(*world)
		want  feedback.Code
		says  string
	}{
		{"the store is away when asked", func(w *world) { w.store.failPending = away }, feedback.Unavailable, "away"},
		{"the store is away when saving", func(w *world) { w.store.failSave = away }, feedback.Unavailable, "away"},
		{"the centroids cannot be read", func(w *world) { w.store.failCentroids = away }, feedback.Unavailable, "away"},
		{"the store fails otherwise", func(w *world) { w.store.failSave = errors.New("odd") }, feedback.Internal, "odd"},
		{"the embedder is away", func(w *world) { w.embedder.fail = away }, feedback.Unavailable, "away"},
		{"the embedder is set wrongly", func(w *world) {
			w.embedder.fail = feedback.Errorf(feedback.Invalid, "bad key").WithHint("set the key")
		}, feedback.Unavailable, "set the key"},
		{"a vector of other dimensions", func(w *world) { w.embedder.vectors["one"] = feedback.Vector{1, 0, 0} }, feedback.Internal, "3 dimensions"},
		{"a vector with NaN", func(w *world) { w.embedder.vectors["one"] = feedback.Vector{float32(math.NaN()), 0} }, feedback.Internal, "NaN"},
		{"a vector with an infinity", func(w *world) { w.embedder.vectors["one"] = feedback.Vector{float32(math.Inf(1)), 0} }, feedback.Internal, "infinity"},
		{"too few vectors", func(w *world) { w.embedder.short = true }, feedback.Internal, "1 vectors for 2 texts"},
	} {
		w := newWorld(t, 0)
		w.store.pending[item("1")] = []feedback.Pending{excerpt("1", "one"), excerpt("1", "two")}
		c.spoil(w)
		errs := w.stage.Handle(t.Context(), []feedback.Message{message("acme", "1"), {Data: []byte("{")}, message("acme", "2")})
		for _, i := range []int{0, 2} {
			if feedback.ErrorCode(errs[i]) != c.want || !strings.Contains(errs[i].Error(), c.says) {
				t.Errorf("%s: %v", c.name, errs[i])
			}
		}
		if feedback.ErrorCode(errs[1]) != feedback.Invalid {
			t.Errorf("%s: the unreadable message: %v", c.name, errs[1])
		}
		if w.store.saves != 0 {
			t.Errorf("%s: something was saved", c.name)
		}
	}
}

func TestHandleAssignsToTheNearestClusterThatIsNearEnough(t *testing.T) {
	unit := func(angle float64) feedback.Vector {
		return feedback.Vector{float32(math.Cos(angle)), float32(math.Sin(angle))}
	}
	w := newWorld(t, 0)
	w.store.clusters["acme"] = []feedback.Cluster{
		{ID: 3, Centroid: unit(0), Floor: 0.9},
		{ID: 5, Centroid: unit(1), Floor: 0.9},
		{ID: 7, Centroid: unit(2), Floor: 0.9, Retired: true},
		{ID: 9, Centroid: feedback.Vector{1, 0, 0}, Floor: 0},
	}
	spam := excerpt("1", "spam")
	spam.Spam = true
	w.store.pending[item("1")] = []feedback.Pending{
		excerpt("1", "near three"), excerpt("1", "between"), excerpt("1", "far"), excerpt("1", "zero"), spam,
		excerpt("1", "retired"),
	}
	w.embedder.vectors = map[string]feedback.Vector{
		"near three": unit(0.1), "between": unit(0.5), "far": unit(-1.5), "zero": {0, 0}, "spam": unit(0), "retired": unit(2),
	}
	if errs := w.stage.Handle(t.Context(), []feedback.Message{message("acme", "1")}); errs[0] != nil {
		t.Fatal(errs[0])
	}
	for i, want := range []feedback.ClusterID{3, 0, 0, 0, 0, 0} {
		a := w.store.saved[i]
		if a.Cluster != want || want == 0 && a.Similarity != 0 || want == 3 && math.Abs(a.Similarity-math.Cos(0.1)) > 1e-6 {
			t.Errorf("excerpt %d joined %v at %.3f, not %v", i, a.Cluster, a.Similarity, want)
		}
	}
}

func TestCentroidsAreReadAgainWhenTheyAreOld(t *testing.T) {
	w := newWorld(t, 0)
	w.store.pending[item("1")] = []feedback.Pending{excerpt("1", "one")}
	handle := func() {
		t.Helper()
		if errs := w.stage.Handle(t.Context(), []feedback.Message{message("acme", "1")}); errs[0] != nil {
			t.Fatal(errs[0])
		}
	}
	handle()
	w.now = w.now.Add(freshFor - time.Nanosecond)
	handle()
	if w.store.readCentroids != 1 {
		t.Errorf("read %d times while fresh", w.store.readCentroids)
	}
	w.now = w.now.Add(time.Nanosecond)
	handle()
	if w.store.readCentroids != 2 {
		t.Errorf("read %d times when old", w.store.readCentroids)
	}
	w.now = w.now.Add(-time.Hour) // a clock that was set back
	handle()
	if w.store.readCentroids != 3 {
		t.Errorf("read %d times after the clock went back", w.store.readCentroids)
	}
}

func TestNewChecksItsConfiguration(t *testing.T) {
	good := Config{Store: &fakeStore{}, Embedder: &fakeEmbedder{}, Now: func() time.Time { return time.Time{} }}
	for name, spoil := range map[string]func(*Config){
		"no store": func(c *Config) { c.Store = nil }, "no embedder": func(c *Config) { c.Embedder = nil },
		"no clock": func(c *Config) { c.Now = nil }, "a negative batch": func(c *Config) { c.BatchSize = -1 },
	} {
		c := good
		spoil(&c)
		if _, err := New(c); feedback.ErrorCode(err) != feedback.Invalid {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := New(good); err != nil {
		t.Error(err)
	}
}

func FuzzDecodeStored(f *testing.F) {
	f.Add(message("acme", "1", "2").Data)
	f.Add([]byte(`{"workspace":"acme","items":["00000000-0000-8000-8000-000000000000"]}`))
	f.Add([]byte(`{"workspace":"../x","items":[1]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		one, err := decodeStored(feedback.Message{Data: data})
		if err != nil {
			if feedback.ErrorCode(err) != feedback.Invalid {
				t.Fatal(err)
			}
			return
		}
		if feedback.CheckWorkspace(one.Workspace) != nil {
			t.Fatalf("workspace %q passes", one.Workspace)
		}
	})
}

func BenchmarkHandle(b *testing.B) {
	store := &fakeStore{pending: map[feedback.ID][]feedback.Pending{}, clusters: map[string][]feedback.Cluster{}}
	for i := range 100 {
		store.clusters["acme"] = append(store.clusters["acme"], feedback.Cluster{ID: feedback.ClusterID(i + 1), Centroid: feedback.Vector{1, 0}, Floor: 0.5})
	}
	for i := range 1000 {
		store.pending[item("1")] = append(store.pending[item("1")], excerpt("1", benchmarkTexts[i%len(benchmarkTexts)]))
	}
	stage, err := New(Config{Store: store, Embedder: &fakeEmbedder{}, Now: func() time.Time { return time.Time{} }})
	if err != nil {
		b.Fatal(err)
	}
	batch := []feedback.Message{message("acme", "1")}
	for b.Loop() {
		store.saved = store.saved[:0]
		if errs := stage.Handle(context.Background(), batch); errs[0] != nil {
			b.Fatal(errs[0])
		}
	}
	b.ReportMetric(1000*float64(b.N)/b.Elapsed().Seconds(), "excerpts/s")
}
