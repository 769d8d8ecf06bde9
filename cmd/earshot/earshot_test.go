package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"earshot/internal/pgtest"
)

// A test that needs a process of its own runs this test binary as earshot.
const asEarshot = "EARSHOT_TEST_RUN_MAIN"

func TestMain(m *testing.M) {
	if os.Getenv(asEarshot) != "" {
		main()
	}
	os.Exit(m.Run())
}

// place is a folder for a test with a data folder in it; commands run there.
type place struct {
	t   *testing.T
	dir string
	env []string
}

func newPlace(t *testing.T) *place {
	t.Helper()
	env := []string{asEarshot + "=1"}
	for _, v := range os.Environ() {
		// The test's own settings alone count; a private database is part of what is tested.
		if !strings.HasPrefix(v, "EARSHOT_") || strings.HasPrefix(v, "EARSHOT_POSTGRES_BIN=") {
			env = append(env, v)
		}
	}
	return &place{t: t, dir: pgtest.Folder(t), env: env}
}

func (p *place) command(stdin string, args ...string) *exec.Cmd {
	self, err := os.Executable()
	if err != nil {
		p.t.Fatal(err)
	}
	cmd := exec.Command(self, args...)
	cmd.Dir, cmd.Env, cmd.Stdin = p.dir, p.env, strings.NewReader(stdin)
	return cmd
}

// run gives the exit code, standard output and standard error of one command.
func (p *place) run(stdin string, args ...string) (int, string, string) {
	p.t.Helper()
	cmd := p.command(stdin, args...)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		p.t.Fatal(err)
	}
	return cmd.ProcessState.ExitCode(), out.String(), errs.String()
}

// must is run for a command that has to succeed.
func (p *place) must(stdin string, args ...string) string {
	p.t.Helper()
	code, out, errs := p.run(stdin, args...)
	if code != exitOK {
		p.t.Fatalf("earshot %s: exit code %d\n%s\n%s", strings.Join(args, " "), code, out, errs)
	}
	return out
}

func (p *place) write(name, content string) {
	p.t.Helper()
	if err := os.WriteFile(filepath.Join(p.dir, name), []byte(content), 0o644); err != nil {
		p.t.Fatal(err)
	}
}

func (p *place) read(name string) string {
	p.t.Helper()
	data, err := os.ReadFile(filepath.Join(p.dir, name))
	if err != nil {
		p.t.Fatal(err)
	}
	return string(data)
}

// list is what earshot clusters --json says.
type list struct {
	Items      int `json:"items"`
	Excerpts   int `json:"excerpts"`
	Unassigned int `json:"unassigned"`
	Pending    int `json:"pending"`
	Clusters   []struct {
		ID       string `json:"id"`
		Name     string `json:"name"`
		Excerpts int    `json:"excerpts"`
	} `json:"clusters"`
}

func (p *place) clusters(workspace string) (l list) {
	p.t.Helper()
	if err := json.Unmarshal([]byte(p.must("", "clusters", "--json", "-w", workspace)), &l); err != nil {
		p.t.Fatal(err)
	}
	return l
}

// until polls for what another process brings about.
func until(t *testing.T, what string, ok func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for !ok() {
		select {
		case <-ctx.Done():
			t.Fatalf("it never came about: %s", what)
		case <-tick.C:
		}
	}
}

