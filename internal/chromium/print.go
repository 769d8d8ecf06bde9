package chromium

import (
	"bytes"
	"context"
	"errors"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"syscall"
	"time"

	"earshot/feedback"
)

// Config says how a page is printed.
type Config struct {
	Path    string        // of the browser, or its name in PATH; searched for where it is ""
	Dated   time.Time     // the time of making that the PDF bears, so that the same page gives the same bytes
	Timeout time.Duration // for the whole of it; a minute where it is 0
}

// names are what a Chromium is called, the likeliest first.
var names = []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome",
	"/Applications/Chromium.app/Contents/MacOS/Chromium", "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"}

// Find gives the path of the browser that would print. It fails with Unavailable where there is none.
func Find(path string) (string, error) {
	candidates := names
	if path != "" {
		candidates = []string{path}
	}
	for _, name := range candidates {
		if found, err := exec.LookPath(name); err == nil {
			return found, nil
		}
	}
	if path != "" {
		return "", feedback.Errorf(feedback.Unavailable, "there is no browser %q to print with", path).
			WithHint("correct EARSHOT_CHROMIUM, or leave it empty to have one searched for")
	}
	return "", feedback.Errorf(feedback.Unavailable, "no Chromium was found to print the PDF with").
		WithHint("install one (apt install chromium), or name it with EARSHOT_CHROMIUM")
}

// errorBytes is how much of what the browser complains of is kept.
const errorBytes = 4 << 10

// Print prints a page of HTML as its print style says, and gives the PDF. The page gets no network.
// When Print returns, the browser is gone, and so are its profile and all files. The same page, date and browser give
// the same bytes; another version of the browser may not. It fails with Unavailable where there is no browser, or where
// it does not print in time.
func Print(ctx context.Context, cfg Config, page []byte) ([]byte, error) {
	bin, err := Find(cfg.Path)
	if err != nil {
		return nil, err
	}
	if cfg.Timeout == 0 {
		cfg.Timeout = time.Minute
	}
	dir, err := os.MkdirTemp("", "earshot-print-")
	if err != nil {
		return nil, feedback.Errorf(feedback.Unavailable, "make a folder to print in: %w", err)
	}
	defer os.RemoveAll(dir)
	source, target := filepath.Join(dir, "page.html"), filepath.Join(dir, "page.pdf")
	if err := os.WriteFile(source, page, 0o600); err != nil {
		return nil, feedback.Errorf(feedback.Unavailable, "write the page to print: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, cfg.Timeout)
	defer cancel()
	said, err := run(ctx, bin, arguments(dir, source, target))
	if err != nil {
		return nil, err
	}
	pdf, err := os.ReadFile(target)
	if err != nil || !bytes.HasPrefix(pdf, []byte("%PDF-")) {
		return nil, feedback.Errorf(feedback.Unavailable, "%s printed nothing: %s", filepath.Base(bin), said).
			WithHint("see whether it runs: %s --version", bin)
	}
	return dated(pdf, cfg.Dated), nil
}

func arguments(dir, source, target string) []string {
	args := []string{
		"--headless", "--disable-gpu", "--no-first-run", "--disable-sync", "--disable-extensions", "--disable-breakpad",
		"--disable-crash-reporter", "--disable-dev-shm-usage", "--disable-component-update", "--disable-background-networking",
		"--disable-quic", "--host-resolver-rules=MAP * ~NOTFOUND", "--proxy-server=127.0.0.1:9", "--proxy-bypass-list=<-loopback>",
		"--user-data-dir=" + filepath.Join(dir, "profile"),
		"--no-pdf-header-footer", "--print-to-pdf=" + target,
	}
	if os.Geteuid() == 0 {
		args = append(args, "--no-sandbox") // the browser refuses root otherwise; the page is ours, has no script and reaches no network
	}
	return append(args, (&url.URL{Scheme: "file", Path: source}).String())
}

// run runs the browser in a process group of its own, and ends the whole group with it.
func run(ctx context.Context, bin string, args []string) (said string, err error) {
	var complaint tail
	cmd := exec.CommandContext(ctx, bin, args...)
	cmd.Stdout, cmd.Stderr = &complaint, &complaint
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.WaitDelay = 5 * time.Second
	end := func() error {
		if cmd.Process == nil {
			return nil
		}
		err := syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
		if errors.Is(err, syscall.ESRCH) {
			return os.ErrProcessDone
		}
		return err
	}
	cmd.Cancel = end
	err = cmd.Run()
	_ = end() // helpers that outlive the browser; mostly there are none
	switch {
	case ctx.Err() != nil:
		return "", feedback.Errorf(feedback.Unavailable, "%s did not print in time: %w", filepath.Base(bin), ctx.Err())
	case err != nil:
		return "", feedback.Errorf(feedback.Unavailable, "%s does not print: %w: %s", filepath.Base(bin), err, complaint.last())
	}
	return complaint.last(), nil
}

// tail keeps the end of what is written to it.
type tail struct{ kept []byte }

func (t *tail) Write(p []byte) (int, error) {
	t.kept = append(t.kept, p...)
	if over := len(t.kept) - errorBytes; over > 0 {
		t.kept = t.kept[over:]
	}
	return len(p), nil
}

// last gives the last line.
func (t *tail) last() string {
	lines := bytes.Split(bytes.TrimSpace(t.kept), []byte("\n"))
	return string(lines[len(lines)-1])
}

var dates = regexp.MustCompile(`/(?:CreationDate|ModDate) \(D:(\d{14}[+-]\d\d'\d\d')\)`)

// dated puts one time in place of those at which the browser made the PDF. The length stays, and with it every offset.
func dated(pdf []byte, at time.Time) []byte {
	stamp := at.UTC().Format("20060102150405") + "+00'00'"
	for _, found := range dates.FindAllSubmatchIndex(pdf, -1) {
		copy(pdf[found[2]:found[3]], stamp)
	}
	return pdf
}
