package localpg

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"earshot/feedback"
)

const helperEnv = "EARSHOT_LOCALPG_HELPER"

// TestMain lets the test binary run again as another process that starts a cluster, waits for the end of its standard
// input, and stops it.
func TestMain(m *testing.M) {
	if config := os.Getenv(helperEnv); config != "" {
		runHelper(config)
		return
	}
	code := m.Run()
	if original != "" {
		os.RemoveAll(original)
	}
	os.Exit(code)
}

// answer is what the helper says on its standard output once Start has returned.
type answer struct {
	URL, Dir, Error string
	Code            feedback.Code
	Pid             int
	Attached        bool
}

func runHelper(config string) {
	var cfg Config
	if err := json.Unmarshal([]byte(config), &cfg); err != nil {
		panic(err)
	}
	c, err := Start(context.Background(), cfg)
	if err != nil {
		json.NewEncoder(os.Stdout).Encode(answer{Error: err.Error(), Code: feedback.ErrorCode(err)})
		os.Exit(1)
	}
	json.NewEncoder(os.Stdout).Encode(answer{URL: c.URL("postgres"), Dir: c.Dir(), Pid: c.pid, Attached: c.Attached()})
	io.Copy(io.Discard, os.Stdin)
	if err := c.Stop(context.Background()); err != nil {
		panic(err)
	}
}

type helper struct {
	cmd   *exec.Cmd
	stdin io.Closer
	out   *bufio.Reader
}

// startHelper runs the test binary again, as an ordinary user when asked: nobody when the tests run as root.
func startHelper(t *testing.T, cfg Config, ordinary bool) *helper {
	t.Helper()
	config, err := json.Marshal(cfg)
	if err != nil {
		t.Fatal(err)
	}
	binary, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(binary)
	cmd.Env = append(os.Environ(), helperEnv+"="+string(config))
	cmd.Dir = "/"
	cmd.Stderr = os.Stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if uid, gid := ordinaryUser(t); ordinary && os.Geteuid() == 0 {
		// The go command's folder is closed to others.
		cmd.Path = filepath.Join(folder(t), "helper")
		copyFile(t, binary, cmd.Path)
		cmd.Env = append(cmd.Env, "HOME=/nonexistent")
		cmd.SysProcAttr.Credential = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
	}
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	h := &helper{cmd: cmd, stdin: stdin, out: bufio.NewReader(stdout)}
	t.Cleanup(func() { h.kill() })
	return h
}

// answer waits for what Start has given.
func (h *helper) answer(t *testing.T) answer {
	t.Helper()
	line, err := h.out.ReadString('\n')
	if err != nil {
		t.Fatalf("the helper ended without an answer: %v", err)
	}
	var a answer
	if err := json.Unmarshal([]byte(line), &a); err != nil {
		t.Fatalf("the helper answers %q", line)
	}
	return a
}

func (h *helper) mustStart(t *testing.T) answer {
	t.Helper()
	a := h.answer(t)
	if a.Error != "" {
		t.Fatalf("the helper's Start: %s", a.Error)
	}
	return a
}

// stop ends the helper in the orderly way.
func (h *helper) stop(t *testing.T) {
	t.Helper()
	h.stdin.Close()
	if err := h.cmd.Wait(); err != nil {
		t.Fatalf("the helper ends with %v", err)
	}
}

func (h *helper) kill() {
	h.cmd.Process.Kill()
	h.cmd.Wait()
}

// ordinaryUser gives an account that is not root: this one, or nobody.
func ordinaryUser(t *testing.T) (uid, gid int) {
	t.Helper()
	if os.Geteuid() != 0 {
		return os.Geteuid(), os.Getegid()
	}
	u, err := user.Lookup("nobody")
	if err != nil {
		t.Fatal(err)
	}
	uid, _ = strconv.Atoi(u.Uid)
	gid, _ = strconv.Atoi(u.Gid)
	return uid, gid
}

// folder makes a temporary folder that every account may pass through, which t.TempDir is not.
func folder(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("/tmp", "localpg-")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			t.Errorf("remove %s: %v", dir, err)
		}
	})
	return dir
}