func TestTheDemoRunTwiceDoublesNothingAndGivesTheSameBytes(t *testing.T) {
	p := newPlace(t)
	out := p.must("", "demo")
	if !strings.Contains(out, " serve --workspace demo") {
		t.Errorf("the demo does not say how to browse it:\n%s", out)
	}
	first := p.clusters("demo")
	pulse, page := p.read("out/pulse.json"), p.read("out/pulse.html")
	if first.Items < 1200 || len(first.Clusters) < 10 || first.Pending != 0 {
		t.Fatalf("%d items, %d clusters, %d pending", first.Items, len(first.Clusters), first.Pending)
	}
	p.must("", "demo")
	if again := p.clusters("demo"); fmt.Sprint(again) != fmt.Sprint(first) {
		t.Errorf("a second run changed the clusters:\n%v\n%v", first, again)
	}
	// The run has another number now; the facts are the same.
	numbers := regexp.MustCompile(`"run":\s*\d+|"snapshot_hash":\s*"\w+"`)
	if numbers.ReplaceAllString(p.read("out/pulse.json"), "") != numbers.ReplaceAllString(pulse, "") {
		t.Error("a second run changed the facts of the Pulse")
	}
	p.must("", "report", "-w", "demo")
	second := p.read("out/pulse.json")
	p.must("", "report", "-w", "demo")
	if p.read("out/pulse.json") != second {
		t.Error("two Pulses over the same snapshot differ")
	}
	if strings.Contains(page, "http://") || strings.Contains(page, "https://") || strings.Contains(page, "<script") {
		t.Error("the page asks for something from outside, or runs a script")
	}
	if out := p.must("", "report", "verify", "-w", "demo"); !strings.Contains(out, "Everything that it says holds") {
		t.Errorf("the Pulse does not hold:\n%s", out)
	}
	if out := p.must("", "report", "show", "-w", "demo", "--format", "csv,html", "--audience", "executive"); !strings.Contains(p.read("out/pulse-topics.csv"), "share_before") ||
		len(p.read("out/pulse.html")) >= len(page) || !strings.Contains(out, "What to build next") {
		t.Errorf("the Pulse that was kept reads\n%s", out)
	}
	// What comes in later changes facts that the Pulse states; the Pulse stays, and says so when it is asked.
	p.must("id,comment,created\n1,The calendar shows each visit twice again.,2026-06-20\n", "import", "-", "-w", "demo", "--source-name", "late")
	if code, out, _ := p.run("", "report", "verify", "-w", "demo"); code != exitConflict || !strings.Contains(out, "(said)") || !strings.Contains(out, "coverage/items") {
		t.Errorf("exit code %d\n%s", code, out)
	}
	p.must("", "report", "-w", "demo")
	var list []struct{ ID string }
	if err := json.Unmarshal([]byte(p.must("", "report", "list", "-w", "demo", "--json")), &list); err != nil || len(list) < 2 {
		t.Fatalf("%d Pulses, %v", len(list), err)
	}
	if out := p.must("", "report", "diff", list[1].ID, "-w", "demo"); !strings.Contains(out, "Calendar") {
		t.Errorf("the difference of two Pulses reads\n%s", out)
	}
}

// csv makes rows of feedback that differ.
func csv(rows int) string {
	var b strings.Builder
	b.WriteString("id,comment\n")
	things := []string{"invoice", "calendar", "photo upload", "login page", "route planner", "search box", "price list"}
	for i := range rows {
		fmt.Fprintf(&b, "%d,The %s stopped working after update number %d and I lost an hour.\n", i, things[i%len(things)], i)
	}
	return b.String()
}

func TestAnImportThatWasKilledIsFinishedByTheNext(t *testing.T) {
	p := newPlace(t)
	const rows = 4000
	p.write("big.csv", csv(rows))
	for _, wait := range []time.Duration{900 * time.Millisecond, 1400 * time.Millisecond, 2 * time.Second} {
		cmd := p.command("", "import", "big.csv")
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		timer := time.AfterFunc(wait, func() { _ = cmd.Process.Kill() })
		_ = cmd.Wait()
		timer.Stop()
	}
	p.must("", "import", "big.csv")
	if l := p.clusters("default"); l.Items != rows || l.Excerpts != rows || l.Pending != 0 {
		t.Errorf("%d items, %d excerpts, %d pending; want %d, %d, 0", l.Items, l.Excerpts, l.Pending, rows, rows)
	}
}

