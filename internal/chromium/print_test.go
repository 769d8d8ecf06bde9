package chromium

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"earshot/feedback"
)

var june = time.Date(2026, 6, 29, 0, 0, 0, 0, time.UTC)

// browser writes a shell script that stands in for Chromium.
func browser(t *testing.T, script string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "chromium")
	if err := os.WriteFile(path, []byte("#!/bin/sh\nfor a; do case \"$a\" in --print-to-pdf=*) out=${a#*=};; --user-data-dir=*) profile=${a#*=};; file:*) page=${a#file://};; esac; done\n"+script), 0o755); err != nil {
		t.Fatal(err)
	}
	return path
}

// nothingLeft holds that no file of a print is left in dir.
func nothingLeft(t *testing.T, dir string) {
	t.Helper()
	left, err := filepath.Glob(filepath.Join(dir, "earshot-print-*"))
	if err != nil || len(left) > 0 {
		t.Errorf("left behind: %v %v", left, err)
	}
}

func TestWithoutABrowserItSaysWhatToInstall(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	saved := names
	names = []string{"chromium"}
	defer func() { names = saved }()
	for _, path := range []string{"", "/nowhere/chromium"} {
		_, err := Print(context.Background(), Config{Path: path}, []byte("<p>"))
		if feedback.ErrorCode(err) != feedback.Unavailable || !strings.Contains(err.Error(), "EARSHOT_CHROMIUM") {
			t.Errorf("%q: %v", path, err)
		}
	}
}

func TestThePageIsPrintedAndNothingIsLeft(t *testing.T) {
	tmp := t.TempDir()
	t.Setenv("TMPDIR", tmp)
	bin := browser(t, `mkdir -p "$profile"; { echo "%PDF-1.4"; cat "$page"; echo "/CreationDate (D:20261123133125+00'00')"; echo "/ModDate (D:20261123133125+01'00')"; } >"$out"`)
	pdf, err := Print(context.Background(), Config{Path: bin, Dated: june}, []byte("<p>hello"))
	want := "%PDF-1.4\n<p>hello/CreationDate (D:20260629000000+00'00')\n/ModDate (D:20260629000000+00'00')\n"
	if err != nil || string(pdf) != want {
		t.Errorf("%q %v", pdf, err)
	}
	nothingLeft(t, tmp)
}

func TestABrowserThatFailsOrHangsIsUnavailable(t *testing.T) {
	for name, script := range map[string]string{
		"fails":           "echo no display >&2; exit 3",
		"prints nothing":  "echo no display >&2",
		"prints no PDF":   `echo no display; echo hello >"$out"`,
		"hangs with kids": `echo $$ >"$MARK"; sleep 600 & sleep 600`,
	} {
		t.Run(name, func(t *testing.T) {
			tmp := t.TempDir()
			t.Setenv("TMPDIR", tmp)
			mark := filepath.Join(t.TempDir(), "pid")
			t.Setenv("MARK", mark)
			timeout := time.Minute
			if strings.HasPrefix(name, "hangs") {
				timeout = 300 * time.Millisecond
			}
			_, err := Print(context.Background(), Config{Path: browser(t, script), Timeout: timeout}, []byte("<p>"))
			if feedback.ErrorCode(err) != feedback.Unavailable {
				t.Errorf("%v", err)
			}
			if timeout == time.Minute && !strings.Contains(err.Error(), "no display") {
				t.Errorf("it does not say what the browser said: %v", err)
			}
			if pid, err := os.ReadFile(mark); err == nil && groupLives(strings.TrimSpace(string(pid))) {
				t.Error("a process of the browser lives")
			}
			nothingLeft(t, tmp)
		})
	}
}

// groupLives says whether a process of the group runs.
func groupLives(group string) bool {
	stats, _ := filepath.Glob("/proc/[0-9]*/stat")
	for _, path := range stats {
		stat, err := os.ReadFile(path)
		if err != nil {
			continue // it ended meanwhile
		}
		fields := strings.Fields(string(stat[bytes.LastIndexByte(stat, ')')+1:]))
		if len(fields) > 2 && fields[2] == group && fields[0] != "Z" {
			return true
		}
	}
	return false
}

// The browser of this machine prints a page of two sheets, the same bytes twice. Where there is none, Print must say so.
func TestTheMachinesOwnBrowserPrintsTheSameTwice(t *testing.T) {
	page := []byte(`<!doctype html><title>t</title><style>@page { size: A4 }</style><p>one<p style="break-before: page">two`)
	first, err := Print(context.Background(), Config{Dated: june}, page)
	if _, missing := Find(""); missing != nil {
		if feedback.ErrorCode(err) != feedback.Unavailable {
			t.Errorf("without a browser: %v", err)
		}
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	again, err := Print(context.Background(), Config{Dated: june}, page)
	if err != nil || !bytes.Equal(first, again) {
		t.Errorf("two prints differ: %d and %d bytes, %v", len(first), len(again), err)
	}
	for _, want := range []string{"/Count 2", "/CreationDate (D:20260629000000+00'00')", "/Title (t)"} {
		if !bytes.Contains(first, []byte(want)) {
			t.Errorf("the PDF lacks %s", want)
		}
	}
}
