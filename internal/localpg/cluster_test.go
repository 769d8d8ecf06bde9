package localpg

import (
	"bytes"
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"earshot/feedback"
)

func TestRestartKeepsTheData(t *testing.T) {
	cfg := made(t)
	c := mustStart(t, cfg)
	remember(t, c.URL("postgres"), "first")
	mustStop(t, c)
	mustStop(t, c)
	if !isClosed(c.Done()) {
		t.Error("Done is open after Stop")
	}
	if err := c.Err(); err != nil {
		t.Errorf("Err after Stop: %v", err)
	}

	c = mustStart(t, cfg)
	if got := recall(t, c.URL("postgres")); got != "first" {
		t.Errorf("after the restart the database holds %q", got)
	}
	if c.Attached() {
		t.Error("the restarted cluster says that it is attached")
	}
}

func TestStopLeavesNoGoroutine(t *testing.T) {
	cfg := made(t)
	owner := mustStart(t, cfg)
	attached := mustStart(t, cfg)
	mustStop(t, attached)
	mustStop(t, owner)
	eventually(t, "the package's goroutines are gone", func() bool {
		stacks := make([]byte, 1<<20)
		stacks = stacks[:runtime.Stack(stacks, true)]
		return !bytes.Contains(stacks, []byte("localpg.Installation.spawn.func")) &&
			!bytes.Contains(stacks, []byte("localpg.(*Cluster).watch"))
	})
}

func TestServerIsPrivateAndSafe(t *testing.T) {
	cfg := Config{Dir: filepath.Join(folder(t), "pg")}
	c := mustStart(t, cfg)
	url := c.URL("postgres")
	for _, test := range []struct{ query, want string }{
		{"SELECT current_setting('listen_addresses')", ""},
		{"SELECT current_setting('unix_socket_permissions')", "0700"},
		{"SELECT current_setting('fsync')", "on"},
		{"SELECT current_setting('full_page_writes')", "on"},
		{"SELECT current_setting('synchronous_commit')", "on"},
		{"SELECT current_setting('shared_buffers')", "256MB"},
		{"SELECT current_setting('wal_compression')", "pglz"},
		{"SELECT current_setting('server_encoding')", "UTF8"},
		{"SELECT lower('ÄÉÑ')", "äéñ"},
		{"SELECT string_agg(v, '' ORDER BY v) FROM unnest(array['b', 'B', 'a']) AS v", "Bab"},
		{"SELECT split_part(current_setting('server_version'), ' ', 1)", c.Version()},
	} {
		if got := ask(t, url, test.query); got != test.want {
			t.Errorf("%s gives %q, want %q", test.query, got, test.want)
		}
	}
	info, err := os.Stat(c.sockets)
	if err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("the socket's folder is open to others: %v %v", info.Mode(), err)
	}
}

func TestPgvectorWorks(t *testing.T) {
	cfg := made(t)
	in, err := Find(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	c := mustStart(t, cfg)
	conn := connect(t, c.URL("postgres"))
	if _, err := conn.Exec(t.Context(), `
		CREATE EXTENSION vector;
		CREATE TABLE points (at halfvec(3));
		INSERT INTO points VALUES ('[1,0,0]'), ('[0,1,0]');
		CREATE INDEX ON points USING hnsw (at halfvec_cosine_ops)`); err != nil {
		t.Fatal(err)
	}
	if got := ask(t, c.URL("postgres"), "SELECT extversion FROM pg_extension WHERE extname = 'vector'"); got != in.Pgvector {
		t.Errorf("the server has pgvector %s, Find says %s", got, in.Pgvector)
	}
	workers := ask(t, c.URL("postgres"), "SELECT current_setting('max_parallel_maintenance_workers')")
	if in.overflowsParallelBuild() != (workers == "0") {
		t.Errorf("pgvector %s runs with %s parallel maintenance workers", in.Pgvector, workers)
	}
}

func TestCreateDatabaseTwiceIsOne(t *testing.T) {
	c := mustStart(t, quick(filepath.Join(folder(t), "pg")))
	for range 2 {
		if err := c.CreateDatabase(t.Context(), "earshot"); err != nil {
			t.Fatal(err)
		}
	}
	if got := ask(t, c.URL("earshot"), "SELECT current_database()"); got != "earshot" {
		t.Errorf("connected to %q", got)
	}
}

func TestFeedbackDoesNotReachTheLog(t *testing.T) {
	var log bytes.Buffer
	cfg := made(t)
	cfg.Log = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	c := mustStart(t, cfg)
	conn := connect(t, c.URL("postgres"))
	for _, statement := range []string{
		"SELECT 'my password is hunter2'::int",
		"CREATE TABLE t (v text CHECK (v = '')); INSERT INTO t VALUES ('hunter2')",
		"DO $$ BEGIN RAISE WARNING 'hunter2'; END $$",
	} {
		_, _ = conn.Exec(t.Context(), statement)
	}
	mustStop(t, c)
	if log.Len() == 0 {
		t.Error("nothing at all was logged")
	}
	if strings.Contains(log.String(), "hunter2") {
		t.Errorf("the log holds the text of a statement:\n%s", &log)
	}
}

func TestEnvironmentOfAnotherServerDoesNotInterfere(t *testing.T) {
	t.Setenv("PGPORT", "1")
	t.Setenv("PGDATA", "/nonexistent")
	t.Setenv("PGHOST", "192.0.2.1")
	t.Setenv("PGSSLMODE", "require")
	c := mustStart(t, made(t))
	remember(t, c.URL("postgres"), "works")
}

func TestStartThatIsCancelledLeavesNothingRunning(t *testing.T) {
	cfg := quick(filepath.Join(folder(t), "pg"))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Start(ctx, cfg); feedback.ErrorCode(err) != feedback.Unavailable {
		t.Fatalf("Start with a cancelled context gives %v", err)
	}
	cfg.Exclusive = true
	mustStart(t, cfg)
}

func TestStopWithEndedContextStillStops(t *testing.T) {
	c := mustStart(t, made(t))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := c.Stop(ctx); err != nil || !isClosed(c.Done()) {
		t.Errorf("Stop gives %v", err)
	}
}