func TestWhatIsPublishedWithoutWorkersIsHandledByTheNextServe(t *testing.T) {
	p := newPlace(t)
	p.must("", "publish", "The export loses every second line of my report.")
	p.must(`{"body":"<p>The <b>calendar</b> shows each visit twice.</p>","format":"html"}`, "publish", "--source", "zendesk")
	s := p.serve("--workspace", "default")
	until(t, "both messages are analysed", func() bool {
		l := p.clusters("default")
		return l.Items == 2 && l.Pending == 0
	})
	out := p.must("", "search", "calendar twice")
	if !strings.Contains(out, "The calendar shows each visit twice.") {
		t.Error(out)
	}
	s.stop()
}

// server is a running earshot serve.
type server struct {
	p    *place
	cmd  *exec.Cmd
	url  string
	errs *bytes.Buffer
}

func (p *place) serve(args ...string) *server {
	p.t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		p.t.Fatal(err)
	}
	address := l.Addr().String()
	l.Close()
	s := &server{p: p, url: "http://" + address, errs: &bytes.Buffer{}}
	s.cmd = p.command("", append([]string{"serve", "--listen", address}, args...)...)
	s.cmd.Stderr = s.errs
	if err := s.cmd.Start(); err != nil {
		p.t.Fatal(err)
	}
	p.t.Cleanup(func() { _ = s.cmd.Process.Kill(); _ = s.cmd.Wait() })
	until(p.t, "serve is ready", func() bool {
		resp, err := http.Get(s.url + "/readyz")
		if err != nil {
			return false
		}
		resp.Body.Close()
		return resp.StatusCode == http.StatusOK
	})
	return s
}

// stop ends it as Ctrl-C does, and wants it gone in good order.
func (s *server) stop() {
	s.p.t.Helper()
	if err := s.cmd.Process.Signal(syscall.SIGINT); err != nil {
		s.p.t.Fatal(err)
	}
	if err := s.cmd.Wait(); err != nil {
		s.p.t.Errorf("serve ended with %v\n%s", err, s.errs)
	}
}

func (s *server) get(path string) (int, string) {
	s.p.t.Helper()
	resp, err := http.Get(s.url + path)
	if err != nil {
		s.p.t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		s.p.t.Fatal(err)
	}
	return resp.StatusCode, string(body)
}

func TestServeTakesFeedbackAndShowsItBesideOtherCommands(t *testing.T) {
	p := newPlace(t)
	s := p.serve()
	lines := `{"external_id":"1","body":"The invoice shows the wrong tax, mail me at jo@example.com"}` + "\nnot json\n" +
		`{"external_id":"2","body":"The invoice tax is wrong again this month"}` + "\n"
	resp, err := http.Post(s.url+"/v1/feedback?source=api", "application/x-ndjson", strings.NewReader(lines))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var answer struct{ Accepted, Rejected int }
	if err := json.NewDecoder(resp.Body).Decode(&answer); err != nil {
		t.Fatal(err)
	}
	if resp.StatusCode != http.StatusAccepted || answer.Accepted != 2 || answer.Rejected != 1 {
		t.Fatalf("%d %+v", resp.StatusCode, answer)
	}
	p.write("more.csv", csv(60))
	p.must("", "import", "more.csv")
	until(t, "all is analysed", func() bool { l := p.clusters("default"); return l.Items == 62 && l.Pending == 0 })
	p.must("", "recluster")
	p.must("", "report")

	out := p.must("", "search", "--json", "wrong tax")
	if !strings.Contains(out, "[EMAIL_1]") || strings.Contains(out, "jo@example.com") {
		t.Errorf("the address is not redacted: %s", out)
	}
	for _, path := range []string{"/", "/clusters", "/clusters/C1", "/search?q=tax", "/features", "/metrics", "/healthz", "/openapi.json"} {
		if code, body := s.get(path); code != http.StatusOK || len(body) == 0 {
			t.Errorf("GET %s: %d", path, code)
		}
	}
	if code, _ := s.get("/clusters/C99"); code != http.StatusNotFound {
		t.Errorf("a cluster that does not exist: %d", code)
	}
	s.stop()
}

