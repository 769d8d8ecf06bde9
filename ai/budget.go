package ai

import (
	"context"
	"errors"
	"sync"
	"time"
	"unicode/utf8"

	"earshot/feedback"
)

// ErrBudget is in the chain of every error of a spent budget.
var ErrBudget = errors.New("the budget for the model is spent")

// BudgetConfig bounds what models may cost. Characters stand for tokens, of which they are about four times as many.
type BudgetConfig struct {
	Calls      int              // in any hour, to the minute; required, at least 1
	Characters int              // sent and received in any hour; 0 for no bound
	Now        func() time.Time // required
}

// Budget counts calls and characters over the last hour, for all the embedders and models that share it. A wrong setting
// then costs an hour's budget and not a night's. It is safe for concurrent use.
type Budget struct {
	config BudgetConfig

	mu      sync.Mutex
	minutes [60]spent
}

// spent is what one minute cost.
type spent struct {
	minute     int64 // since 1970
	calls      int
	characters int
}

// NewBudget checks the configuration. Its errors are Invalid.
func NewBudget(c BudgetConfig) (*Budget, error) {
	if c.Calls < 1 || c.Characters < 0 || c.Now == nil {
		return nil, feedback.Errorf(feedback.Invalid, "a budget needs a clock, at least one call, and no negative number of characters")
	}
	return &Budget{config: c}, nil
}

// spend counts calls of that many characters together, or refuses all of them with Unavailable. What takes more calls than
// an hour has goes when the hour before had none: it could never go otherwise. Characters over the whole bound are refused
// for ever, and the error says so.
func (b *Budget) spend(calls, characters int) error {
	if b.config.Characters > 0 && characters > b.config.Characters {
		return feedback.Errorf(feedback.Unavailable, "%w: one call of %d characters is over the %d of an hour", ErrBudget, characters, b.config.Characters)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	now := b.now()
	made, total := b.sum(now)
	if made > 0 && made+calls > b.config.Calls {
		return feedback.Errorf(feedback.Unavailable, "%w: %d calls in the last hour", ErrBudget, made).
			WithHint("calls go on as the hour passes; EARSHOT_OPENAI_CALLS_PER_HOUR raises the bound")
	}
	if b.config.Characters > 0 && total+characters > b.config.Characters {
		return feedback.Errorf(feedback.Unavailable, "%w: %d characters in the last hour", ErrBudget, total).
			WithHint("calls go on as the hour passes")
	}
	b.add(now, calls, characters)
	return nil
}

// received counts the characters of an answer.
func (b *Budget) received(characters int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.add(b.now(), 0, characters)
}

func (b *Budget) now() int64 { return b.config.Now().Unix() / 60 }

func (b *Budget) add(minute int64, calls, characters int) {
	m := &b.minutes[(minute%60+60)%60]
	if m.minute != minute {
		*m = spent{minute: minute}
	}
	m.calls += calls
	m.characters += characters
}

func (b *Budget) sum(minute int64) (calls, characters int) {
	for _, m := range b.minutes {
		if m.minute > minute-60 && m.minute <= minute {
			calls += m.calls
			characters += m.characters
		}
	}
	return calls, characters
}

// Splitter is an embedder that makes several calls of what it is given at once.
type Splitter interface {
	// Calls is how many calls it makes for the texts.
	Calls(texts []string) int
}

// BudgetedEmbedder asks a budget before each call, or before all the calls of a [Splitter] together: part of a batch would be
// paid for in vain. Make one with [NewBudgetedEmbedder].
type BudgetedEmbedder struct {
	Embedder
	budget *Budget
}

// NewBudgetedEmbedder wraps e.
func NewBudgetedEmbedder(e Embedder, b *Budget) *BudgetedEmbedder { return &BudgetedEmbedder{e, b} }

// Embed gives Unavailable, with [ErrBudget] in its chain, when the budget is spent; nothing was sent then.
func (e *BudgetedEmbedder) Embed(ctx context.Context, texts []string) ([]feedback.Vector, error) {
	calls, characters := 1, 0
	if s, ok := e.Embedder.(Splitter); ok {
		calls = s.Calls(texts)
	}
	for _, t := range texts {
		characters += utf8.RuneCountInString(t)
	}
	if err := e.budget.spend(calls, characters); err != nil {
		return nil, err
	}
	return e.Embedder.Embed(ctx, texts)
}

// BudgetedCompleter asks a budget before each call. Make one with [NewBudgetedCompleter].
type BudgetedCompleter struct {
	completer Completer
	budget    *Budget
}

// NewBudgetedCompleter wraps m.
func NewBudgetedCompleter(m Completer, b *Budget) *BudgetedCompleter { return &BudgetedCompleter{m, b} }

// Complete gives Unavailable, with [ErrBudget] in its chain, when the budget is spent; nothing was sent then.
func (m *BudgetedCompleter) Complete(ctx context.Context, instructions, data string) (string, error) {
	if err := m.budget.spend(1, utf8.RuneCountInString(instructions)+utf8.RuneCountInString(data)); err != nil {
		return "", err
	}
	answer, err := m.completer.Complete(ctx, instructions, data)
	m.budget.received(utf8.RuneCountInString(answer))
	return answer, err
}
