package link_test

import (
	"context"
	"errors"
	"math"
	"reflect"
	"slices"
	"testing"

	"earshot/feedback"
	"earshot/link"
)

type fakeStore struct {
	clusters []feedback.Cluster
	features []feedback.Feature
	links    map[feedback.ClusterID][]feedback.Link
	saved    []feedback.Link
	saves    int
	err      error
}

func (s *fakeStore) LinkableClusters(context.Context, string, feedback.Model) ([]feedback.Cluster, error) {
	return s.clusters, s.err
}

func (s *fakeStore) Features(context.Context, string) ([]feedback.Feature, error) {
	return s.features, nil
}

func (s *fakeStore) Links(context.Context, string) (map[feedback.ClusterID][]feedback.Link, error) {
	return s.links, nil
}

func (s *fakeStore) SaveLinks(_ context.Context, _ string, links []feedback.Link) error {
	s.saved = links
	s.saves++
	return nil
}

// axes embeds a text as the axis that its first word names, so that a test says what is like what.
type axes map[string]int

func (a axes) Model() feedback.Model {
	return feedback.Model{Name: "axes", Version: "1", Dimensions: 4}
}

func (a axes) Embed(_ context.Context, texts []string) ([]feedback.Vector, error) {
	out := make([]feedback.Vector, len(texts))
	for i, text := range texts {
		out[i] = make(feedback.Vector, 4)
		for word, axis := range a {
			if len(text) >= len(word) && text[:len(word)] == word {
				out[i][axis] = 1
			}
		}
	}
	return out, nil
}

func feature(id, name string) feedback.Feature {
	return feedback.Feature{ID: id, Name: name, Kind: "feature", Path: []string{name}}
}

func cluster(id feedback.ClusterID, axis int, name string, keywords ...string) feedback.Cluster {
	c := feedback.Cluster{ID: id, Name: name, Keywords: keywords, Centroid: make(feedback.Vector, 4)}
	if axis >= 0 {
		c.Centroid[axis] = 1
	}
	return c
}

var embedder = axes{"Undo": 0, "Battery": 1, "Export": 2}

func newStore() *fakeStore {
	return &fakeStore{
		features: []feedback.Feature{
			feature("f-undo", "Undo on the board"),
			feature("f-battery", "Battery saver"),
			feature("f-export", "Export of reports"),
			{ID: "p-app", Name: "App", Kind: "product", Path: []string{"App"}},
		},
		clusters: []feedback.Cluster{
			cluster(1, 0, "undo a move", "undo", "undoing", "moved"),
			cluster(2, 1, "batteries flat by noon", "batteries", "flat"),
			cluster(3, 3, "carbon report", "carbon", "emissions"),
		},
	}
}

func mustLink(t *testing.T, store *fakeStore, cfg link.Config) link.Summary {
	t.Helper()
	cfg.Store, cfg.Embedder = store, embedder
	stage, err := link.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	sum, err := stage.Link(context.Background(), "default")
	if err != nil {
		t.Fatal(err)
	}
	return sum
}

func linkOf(links []feedback.Link, id feedback.ClusterID) *feedback.Link {
	i := slices.IndexFunc(links, func(l feedback.Link) bool { return l.Cluster == id })
	if i < 0 {
		return nil
	}
	return &links[i]
}

func TestAClearFitIsAutomaticAndNothingIsForced(t *testing.T) {
	store := newStore()
	sum := mustLink(t, store, link.Config{})
	if want := (link.Summary{Clusters: 3, Features: 3, Automatic: 2, Abstained: 1}); sum != want {
		t.Errorf("summary %+v, want %+v; links %+v", sum, want, store.saved)
	}
	undo := linkOf(store.saved, 1)
	if undo == nil || undo.Feature != "f-undo" || undo.State != feedback.LinkAutomatic || undo.RunnerUp == "" || undo.RunnerUpScore >= undo.Score {
		t.Errorf("C1: %+v", undo)
	}
	if battery := linkOf(store.saved, 2); battery == nil || !slices.Equal(battery.Evidence, []string{"batteries"}) {
		t.Errorf("C2: %+v, want the evidence in the cluster's own form", battery)
	}
	if l := linkOf(store.saved, 3); l != nil {
		t.Errorf("C3 fits no feature, and is linked: %+v", l)
	}
	for _, l := range store.saved {
		if !(l.Score > 0 && l.Score < 1) {
			t.Errorf("%v: score %v", l.Cluster, l.Score)
		}
	}
}

func TestTwoFeaturesThatAreAlikeAreOnlySuggested(t *testing.T) {
	store := newStore()
	store.features = append(store.features, feature("f-undo-2", "Undo on the board"))
	mustLink(t, store, link.Config{})
	l := linkOf(store.saved, 1)
	if l == nil || l.State != feedback.LinkSuggested || l.Feature != "f-undo" || l.RunnerUp != "f-undo-2" {
		t.Errorf("C1: %+v, want a suggestion of the first of the two", l)
	}
	// Without a lead to keep, the same link is automatic.
	mustLink(t, store, link.Config{Lead: 1})
	if l := linkOf(store.saved, 1); l.State != feedback.LinkAutomatic {
		t.Errorf("C1 with a lead of 1: %+v", l)
	}
}

