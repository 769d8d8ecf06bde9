package app_test

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"earshot/app"
	"earshot/internal/pgtest"
	"earshot/queue"
)

// heard is a log that tells of one message.
type heard struct {
	of string
	at chan struct{}
}

func (h heard) Write(line []byte) (int, error) {
	if bytes.Contains(line, []byte(h.of)) {
		select {
		case h.at <- struct{}{}:
		default:
		}
	}
	return len(line), nil
}

func TestAWorkerThatCouldNotStartIsStartedAgain(t *testing.T) {
	cfg, err := read(nil)
	if err != nil {
		t.Fatal(err)
	}
	cfg.DataDir = pgtest.Folder(t)
	failed := heard{"could not start", make(chan struct{}, 1)}
	a, err := app.Open(t.Context(), cfg, app.Options{Queue: true, Log: slog.New(slog.NewTextHandler(failed, nil))})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { a.Close() })
	text, err := os.ReadFile(filepath.Join(a.Config.DataDir, "queue", "endpoint.json"))
	if err != nil {
		t.Fatal(err)
	}
	var at struct{ URL, Token string }
	if err := json.Unmarshal(text, &at); err != nil {
		t.Fatal(err)
	}
	conn, err := nats.Connect(at.URL, nats.Token(at.Token))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	js, err := jetstream.New(conn)
	if err != nil {
		t.Fatal(err)
	}
	// A consumer does not start without the bucket of attempts.
	if err := js.DeleteKeyValue(t.Context(), "EARSHOT_ATTEMPTS"); err != nil {
		t.Fatal(err)
	}
	if _, err := a.Send(t.Context(), "acme", bodies("The calendar shows every visit twice."), nil, nil); err != nil {
		t.Fatal(err)
	}
	working, stop := context.WithCancel(t.Context())
	wait, err := a.StartWorkers(working, []app.Role{app.RoleIngest, app.RoleClassify})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		stop()
		if err := wait(); err != nil {
			t.Error(err)
		}
	}()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	select {
	case <-failed.at:
	case <-ctx.Done():
		t.Fatal("a worker failed in silence")
	}
	if err := a.Queue.EnsureStreams(t.Context(), queue.StreamsConfig{}); err != nil {
		t.Fatal(err)
	}
	if err := a.Drain(ctx, nil); err != nil {
		t.Fatalf("nothing takes the message: %v", err)
	}
	if n := items(t, a, "acme"); n != 1 {
		t.Errorf("%d items", n)
	}
}