func TestServeThatWasKilledFinishesItsWorkWhenStartedAgain(t *testing.T) {
	p := newPlace(t)
	s := p.serve()
	var body strings.Builder
	for i := range 3000 {
		fmt.Fprintf(&body, `{"external_id":"%d","body":"The export number %d takes far too long to finish."}`+"\n", i, i)
	}
	resp, err := http.Post(s.url+"/v1/feedback", "application/x-ndjson", strings.NewReader(body.String()))
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != http.StatusAccepted {
		t.Fatal(resp.Status)
	}
	if err := s.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = s.cmd.Wait()
	again := p.serve()
	until(t, "every accepted item is analysed once", func() bool {
		l := p.clusters("default")
		return l.Items == 3000 && l.Excerpts == 3000 && l.Pending == 0
	})
	again.stop()
}

func TestABadRowIsRefusedWithItsPlaceAndTheRestGoesOn(t *testing.T) {
	p := newPlace(t)
	p.write("bad.csv", "id,comment,created\n1,The map is wrong for my street.,2026-05-01\n2,too,many,fields\n3,,2026-05-01\n"+
		"4,The list loads slowly.,the other day\n5,I love the new list view.,2026-05-02\n6,Search is fine now.,2026-05-03\n"+
		"7,It takes a minute to open.,2026-05-03\n")
	code, out, errs := p.run("", "import", "bad.csv")
	if code != exitInvalid {
		t.Errorf("exit code %d\n%s%s", code, out, errs)
	}
	for _, want := range []string{"bad.csv", "line 3", "line 4", "line 5", "created"} {
		if !strings.Contains(errs, want) {
			t.Errorf("standard error lacks %q:\n%s", want, errs)
		}
	}
	if l := p.clusters("default"); l.Items != 4 {
		t.Errorf("%d items, want the four good rows", l.Items)
	}
	if out := p.must("", "doctor"); !strings.Contains(out, "dead letters") || !strings.Contains(out, "bad.csv") {
		t.Errorf("doctor does not show the refused rows:\n%s", out)
	}
}

func TestAMessageThatTheWorkersRefuseIsNoSuccess(t *testing.T) {
	p := newPlace(t)
	messages := `{"external_id":"1","body":"The clock is wrong.","occurred_at":"2999-01-01T00:00:00Z"}` + "\n" +
		`{"external_id":"2","body":"The clock is right.","occurred_at":"2026-01-01T00:00:00Z"}` + "\n"
	code, out, errs := p.run(messages, "import", "--json", "-")
	if code != exitInvalid || !strings.Contains(out, `"rejected": 1`) || !strings.Contains(errs, "doctor") {
		t.Errorf("exit code %d\n%s%s", code, out, errs)
	}
	if l := p.clusters("default"); l.Items != 1 {
		t.Errorf("%d items, want the good one", l.Items)
	}
	if out := p.must("", "books"); !strings.Contains(out, "The books balance") {
		t.Errorf("books:\n%s", out)
	}
	var dead struct {
		Letters []struct{ ID, Reason, Payload string }
	}
	if err := json.Unmarshal([]byte(p.must("", "dead", "list", "--json")), &dead); err != nil || len(dead.Letters) != 1 {
		t.Fatalf("%+v, %v", dead, err)
	}
	id := dead.Letters[0].ID[:8]
	if out := p.must("", "dead", "show", id); !strings.Contains(out, "future") || !strings.Contains(out, "The clock is wrong.") {
		t.Errorf("the letter reads\n%s", out)
	}
	p.must(strings.Replace(dead.Letters[0].Payload, "2999", "2026", 1), "dead", "replay", id, "--with", "-")
	p.must("id,comment\n9,Another row so that somebody works.\n", "import", "-")
	if l := p.clusters("default"); l.Items != 3 {
		t.Errorf("%d items after the replay, want 3", l.Items)
	}
	if out := p.must("", "dead", "list"); !strings.Contains(out, "0 of 0") {
		t.Errorf("a letter that was replayed is still there:\n%s", out)
	}
	if code, _, errs := p.run("", "dead", "drop"); code != exitUsage || !strings.Contains(errs, "--every") {
		t.Errorf("dropping nothing in particular: exit code %d, %s", code, errs)
	}
}