func copyFile(t *testing.T, from, to string) {
	t.Helper()
	b, err := os.ReadFile(from)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(to, b, 0o755); err != nil {
		t.Fatal(err)
	}
}

// quick is a configuration whose clusters start sooner. It does without syncs: killing a process loses nothing that it has
// written, only a power cut would.
func quick(dir string) Config {
	return Config{Dir: dir, Settings: map[string]string{"shared_buffers": "16MB", "min_wal_size": "32MB", "fsync": "off"}}
}

// made is the configuration of a cluster that exists, which takes a copy and not initdb's second.
func made(t *testing.T) Config {
	t.Helper()
	cfg := quick(filepath.Join(folder(t), "pg"))
	copyCluster(t, cfg.Dir)
	return cfg
}

// original is the folder of the cluster that copyCluster copies, made when it is first needed.
var original string

func copyCluster(t *testing.T, dir string) {
	t.Helper()
	if original == "" {
		made, err := os.MkdirTemp("/tmp", "localpg-original-")
		if err != nil {
			t.Fatal(err)
		}
		original = made
		if err := os.Chmod(original, 0o755); err != nil {
			t.Fatal(err)
		}
		c, err := Start(t.Context(), quick(filepath.Join(original, "pg")))
		if err != nil {
			t.Fatal(err)
		}
		mustStop(t, c)
	}
	if out, err := exec.Command("cp", "-a", filepath.Join(original, "pg"), dir).CombinedOutput(); err != nil {
		t.Fatalf("copy the cluster: %v\n%s", err, out)
	}
}

func mustStart(t *testing.T, cfg Config) *Cluster {
	t.Helper()
	c, err := Start(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { mustStop(t, c) })
	return c
}

func mustStop(t *testing.T, c *Cluster) {
	t.Helper()
	if err := c.Stop(context.Background()); err != nil {
		t.Errorf("Stop: %v", err)
	}
}

func wantError(t *testing.T, err error, code feedback.Code, says ...string) {
	t.Helper()
	if feedback.ErrorCode(err) != code {
		t.Fatalf("error %v has the code %q, want %q", err, feedback.ErrorCode(err), code)
	}
	if strings.Contains(err.Error(), "\n") {
		t.Errorf("error %q has more than one line", err)
	}
	var coded *feedback.Error
	if !errors.As(err, &coded) || coded.Hint == "" {
		t.Errorf("error %q does not say what to do", err)
	}
	for _, text := range says {
		if !strings.Contains(err.Error(), text) {
			t.Errorf("error %q does not say %q", err, text)
		}
	}
}

// remember commits a value, and recall reads all of them.
func remember(t *testing.T, url, value string) {
	t.Helper()
	conn := connect(t, url)
	if _, err := conn.Exec(t.Context(), "CREATE TABLE IF NOT EXISTS memory (value text)"); err != nil {
		t.Fatal(err)
	}
	if _, err := conn.Exec(t.Context(), "INSERT INTO memory VALUES ($1)", value); err != nil {
		t.Fatal(err)
	}
}

func recall(t *testing.T, url string) string {
	t.Helper()
	conn := connect(t, url)
	rows, _ := conn.Query(t.Context(), "SELECT value FROM memory ORDER BY value")
	values, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(values, " ")
}

func ask(t *testing.T, url, query string) (text string) {
	t.Helper()
	if err := connect(t, url).QueryRow(t.Context(), query).Scan(&text); err != nil {
		t.Fatal(err)
	}
	return text
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

// eventually fails the test unless ok comes to hold.
func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	if held, err := poll(t.Context(), 30*time.Second, ok); err != nil || !held {
		t.Fatalf("waited in vain until %s (%v)", what, err)
	}
}

func isClosed(ch <-chan struct{}) bool {
	select {
	case <-ch:
		return true
	default:
		return false
	}
}

func asRoot() bool { return os.Geteuid() == 0 }

func pidFileOf(c *Cluster) string { return filepath.Join(c.Dir(), pgdataName, "postmaster.pid") }

func pidLine(pid int) string { return fmt.Sprintf("%d\n", pid) }
