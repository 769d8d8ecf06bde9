package pgtest

import (
	"context"
	"path/filepath"
	"testing"

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