func TestCommandsThatCannotWorkSayWhyOnOneLine(t *testing.T) {
	p := newPlace(t)
	p.write("file", "")
	p.write("empty.csv", "")
	p.write("fine.csv", csv(3))
	p.write("noheader.csv", "5,2024-01-01\n6,2024-01-02\n")
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	for _, c := range []struct {
		name string
		env  string
		args []string
		code int
		says string
	}{
		{"a command that does not exist", "", []string{"frobnicate"}, exitUsage, "frobnicate"},
		{"a flag that does not exist", "", []string{"report", "--colour"}, exitUsage, "--colour"},
		{"too many arguments", "", []string{"import", "a", "b"}, exitUsage, "import"},
		{"a setting that cannot be", "EARSHOT_BATCH_SIZE=many", []string{"clusters"}, exitUsage, "EARSHOT_BATCH_SIZE"},
		{"a file that is not there", "", []string{"import", "nowhere.csv"}, exitNotFound, "nowhere.csv"},
		{"an empty file", "", []string{"import", "empty.csv"}, exitInvalid, "empty.csv"},
		{"a CSV without text", "", []string{"import", "noheader.csv"}, exitInvalid, "noheader.csv"},
		{"a column that is not there", "", []string{"import", "--text", "body", "fine.csv"}, exitInvalid, "body"},
		{"a data folder that is a file", "", []string{"clusters", "--data-dir", "file"}, exitUnavailable, "--data-dir"},
		{"a database that is away", "EARSHOT_DATABASE_URL=postgres://x:secret@127.0.0.1:1/x", []string{"clusters"}, exitUnavailable, "127.0.0.1"},
		{"a queue that is away", "EARSHOT_NATS_URL=nats://127.0.0.1:1", []string{"publish", "hello there"}, exitUnavailable, "NATS"},
		{"a Postgres that is not there", "EARSHOT_POSTGRES_BIN=/nowhere", []string{"clusters"}, exitUnavailable, "/nowhere"},
		{"a port that is taken", "", []string{"serve", "--listen", taken.Addr().String()}, exitConflict, "taken"},
		{"a role that does not exist", "", []string{"serve", "--role", "cook"}, exitUsage, "cook"},
		{"a period that cannot be", "", []string{"report", "--period", "someday"}, exitInvalid, "someday"},
		{"a report on nothing", "", []string{"report"}, exitNotFound, "import"},
		{"a cluster that is no cluster", "", []string{"clusters", "banana"}, exitInvalid, "banana"},
		{"a message that is not JSON", "", []string{"publish"}, exitInvalid, "JSON"},
	} {
		t.Run(c.name, func(t *testing.T) {
			q := *p
			q.t = t
			if c.env != "" {
				q.env = append(append([]string{}, p.env...), c.env)
			}
			code, _, errs := q.run("no json", c.args...)
			if code != c.code {
				t.Errorf("exit code %d, want %d\n%s", code, c.code, errs)
			}
			if !strings.Contains(errs, c.says) || strings.Count(strings.TrimSpace(errs), "\n") > 0 {
				t.Errorf("standard error is not one line with %q:\n%s", c.says, errs)
			}
			if strings.Contains(errs, "secret") {
				t.Errorf("standard error shows a password: %s", errs)
			}
		})
	}
}

func TestEveryCommandHasHelpWithWhatItDoes(t *testing.T) {
	c := &cli{lookup: os.LookupEnv, in: strings.NewReader(""), out: io.Discard, errs: io.Discard}
	for _, cmd := range c.root().Commands() {
		if cmd.Short == "" {
			t.Errorf("%s says nothing", cmd.Name())
		}
		var out bytes.Buffer
		if code := run(t.Context(), []string{cmd.Name(), "--help"}, os.LookupEnv, strings.NewReader(""), &out, &out); code != exitOK {
			t.Errorf("earshot %s --help: exit code %d", cmd.Name(), code)
		}
	}
}
