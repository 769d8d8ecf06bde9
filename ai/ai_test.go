package ai

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"earshot/feedback"
)

// fakeEmbedder answers with the errors in turn, then with vectors that count the letters of each text.
type fakeEmbedder struct {
	errs  []error
	calls [][]string
	short bool
}

func (e *fakeEmbedder) Model() feedback.Model {
	return feedback.Model{Name: "fake", Version: "1", Dimensions: 1}
}

func (e *fakeEmbedder) Embed(_ context.Context, texts []string) ([]feedback.Vector, error) {
	e.calls = append(e.calls, slices.Clone(texts))
	if n := len(e.calls) - 1; n < len(e.errs) && e.errs[n] != nil {
		return nil, e.errs[n]
	}
	vectors := make([]feedback.Vector, len(texts))
	for i, text := range texts {
		vectors[i] = feedback.Vector{float32(len(text))}
	}
	if e.short {
		return vectors[:0], nil
	}
	return vectors, nil
}

// fakeCompleter answers with the errors in turn, then with the answers in turn.
type fakeCompleter struct {
	errs    []error
	answers []string
	asked   []string
}

func (m *fakeCompleter) Complete(_ context.Context, instructions, data string) (string, error) {
	m.asked = append(m.asked, instructions+"\x00"+data)
	if n := len(m.asked) - 1; n < len(m.errs) && m.errs[n] != nil {
		return "", m.errs[n]
	}
	if len(m.answers) == 0 {
		return "", nil
	}
	answer := m.answers[0]
	if len(m.answers) > 1 {
		m.answers = m.answers[1:]
	}
	return answer, nil
}

var (
	away  = feedback.Errorf(feedback.Unavailable, "away")
	wrong = feedback.Errorf(feedback.Invalid, "wrong key")
)

func TestRetryGoesOnWhileUnavailable(t *testing.T) {
	for _, c := range []struct {
		name  string
		errs  []error
		calls int
		want  feedback.Code
	}{
		{"at once", nil, 1, ""},
		{"at the third call", []error{away, away}, 3, ""},
		{"never", []error{away, away, away, away, away, away}, 4, feedback.Unavailable},
		{"a wrong setting is not tried again", []error{wrong}, 1, feedback.Invalid},
		{"a fault is not tried again", []error{errors.New("odd")}, 1, feedback.Internal},
		{"a spent budget is not tried again", []error{feedback.Errorf(feedback.Unavailable, "%w", ErrBudget)}, 1, feedback.Unavailable},
	} {
		synctest.Test(t, func(t *testing.T) {
			fake := &fakeEmbedder{errs: c.errs}
			_, err := NewRetryingEmbedder(fake, RetryConfig{}).Embed(t.Context(), []string{"a"})
			if len(fake.calls) != c.calls || feedback.ErrorCode(err) != c.want {
				t.Errorf("%s: %d calls, %v", c.name, len(fake.calls), err)
			}
			chat := &fakeCompleter{errs: c.errs, answers: []string{"yes"}}
			_, err = NewRetryingCompleter(chat, RetryConfig{}).Complete(t.Context(), "", "")
			if len(chat.asked) != c.calls || feedback.ErrorCode(err) != c.want {
				t.Errorf("%s: %d questions, %v", c.name, len(chat.asked), err)
			}
		})
	}
}

func TestRetryWaitsLongerEachTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := &fakeEmbedder{errs: []error{away, away, away, away, away}}
		began := time.Now()
		_, err := NewRetryingEmbedder(fake, RetryConfig{Attempts: 5, Delay: time.Second, MaxDelay: 4 * time.Second}).Embed(t.Context(), []string{"a"})
		// 1 + 2 + 4 + 4 seconds, give or take a fifth.
		if took := time.Since(began); took < 8800*time.Millisecond || took > 13200*time.Millisecond || err == nil {
			t.Errorf("took %s, %v", took, err)
		}
	})
}

func TestRetryEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		fake := &fakeEmbedder{errs: slices.Repeat([]error{away}, 100)}
		_, err := NewRetryingEmbedder(fake, RetryConfig{Attempts: 100, Delay: 400 * time.Millisecond}).Embed(ctx, []string{"a"})
		if err == nil || feedback.ErrorCode(err) != feedback.Unavailable || len(fake.calls) > 3 {
			t.Errorf("%d calls, %v", len(fake.calls), err)
		}
	})
}

