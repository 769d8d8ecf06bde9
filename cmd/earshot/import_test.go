package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/jackc/pgx/v5"

	"earshot/app"
	"earshot/feedback"
	"earshot/ingest/importer"
	"earshot/internal/pgtest"
)

// anonymous makes rows without ids, some of which say the same.
func anonymous(rows int) string {
	var b strings.Builder
	b.WriteString("comment,stars\n")
	for i := range rows {
		fmt.Fprintf(&b, "The calendar lost my entry number %d again today.,%d\n", i%(rows*2/3), i%5+1)
	}
	return b.String()
}

func openHere(t *testing.T) *app.App {
	t.Helper()
	cfg, err := app.ReadConfig(func(name string) (string, bool) {
		if name == "EARSHOT_POSTGRES_BIN" {
			return os.LookupEnv(name)
		}
		return filepath.Join(pgtest.Folder(t), "data"), name == "EARSHOT_DATA_DIR"
	})
	if err != nil {
		t.Fatal(err)
	}
	a, err := app.Open(t.Context(), cfg, app.Options{Queue: true, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = a.Close() })
	return a
}

// externalIDs are those of all items of a workspace.
func externalIDs(t *testing.T, a *app.App, workspace string) []string {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), a.DatabaseURL())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	rows, err := conn.Query(t.Context(), `SELECT external_id FROM items WHERE workspace_id = $1 ORDER BY external_id`, workspace)
	if err != nil {
		t.Fatal(err)
	}
	ids, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	return ids
}

