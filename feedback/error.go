package feedback

import (
	"context"
	"errors"
	"fmt"
)

// Code says what kind of failure an error is. It decides the HTTP status, the exit code of a command and whether a
// message is retried or put among the dead letters.
type Code string

// The codes. Anything that carries none is Internal.
const (
	Invalid     Code = "invalid"     // the input is wrong and will stay wrong
	TooLarge    Code = "too_large"   // the input is over a limit that the message names
	NotFound    Code = "not_found"   // what was asked for does not exist in this workspace
	Conflict    Code = "conflict"    // the state changed, or forbids what was asked
	Unavailable Code = "unavailable" // a database, queue or model is away: later may work
	Internal    Code = "internal"    // a fault of Earshot's own
)

// Error is an error that a person or a program can act on. Make one with [Errorf].
type Error struct {
	Code Code
	Hint string // what to do about it, one line; may be empty
	Err  error  // what was wrong and where; holds no secret and no feedback text
}

// Error gives what was wrong, and the hint behind it in brackets.
func (e *Error) Error() string {
	if e.Hint == "" {
		return e.Err.Error()
	}
	return e.Err.Error() + " (" + e.Hint + ")"
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Err }

// Errorf makes an error of the code, formatted as by [fmt.Errorf]; a %w verb keeps its cause.
func Errorf(code Code, format string, args ...any) *Error {
	return &Error{Code: code, Err: fmt.Errorf(format, args...)}
}

// WithHint adds what a person can do about it.
func (e *Error) WithHint(format string, args ...any) *Error {
	e.Hint = fmt.Sprintf(format, args...)
	return e
}

// ErrorCode finds the code of err: that of the outermost coded error in its chain, Unavailable for a deadline or a
// cancelled context, Internal for anything else. It is "" for nil.
func ErrorCode(err error) Code {
	if err == nil {
		return ""
	}
	var e *Error
	if errors.As(err, &e) {
		return e.Code
	}
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return Unavailable
	}
	return Internal
}