func TestBudgetBoundsCallsAndCharacters(t *testing.T) {
	now := time.Date(2026, 4, 1, 9, 0, 0, 0, time.UTC)
	budget, err := NewBudget(BudgetConfig{Calls: 3, Characters: 100, Now: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	fake := &fakeEmbedder{}
	embedder := NewBudgetedEmbedder(fake, budget)
	chat := &fakeCompleter{answers: []string{strings.Repeat("é", 20)}}
	completer := NewBudgetedCompleter(chat, budget)
	embed := func(n int) error {
		_, err := embedder.Embed(t.Context(), []string{strings.Repeat("ü", n)})
		return err
	}
	refused := func(what string, err error) {
		t.Helper()
		if feedback.ErrorCode(err) != feedback.Unavailable || !errors.Is(err, ErrBudget) {
			t.Errorf("%s: %v", what, err)
		}
	}
	if err := embed(30); err != nil {
		t.Fatal(err)
	}
	now = now.Add(30 * time.Minute)
	if _, err := completer.Complete(t.Context(), "12345", "12345"); err != nil { // 10 sent, 20 received
		t.Fatal(err)
	}
	refused("characters over the bound", embed(41))
	if err := embed(40); err != nil {
		t.Errorf("characters up to the bound: %v", err)
	}
	refused("a fourth call", embed(0))
	_, err = completer.Complete(t.Context(), "", "")
	refused("a fourth call of another kind", err)
	if len(fake.calls) != 2 || len(chat.asked) != 1 {
		t.Errorf("%d and %d calls went out", len(fake.calls), len(chat.asked))
	}
	now = now.Add(30 * time.Minute)
	if err := embed(30); err != nil {
		t.Errorf("when the first call is an hour old: %v", err)
	}
	refused("the next", embed(1))
	now = now.Add(24 * time.Hour)
	if err := embed(100); err != nil {
		t.Errorf("a day later: %v", err)
	}
	refused("a call over the whole bound", embed(101))
	if embedder.Model() != fake.Model() {
		t.Error("another model")
	}
}

// manyCalls makes a call of each text.
type manyCalls struct{ fakeEmbedder }

func (*manyCalls) Calls(texts []string) int { return len(texts) }

func TestABatchThatTakesSeveralCallsIsPaidForAsSuch(t *testing.T) {
	now := time.Date(2026, 4, 1, 9, 0, 0, 0, time.UTC)
	budget, err := NewBudget(BudgetConfig{Calls: 3, Now: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	embedder := NewBudgetedEmbedder(&manyCalls{}, budget)
	for _, c := range []struct {
		texts  int
		passes bool
		after  time.Duration
	}{{2, true, 0}, {2, false, 0}, {1, true, 0}, {1, false, 0}, {9, false, 59 * time.Minute}, {9, true, time.Minute}, {1, false, 0}} {
		now = now.Add(c.after)
		_, err := embedder.Embed(t.Context(), make([]string, c.texts))
		if passes := err == nil; passes != c.passes || !passes && !errors.Is(err, ErrBudget) {
			t.Errorf("%d calls at %s: %v", c.texts, now.Format(time.TimeOnly), err)
		}
	}
}

func TestABudgetNeedsABound(t *testing.T) {
	for _, c := range []BudgetConfig{{Now: time.Now}, {Calls: 1}, {Calls: 1, Characters: -1, Now: time.Now}} {
		if _, err := NewBudget(c); feedback.ErrorCode(err) != feedback.Invalid {
			t.Errorf("%+v: %v", c, err)
		}
	}
}

func TestCacheAsksForEachTextOnce(t *testing.T) {
	fake := &fakeEmbedder{}
	cache := NewCachingEmbedder(fake, 2)
	embed := func(texts ...string) []feedback.Vector {
		t.Helper()
		vectors, err := cache.Embed(t.Context(), texts)
		if err != nil {
			t.Fatal(err)
		}
		for i, v := range vectors {
			if len(v) != 1 || v[0] != float32(len(texts[i])) {
				t.Fatalf("%q has the vector %v", texts[i], v)
			}
		}
		return vectors
	}
	embed("a", "bb", "a")
	first := embed("bb", "a")
	first[0][0] = 99 // the caller's own
	embed("a", "bb")
	embed("ccc") // pushes a out, which was used before bb
	embed("bb", "ccc")
	embed("a")
	want := [][]string{{"a", "bb"}, {"ccc"}, {"a"}}
	if !slices.EqualFunc(fake.calls, want, slices.Equal) {
		t.Errorf("asked for %q, not %q", fake.calls, want)
	}
}

func TestCacheKeepsNoFailure(t *testing.T) {
	fake := &fakeEmbedder{errs: []error{away}}
	cache := NewCachingEmbedder(fake, 10)
	if _, err := cache.Embed(t.Context(), []string{"a"}); feedback.ErrorCode(err) != feedback.Unavailable {
		t.Error(err)
	}
	if _, err := cache.Embed(t.Context(), []string{"a"}); err != nil {
		t.Error(err)
	}
	fake.short = true
	if _, err := cache.Embed(t.Context(), []string{"b"}); feedback.ErrorCode(err) != feedback.Internal {
		t.Error(err)
	}
}