// importInto imports a file as the command does, and stops after so many batches; 0 for none.
func importInto(t *testing.T, a *app.App, name, workspace string, batches int, restart bool) (before, sent int) {
	t.Helper()
	a.Config.Workspace = workspace
	in, err := (&cli{in: strings.NewReader("")}).openImport(name, importer.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer in.close()
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	if err := in.resume(ctx, a, restart); err != nil {
		t.Fatal(err)
	}
	n := 0
	done, err := a.Send(ctx, workspace, in.messages(ctx), nil, func(app.Intake) {
		in.durable()
		if n++; n == batches {
			stop()
		}
	})
	switch {
	case batches > 0 && feedback.ErrorCode(err) != feedback.Unavailable:
		t.Fatalf("it was not stopped: %v", err)
	case batches == 0 && err != nil:
		t.Fatal(err)
	case batches == 0:
		in.finished()
	}
	return in.before, done.Sent
}

func TestAnImportThatWasStoppedGoesOnBehindWhatIsDurable(t *testing.T) {
	a := openHere(t)
	name := filepath.Join(t.TempDir(), "rows.csv")
	const rows = 3500
	if err := os.WriteFile(name, []byte(anonymous(rows)), 0o600); err != nil {
		t.Fatal(err)
	}
	if before, sent := importInto(t, a, name, "stopped", 2, false); before != 0 || sent != 2000 {
		t.Fatalf("stopped: %d before, %d sent", before, sent)
	}
	if before, sent := importInto(t, a, name, "other", 1, false); before != 0 || sent != 1000 {
		t.Errorf("another workspace: %d before, %d sent", before, sent)
	}
	if before, sent := importInto(t, a, name, "stopped", 1, false); before != 2000 || sent != 1000 {
		t.Fatalf("stopped again: %d before, %d sent", before, sent)
	}
	if before, sent := importInto(t, a, name, "stopped", 0, false); before != 3000 || sent != rows-3000 {
		t.Fatalf("to the end: %d before, %d sent", before, sent)
	}
	if before, sent := importInto(t, a, name, "whole", 0, false); before != 0 || sent != rows {
		t.Fatalf("uninterrupted: %d before, %d sent", before, sent)
	}
	if before, sent := importInto(t, a, name, "stopped", 0, false); before != 0 || sent != rows {
		t.Errorf("the checkpoint outlived its import: %d before, %d sent", before, sent)
	}
	if before, _ := importInto(t, a, name, "other", 1, true); before != 0 {
		t.Errorf("--restart went on after %d", before)
	}
	if err := a.Process(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	stopped, whole := externalIDs(t, a, "stopped"), externalIDs(t, a, "whole")
	if len(whole) != rows || !slices.Equal(stopped, whole) {
		t.Errorf("%d items after the stops, %d of %d without", len(stopped), len(whole), rows)
	}
	if left, _ := os.ReadDir(filepath.Join(a.Config.DataDir, "imports")); len(left) != 1 {
		t.Errorf("one import was not finished, and the checkpoints are %v", left)
	}
}

func TestACheckpointIsOfOneFileAsItWas(t *testing.T) {
	a := openHere(t)
	dir := t.TempDir()
	write := func(name, content string) string {
		at := filepath.Join(dir, name)
		if err := os.WriteFile(at, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		return at
	}
	name := write("rows.csv", anonymous(1500))
	rows := func(how string) int {
		c, err := a.Checkpoint(t.Context(), "w", name, how)
		if err != nil {
			t.Fatal(err)
		}
		return c.Rows()
	}
	c, err := a.Checkpoint(t.Context(), "w", name, "how")
	if err != nil {
		t.Fatal(err)
	}
	c.Save(1000)
	if got := rows("how"); got != 1000 {
		t.Fatalf("the control: %d rows", got)
	}
	if got := rows("another mapping"); got != 0 {
		t.Errorf("read another way it goes on after %d", got)
	}
	changed := strings.Replace(anonymous(1500), "calendar", "calendir", 1)
	write("rows.csv", changed)
	if got := rows("how"); got != 0 {
		t.Errorf("changed it goes on after %d", got)
	}
	if c, err = a.Checkpoint(t.Context(), "w", name, "how"); err != nil {
		t.Fatal(err)
	}
	c.Save(500)
	kept, err := filepath.Glob(filepath.Join(a.Config.DataDir, "imports", "*.json"))
	if err != nil || len(kept) != 2 {
		t.Fatal(kept, err)
	}
	for _, k := range kept {
		if err := os.WriteFile(k, []byte(`{"stream":1,"rows":500}`), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if got := rows("how"); got != 0 {
		t.Errorf("of another queue it goes on after %d", got)
	}
	for _, k := range kept {
		if err := os.WriteFile(k, []byte(`{"stream":`), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if got := rows("how"); got != 0 {
		t.Errorf("torn it goes on after %d", got)
	}
	if _, err := a.Checkpoint(t.Context(), "w", filepath.Join(dir, "nowhere"), "how"); feedback.ErrorCode(err) != feedback.Unavailable {
		t.Errorf("a file that is gone: %v", err)
	}
}

var wentOn = regexp.MustCompile(`Goes on after row ([0-9,]+)`)

func TestAnImportThatWasInterruptedOrKilledSaysWhereItGoesOn(t *testing.T) {
	p := newPlace(t)
	const rows = 2500
	p.write("big.csv", anonymous(rows))
	checkpoint := filepath.Join(p.dir, "data", "imports", "*.json")
	for name, signal := range map[string]syscall.Signal{"interrupted": syscall.SIGINT, "killed": syscall.SIGKILL} {
		cmd := p.command("", "import", "big.csv", "-w", name)
		var errs strings.Builder
		cmd.Stderr = &errs
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		until(t, "a checkpoint", func() bool {
			found, _ := filepath.Glob(checkpoint)
			return len(found) > 0
		})
		if err := cmd.Process.Signal(signal); err != nil {
			t.Fatal(err)
		}
		err := cmd.Wait()
		var exit *exec.ExitError
		if !errors.As(err, &exit) || signal == syscall.SIGINT && exit.ExitCode() != exitInterrupted {
			t.Fatalf("%s: %v\n%s", name, err, errs.String())
		}
		code, out, said := p.run("", "import", "big.csv", "-w", name)
		if code != exitOK || !wentOn.MatchString(said) || !strings.Contains(out, "were sent before") {
			t.Errorf("%s: exit code %d\n%s%s", name, code, out, said)
		}
		if l := p.clusters(name); l.Items != rows || l.Pending != 0 {
			t.Errorf("%s: %d items, %d pending, want %d", name, l.Items, l.Pending, rows)
		}
		if found, _ := filepath.Glob(checkpoint); len(found) != 0 {
			t.Errorf("%s: %v is left", name, found)
		}
	}
}

func TestExportsAreListedShownAndImported(t *testing.T) {
	p := newPlace(t)
	out := p.must("", "import", "--list-formats")
	for _, want := range []string{"Zendesk tickets", "Slack export", "play-store", "RECOGNISED BY"} {
		if !strings.Contains(out, want) {
			t.Errorf("the list lacks %q:\n%s", want, out)
		}
	}
	fixtures, err := filepath.Abs(filepath.Join("..", "..", "ingest", "importer", "testdata"))
	if err != nil {
		t.Fatal(err)
	}
	out = p.must("", "import", "--dry-run", filepath.Join(fixtures, "intercom.json"))
	if !strings.Contains(out, "Intercom conversations") || !strings.Contains(out, "left out: what admins, bots and teams wrote") || !strings.Contains(out, "line 5") {
		t.Errorf("shown before it is sent:\n%s", out)
	}
	code, out, errs := p.run("", "import", filepath.Join(fixtures, "slack"))
	if code != exitInvalid || !strings.Contains(out, "Left out: bots' messages (2)") || !strings.Contains(errs, "random/2026-03-03.json, line 4") {
		t.Errorf("exit code %d\n%s%s", code, out, errs)
	}
	if l := p.clusters("default"); l.Items != 3 {
		t.Errorf("%d items, want three", l.Items)
	}
	if code, _, errs := p.run("", "import", "--list-formats", "x"); code != exitUsage {
		t.Errorf("%d %s", code, errs)
	}
	if code, _, errs := p.run("", "import", fixtures); code != exitInvalid || !strings.Contains(errs, "no export that is known") {
		t.Errorf("a folder of other files: %d %s", code, errs)
	}
}

func TestWhatIsReadIsCounted(t *testing.T) {
	in := &importing{size: 100, read: &counted{in: strings.NewReader(strings.Repeat("x", 50))}, rows: 10}
	if in.expected() != 0 {
		t.Error("nothing was read, and rows are expected")
	}
	if _, err := io.Copy(io.Discard, in.read); err != nil || in.expected() != 20 {
		t.Errorf("%v, %d rows expected", err, in.expected())
	}
}
