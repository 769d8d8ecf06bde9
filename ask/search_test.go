package ask_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"earshot/ask"
	"earshot/feedback"
)

type fakeStore struct {
	nearest, matching []feedback.Hit
	nearestErr        error
	matchingErr       error
	vector            feedback.Vector
	text              string
	limits            []int
}

func (s *fakeStore) NearestExcerpts(_ context.Context, _ string, _ feedback.Model, v feedback.Vector, limit int) ([]feedback.Hit, error) {
	s.vector, s.limits = v, append(s.limits, limit)
	return s.nearest, s.nearestErr
}

func (s *fakeStore) MatchingExcerpts(_ context.Context, _, text string, limit int) ([]feedback.Hit, error) {
	s.text, s.limits = text, append(s.limits, limit)
	return s.matching, s.matchingErr
}

type fakeEmbedder struct {
	vectors []feedback.Vector
	err     error
}

func (e fakeEmbedder) Embed(context.Context, []string) ([]feedback.Vector, error) {
	return e.vectors, e.err
}

func (e fakeEmbedder) Model() feedback.Model {
	return feedback.Model{Name: "fake", Version: "1", Dimensions: 2}
}

var known = fakeEmbedder{vectors: []feedback.Vector{{1, 0}}}

func hits(names string) []feedback.Hit {
	var out []feedback.Hit
	for _, n := range names {
		out = append(out, feedback.Hit{Excerpt: feedback.ExcerptID(feedback.ID{}, string(n), 0), Text: string(n), Score: 99})
	}
	return out
}

func texts(hits []feedback.Hit) string {
	var b strings.Builder
	for _, h := range hits {
		b.WriteString(h.Text)
	}
	return b.String()
}

func newSearcher(t *testing.T, s ask.Store, e ask.Embedder) *ask.Searcher {
	t.Helper()
	searcher, err := ask.New(ask.Config{Store: s, Embedder: e})
	if err != nil {
		t.Fatal(err)
	}
	return searcher
}

func TestBothListsCount(t *testing.T) {
	tests := map[string]struct {
		nearest, matching string
		limit             int
		want              string
	}{
		"found by both beats the first of one": {"abc", "xby", 4, "baxc"},
		"the same order stays":                 {"abc", "abc", 9, "abc"},
		"by meaning alone":                     {"abc", "", 9, "abc"},
		"by words alone":                       {"", "abc", 9, "abc"},
		"nothing":                              {"", "", 9, ""},
		"no more than asked for":               {"abc", "abc", 2, "ab"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			store := &fakeStore{nearest: hits(test.nearest), matching: hits(test.matching)}
			got, err := newSearcher(t, store, known).Search(context.Background(), "default", "q", test.limit)
			if err != nil {
				t.Fatal(err)
			}
			// Of excerpts with one score the order is by id, which says nothing: only the ranks must fall.
			if test.want == "baxc" {
				if texts(got)[0] != 'b' || len(got) != 4 {
					t.Errorf("got %s, want b first", texts(got))
				}
			} else if texts(got) != test.want {
				t.Errorf("got %q, want %q", texts(got), test.want)
			}
			for i, h := range got {
				if h.Score <= 0 || h.Score > 1 || i > 0 && h.Score > got[i-1].Score {
					t.Errorf("scores do not fall within 0 to 1: %+v", got)
				}
			}
		})
	}
}

func TestTheFirstOfBothListsScoresOne(t *testing.T) {
	store := &fakeStore{nearest: hits("a"), matching: hits("a")}
	got, err := newSearcher(t, store, known).Search(context.Background(), "default", "q", 1)
	if err != nil || got[0].Score != 1 {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestOfEqualsTheLatestComesFirst(t *testing.T) {
	store := &fakeStore{nearest: hits("a"), matching: hits("b")}
	store.matching[0].OccurredAt = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	got, err := newSearcher(t, store, known).Search(context.Background(), "default", "q", 2)
	if err != nil || texts(got) != "ba" {
		t.Errorf("%s, %v", texts(got), err)
	}
}

func TestAQueryThatTheModelDoesNotKnowIsSearchedByWords(t *testing.T) {
	store := &fakeStore{nearest: hits("noise"), matching: hits("x")}
	unknown := fakeEmbedder{vectors: []feedback.Vector{{0, 0}}}
	got, err := newSearcher(t, store, unknown).Search(context.Background(), "default", "  ERR-4012 ", 5)
	if err != nil || texts(got) != "x" || store.vector != nil || store.text != "ERR-4012" {
		t.Errorf("%s, %v; searched by %v and %q", texts(got), err, store.vector, store.text)
	}
}

func TestInputIsBounded(t *testing.T) {
	tests := map[string]struct {
		workspace, query string
		limit            int
		code             feedback.Code
	}{
		"at the bounds":  {"default", strings.Repeat("é", ask.MaxQuery/2), ask.MaxLimit, ""},
		"empty":          {"default", " \n", 5, feedback.Invalid},
		"too long":       {"default", strings.Repeat("x", ask.MaxQuery+1), 5, feedback.Invalid},
		"not UTF-8":      {"default", "a\xff", 5, feedback.Invalid},
		"a NUL":          {"default", "a\x00b", 5, feedback.Invalid},
		"limit of none":  {"default", "x", 0, feedback.Invalid},
		"limit too high": {"default", "x", ask.MaxLimit + 1, feedback.Invalid},
		"no workspace":   {"A.B", "x", 5, feedback.Invalid},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			store := &fakeStore{}
			_, err := newSearcher(t, store, known).Search(context.Background(), test.workspace, test.query, test.limit)
			if feedback.ErrorCode(err) != test.code {
				t.Errorf("error %v, want the code %q", err, test.code)
			}
			if test.code != "" && len(store.limits) != 0 {
				t.Error("the store was asked all the same")
			}
			for _, l := range store.limits {
				if l > 2*ask.MaxLimit {
					t.Errorf("the store was asked for %d", l)
				}
			}
		})
	}
}

func TestWhatFailsIsPassedOn(t *testing.T) {
	away := feedback.Errorf(feedback.Unavailable, "away")
	for name, s := range map[string]*ask.Searcher{
		"embedder": newSearcher(t, &fakeStore{}, fakeEmbedder{err: away}),
		"nearest":  newSearcher(t, &fakeStore{nearestErr: away}, known),
		"matching": newSearcher(t, &fakeStore{matchingErr: away}, known),
	} {
		if _, err := s.Search(context.Background(), "default", "q", 5); !errors.Is(err, away) {
			t.Errorf("%s: %v", name, err)
		}
	}
	short := newSearcher(t, &fakeStore{}, fakeEmbedder{})
	if _, err := short.Search(context.Background(), "default", "q", 5); feedback.ErrorCode(err) != feedback.Internal {
		t.Errorf("an embedder without a vector: %v", err)
	}
	if _, err := ask.New(ask.Config{}); feedback.ErrorCode(err) != feedback.Internal {
		t.Errorf("an empty Config: %v", err)
	}
}
