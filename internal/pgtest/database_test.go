package pgtest

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"earshot/internal/localpg"
)

func withNotes(ctx context.Context, url string) error {
	return execute(ctx, url, "CREATE EXTENSION vector; CREATE TABLE notes (text text); INSERT INTO notes VALUES ('from the template')")
}

func TestEachTestHasItsOwnCopyOfTheTemplate(t *testing.T) {
	first := connect(t, NewDatabase(t, withNotes))
	if _, err := first.Exec(t.Context(), "INSERT INTO notes VALUES ('mine')"); err != nil {
		t.Fatal(err)
	}
	second := connect(t, NewDatabase(t, withNotes))
	if got := count(t, second, "SELECT count(*) FROM notes"); got != 1 {
		t.Errorf("the second database has %d notes, want the template's one", got)
	}
	if got := count(t, second, "SELECT count(*) FROM pg_extension WHERE extname = 'vector'"); got != 1 {
		t.Error("pgvector is not in the copy")
	}
}

func TestTheDatabaseGoesWithItsTest(t *testing.T) {
	var name string
	t.Run("inner", func(t *testing.T) {
		conn := connect(t, NewDatabase(t, nil))
		name = conn.Config().Database
	})
	admin := connect(t, URL(t))
	if got := count(t, admin, "SELECT count(*) FROM pg_database WHERE datname = '"+name+"'"); got != 0 {
		t.Errorf("%s is still there", name)
	}
}

func TestFolderTakesACluster(t *testing.T) {
	dir := filepath.Join(Folder(t), "pg")
	c, err := localpg.Start(t.Context(), localpg.Config{Dir: dir, Settings: map[string]string{"fsync": "off"}})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Stop(context.Background())
	if c.Dir() != dir {
		t.Errorf("the cluster had to go to %s", c.Dir())
	}
}

func TestFoldersOfBinariesThatWereKilledAreRemoved(t *testing.T) {
	gone := exec.Command("true")
	if err := gone.Run(); err != nil {
		t.Fatal(err)
	}
	base, long := t.TempDir(), time.Now().Add(-time.Hour)
	mine := filepath.Base(Folder(t))
	for name, stays := range map[string]bool{fmt.Sprintf("%s%d-1", folderPrefix, gone.Process.Pid): false, mine: true, "another": true} {
		dir := filepath.Join(base, name)
		if err := os.MkdirAll(filepath.Join(dir, "pg"), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(dir, long, long); err != nil {
			t.Fatal(err)
		}
		removeStale(base)
		if _, err := os.Stat(dir); (err == nil) != stays {
			t.Errorf("%s: %v", name, err)
		}
	}
	if !strings.HasPrefix(mine, fmt.Sprintf("%s%d-", folderPrefix, os.Getpid())) {
		t.Errorf("a test's folder is called %s: nobody could tell that its process is gone", mine)
	}
}

func BenchmarkNewDatabase(b *testing.B) {
	NewDatabase(b, withNotes)
	for b.Loop() {
		NewDatabase(b, withNotes)
	}
}

func connect(t *testing.T, url string) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close(context.Background()) })
	return conn
}

func count(t *testing.T, conn *pgx.Conn, query string) (n int) {
	t.Helper()
	if err := conn.QueryRow(t.Context(), query).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}
