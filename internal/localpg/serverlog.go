package localpg

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"sync"
)

// serverLog hands on what a server says line by line, and keeps the end of it for the error that its death becomes.
type serverLog struct {
	log *slog.Logger

	mu   sync.Mutex
	rest []byte
	last []string
}

const keepLines = 20

// Write takes a piece of the server's output.
func (l *serverLog) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.rest = append(l.rest, p...)
	for {
		i := bytes.IndexByte(l.rest, '\n')
		if i < 0 {
			return len(p), nil
		}
		line := strings.TrimSpace(string(l.rest[:i]))
		l.rest = l.rest[i+1:]
		if line == "" {
			continue
		}
		l.last = append(l.last, line)
		if len(l.last) > keepLines {
			l.last = l.last[1:]
		}
		level := slog.LevelDebug
		if strings.HasPrefix(line, "PANIC:") {
			level = slog.LevelError
		}
		l.log.Log(context.Background(), level, "postgres", "line", line)
	}
}

// cause gives the line that tells most about why the server or initdb ended, or "".
func (l *serverLog) cause() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, severity := range []string{"PANIC:", "FATAL:", "error:", "ERROR:"} {
		for i := len(l.last) - 1; i >= 0; i-- {
			if _, text, ok := strings.Cut(l.last[i], severity); ok {
				return strings.TrimSpace(text)
			}
		}
	}
	if len(l.last) > 0 {
		return l.last[len(l.last)-1]
	}
	return ""
}
