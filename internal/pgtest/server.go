package pgtest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"earshot/internal/localpg"
)

const startTimeout = 2 * time.Minute

// server starts once in the life of the process, and ends with it.
var server = sync.OnceValues(func() (string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), startTimeout)
	defer cancel()
	url := os.Getenv("EARSHOT_TEST_DATABASE_URL")
	if url == "" {
		var err error
		if url, err = startPrivate(ctx); err != nil {
			return "", err
		}
	}
	return url, claim(ctx, url)
})

// URL gives the address of the server's administrative database, as a superuser. Most tests want [NewDatabase].
func URL(t testing.TB) string {
	t.Helper()
	url, err := server()
	if err != nil {
		t.Fatalf("no PostgreSQL for the tests: %v", err)
	}
	return url
}

const folderPrefix = "earshot-pgtest-"

// newFolder makes a folder whose name says which process it belongs to: see [removeStale].
func newFolder() (string, error) {
	dir, err := os.MkdirTemp(base(), fmt.Sprintf("%s%d-", folderPrefix, os.Getpid()))
	if err != nil {
		return "", err
	}
	return dir, open(dir)
}

// lifelines are what would end the server, were the garbage collector to close them.
var lifelines []any

func startPrivate(ctx context.Context) (string, error) {
	removeStale(base())
	dir, err := newFolder()
	if err != nil {
		return "", err
	}
	if err := removeAtExit(dir); err != nil {
		return "", err
	}
	cluster, err := localpg.Start(ctx, localpg.Config{
		Dir: filepath.Join(dir, "pg"),
		// What a test writes need not outlive it.
		Settings: map[string]string{
			"fsync":              "off",
			"synchronous_commit": "off",
			"full_page_writes":   "off",
			"shared_buffers":     "64MB",
			"max_wal_size":       "512MB",
			"min_wal_size":       "32MB",
			"autovacuum":         "off",
		},
	})
	if err != nil {
		return "", err
	}
	lifelines = append(lifelines, cluster)
	return cluster.URL("postgres"), nil
}

// removeAtExit starts a shell that waits for the end of this process, which closes its standard input, then ends the
// server and removes dir. A test binary has no other place for that which a panic, os.Exit or kill -9 would not pass by.
func removeAtExit(dir string) error {
	const script = `
read -r _
for _ in 1 2 3 4 5 6 7 8 9 10; do
	pid=$(head -n 1 "$0/pg/pgdata/postmaster.pid" 2>/dev/null) || break
	kill -INT "$pid" 2>/dev/null
	sleep 0.2
done
rm -rf "$0"`
	janitor := exec.Command("/bin/sh", "-c", script, dir)
	stdin, err := janitor.StdinPipe()
	if err != nil {
		return err
	}
	lifelines = append(lifelines, stdin)
	janitor.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	return janitor.Start()
}

// removeStale removes the folders of test binaries that are gone, and had no time to do it or whose shells were killed as
// well.
func removeStale(base string) {
	folders, _ := filepath.Glob(filepath.Join(base, folderPrefix+"*"))
	for _, dir := range folders {
		text, _, _ := strings.Cut(strings.TrimPrefix(filepath.Base(dir), folderPrefix), "-")
		pid, err := strconv.Atoi(text)
		if err != nil || !errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) {
			continue
		}
		info, err := os.Stat(dir)
		// The shell of a binary that has just ended may be at it still.
		if err == nil && time.Since(info.ModTime()) > time.Minute {
			_ = os.RemoveAll(dir)
		}
	}
}

// Folder makes a temporary folder for a test that starts Earshot itself, and removes it when the test ends. Unlike that of
// t.TempDir, the account that runs root's server may enter it.
func Folder(t testing.TB) string {
	t.Helper()
	dir, err := newFolder()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			t.Errorf("remove the test's folder: %v", err)
		}
	})
	return dir
}

// base is where temporary folders go. Root's TMPDIR may be closed to the account that runs its server.
func base() string {
	if os.Geteuid() == 0 {
		return "/tmp"
	}
	return os.TempDir()
}

func open(dir string) error {
	if os.Geteuid() == 0 {
		return os.Chmod(dir, 0o711)
	}
	return nil
}
