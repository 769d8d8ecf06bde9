package ai

import (
	"context"
	"errors"
	"time"

	"earshot/feedback"

	"github.com/failsafe-go/failsafe-go"
	"github.com/failsafe-go/failsafe-go/retrypolicy"
)

// RetryConfig says how often and when a call is made again. The zero value has the defaults.
type RetryConfig struct {
	Attempts int           // calls in all, the first one too; default 4
	Delay    time.Duration // before the second; it doubles from one to the next, give or take a fifth; default 500ms
	MaxDelay time.Duration // the longest; default 10s
}

// retry makes a call again while it fails with Unavailable. A spent budget is not tried again: it lasts longer than any
// delay here.
func retry[R any](ctx context.Context, c RetryConfig, call func(context.Context) (R, error)) (R, error) {
	if c.Attempts <= 0 {
		c.Attempts = 4
	}
	if c.Delay <= 0 {
		c.Delay = 500 * time.Millisecond
	}
	if c.MaxDelay < c.Delay {
		c.MaxDelay = max(10*time.Second, c.Delay)
	}
	builder := retrypolicy.NewBuilder[R]().
		HandleIf(func(_ R, err error) bool {
			return feedback.ErrorCode(err) == feedback.Unavailable && !errors.Is(err, ErrBudget) && ctx.Err() == nil
		}).
		WithMaxAttempts(c.Attempts).
		WithJitterFactor(0.2).
		ReturnLastFailure()
	if c.MaxDelay > c.Delay {
		builder = builder.WithBackoff(c.Delay, c.MaxDelay)
	} else {
		builder = builder.WithDelay(c.Delay)
	}
	return failsafe.With(builder.Build()).WithContext(ctx).Get(func() (R, error) { return call(ctx) })
}

// RetryingEmbedder makes a call that failed with Unavailable again. Make one with [NewRetryingEmbedder].
type RetryingEmbedder struct {
	Embedder
	config RetryConfig
}

// NewRetryingEmbedder wraps e.
func NewRetryingEmbedder(e Embedder, c RetryConfig) *RetryingEmbedder { return &RetryingEmbedder{e, c} }

// Embed gives the first answer that is no Unavailable error, or the last such error.
func (e *RetryingEmbedder) Embed(ctx context.Context, texts []string) ([]feedback.Vector, error) {
	return retry(ctx, e.config, func(ctx context.Context) ([]feedback.Vector, error) { return e.Embedder.Embed(ctx, texts) })
}

// RetryingCompleter makes a call that failed with Unavailable again. Make one with [NewRetryingCompleter].
type RetryingCompleter struct {
	completer Completer
	config    RetryConfig
}

// NewRetryingCompleter wraps m.
func NewRetryingCompleter(m Completer, c RetryConfig) *RetryingCompleter {
	return &RetryingCompleter{m, c}
}

// Complete gives the first answer that is no Unavailable error, or the last such error.
func (m *RetryingCompleter) Complete(ctx context.Context, instructions, data string) (string, error) {
	return retry(ctx, m.config, func(ctx context.Context) (string, error) { return m.completer.Complete(ctx, instructions, data) })
}
