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
	broken chan struct{} // holds a word once a stream could not be written
}

func newServerLog(log *slog.Logger) *serverLog {
	return &serverLog{log: log, broken: make(chan struct{}, 1)}
}

// mended forgets what was wrong: another server has been started.
func (l *serverLog) mended() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.reason, l.failed = "", ""
	select {
	case <-l.broken:
	default:
	}
}

// fault is an Unavailable error once a stream could not be written, until the server was started again.
func (l *serverLog) fault() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case l.failed == "":
		return nil
	case strings.Contains(l.failed, syscall.ENOSPC.Error()):
		return feedback.Errorf(feedback.Unavailable, "the queue's disk is full").
			WithHint("free some space; feedback is taken again some seconds later, and nothing that was acknowledged is lost")
	}
	return feedback.Errorf(feedback.Unavailable, "the queue's files cannot be written").
		WithHint("the log has the reason; feedback is taken again some seconds after it is mended, and nothing that was acknowledged is lost")
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
		select {
		case l.broken <- struct{}{}:
		default:
		}
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