func TestARejectedPairIsNeverProposedAgain(t *testing.T) {
	store := newStore()
	store.links = map[feedback.ClusterID][]feedback.Link{1: {{Cluster: 1, Feature: "f-undo", State: feedback.LinkRejected}}}
	mustLink(t, store, link.Config{Suggest: 1e-9})
	l := linkOf(store.saved, 1)
	if l == nil || l.Feature == "f-undo" || l.RunnerUp == "f-undo" {
		t.Errorf("C1: %+v, want neither the feature nor the runner-up to be the rejected one", l)
	}
}

func TestAConfirmedLinkStandsAlone(t *testing.T) {
	store := newStore()
	store.links = map[feedback.ClusterID][]feedback.Link{1: {{Cluster: 1, Feature: "f-export", State: feedback.LinkConfirmed}}}
	sum := mustLink(t, store, link.Config{})
	if sum.Confirmed != 1 || linkOf(store.saved, 1) != nil {
		t.Errorf("summary %+v, C1: %+v, want nothing proposed beside what a person decided", sum, linkOf(store.saved, 1))
	}
	// An automatic or suggested link decides nothing: the same clusters give the same links again.
	store.links[1][0].State = feedback.LinkAutomatic
	if mustLink(t, store, link.Config{}); linkOf(store.saved, 1) == nil {
		t.Error("an automatic link of an earlier run kept the cluster from being linked")
	}
}

func TestTheOrderOfFeaturesDecidesNothing(t *testing.T) {
	a, b := newStore(), newStore()
	slices.Reverse(b.features)
	mustLink(t, a, link.Config{Suggest: 1e-9})
	mustLink(t, b, link.Config{Suggest: 1e-9})
	if !reflect.DeepEqual(a.saved, b.saved) {
		t.Errorf("in one order %+v\nin the other %+v", a.saved, b.saved)
	}
}

func TestThinInput(t *testing.T) {
	tests := map[string]struct {
		change func(*fakeStore)
		want   link.Summary
	}{
		"no clusters": {func(s *fakeStore) { s.clusters = nil }, link.Summary{Features: 3}},
		"no features": {func(s *fakeStore) { s.features = nil }, link.Summary{Clusters: 3, Abstained: 3}},
		"products and components only": {func(s *fakeStore) { s.features = s.features[3:] },
			link.Summary{Clusters: 3, Abstained: 3}},
		"one cluster, one feature": {func(s *fakeStore) { s.clusters, s.features = s.clusters[:1], s.features[:1] },
			link.Summary{Clusters: 1, Features: 1, Automatic: 1}},
		"a cluster that says nothing": {func(s *fakeStore) { s.clusters = []feedback.Cluster{cluster(9, -1, "")} },
			link.Summary{Clusters: 1, Features: 3, Abstained: 1}},
		"features without a name or a path": {func(s *fakeStore) { s.features = []feedback.Feature{{ID: "x", Kind: "feature"}} },
			link.Summary{Clusters: 3, Features: 1, Abstained: 3}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			store := newStore()
			test.change(store)
			if sum := mustLink(t, store, link.Config{}); sum != test.want {
				t.Errorf("summary %+v, want %+v; links %+v", sum, test.want, store.saved)
			}
			if store.saves != 1 {
				t.Errorf("saved %d times, want once: what stood before must go", store.saves)
			}
			for _, l := range store.saved {
				if math.IsNaN(l.Score) {
					t.Errorf("%+v", l)
				}
			}
		})
	}
}

func TestWhatIsWrongIsSaidAndNothingSaved(t *testing.T) {
	store := newStore()
	store.clusters[0].Centroid = store.clusters[0].Centroid[:3]
	stage, err := link.New(link.Config{Store: store, Embedder: embedder})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := stage.Link(context.Background(), "default"); feedback.ErrorCode(err) != feedback.Internal || store.saves != 0 {
		t.Errorf("a centroid of another model: %v, %d saves", err, store.saves)
	}
	store.err = feedback.Errorf(feedback.Unavailable, "away")
	if _, err := stage.Link(context.Background(), "default"); !errors.Is(err, store.err) || store.saves != 0 {
		t.Errorf("a store that is away: %v, %d saves", err, store.saves)
	}
	for name, cfg := range map[string]link.Config{
		"no store":               {Embedder: embedder},
		"no embedder":            {Store: store},
		"suggest over automatic": {Store: store, Embedder: embedder, Suggest: 0.7},
		"automatic of 1":         {Store: store, Embedder: embedder, Automatic: 1},
		"lead under 1":           {Store: store, Embedder: embedder, Lead: 0.5},
		"NaN":                    {Store: store, Embedder: embedder, Suggest: math.NaN()},
	} {
		if _, err := link.New(cfg); feedback.ErrorCode(err) != feedback.Invalid {
			t.Errorf("%s: %v, want an Invalid error", name, err)
		}
	}
}
