package queue

import (
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"syscall"

	"earshot/feedback"
)

// serverLog passes the server's log on. The server reports why it could not start to its log alone, and ends the
// process unless the log keeps it from that: Fatalf keeps the first such reason instead. The log is also where it says
// that it gave up a stream because a write failed; publishers just get no answer.
type serverLog struct {
	log *slog.Logger

	mu     sync.Mutex
	reason string
	failed string
}

// fault is an Unavailable error once a stream could not be written; the server writes to it again after a restart.
func (l *serverLog) fault() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case l.failed == "":
		return nil
	case strings.Contains(l.failed, syscall.ENOSPC.Error()):
		return feedback.Errorf(feedback.Unavailable, "the queue's disk is full").
			WithHint("free some space and start earshot again: nothing that was acknowledged is lost")
	}
	return feedback.Errorf(feedback.Unavailable, "the queue's files cannot be written").
		WithHint("the log has the reason; mend it and start earshot again: nothing that was acknowledged is lost")
}

func (l *serverLog) fatal() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.reason
}

func (l *serverLog) Fatalf(format string, v ...any) {
	text := fmt.Sprintf(format, v...)
	l.mu.Lock()
	if l.reason == "" {
		l.reason = text
	}
	l.mu.Unlock()
	l.log.Error("nats server", "text", text)
}

func (l *serverLog) Errorf(format string, v ...any) {
	text := fmt.Sprintf(format, v...)
	if strings.Contains(text, "ritical write error") {
		l.mu.Lock()
		l.failed = text
		l.mu.Unlock()
	}
	l.log.Error("nats server", "text", text)
}

func (l *serverLog) Warnf(format string, v ...any) {
	l.log.Warn("nats server", "text", fmt.Sprintf(format, v...))
}

func (l *serverLog) Noticef(format string, v ...any) {
	l.log.Debug("nats server", "text", fmt.Sprintf(format, v...))
}

func (l *serverLog) Debugf(format string, v ...any) {
	l.log.Debug("nats server", "text", fmt.Sprintf(format, v...))
}

func (l *serverLog) Tracef(format string, v ...any) {
	l.log.Debug("nats server", "text", fmt.Sprintf(format, v...))
}
