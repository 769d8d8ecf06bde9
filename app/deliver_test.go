package app_test

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"earshot/app"
	"earshot/courier"
	"earshot/feedback"
	"earshot/internal/pgtest"
)

const hookKey = "0123456789abcdef"

// office is an app whose clock the test sets, with a webhook of its own.
type office struct {
	*app.App
	now    atomic.Pointer[time.Time]
	folder string
	hook   string
	events []string // what the webhook got: event and body
}

func openOffice(t *testing.T) *office {
	t.Helper()
	o := &office{folder: t.TempDir()}
	o.set(time.Date(2026, 6, 20, 12, 0, 0, 0, time.UTC)) // a Saturday
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err == nil {
			err = courier.Verify(hookKey, r.Header.Get(courier.HeaderTimestamp), r.Header.Get(courier.HeaderSignature), body, *o.now.Load())
		}
		if err != nil {
			t.Error(err)
		}
		o.events = append(o.events, r.Header.Get(courier.HeaderEvent)+" "+string(body))
	}))
	t.Cleanup(server.Close)
	u, _ := url.Parse(server.URL)
	o.hook = server.URL + "/secret"
	cfg, err := read(map[string]string{"EARSHOT_DELIVERY_SECRET": hookKey, "EARSHOT_DELIVERY_DIR": o.folder, "EARSHOT_DELIVERY_HOSTS": u.Host,
		"EARSHOT_PUBLIC_URL": "https://earshot.example/base", "EARSHOT_DATABASE_URL": pgtest.NewDatabase(t, nil)})
	if err != nil {
		t.Fatal(err)
	}
	if o.App, err = app.Open(t.Context(), cfg, app.Options{Log: quiet(), Now: func() time.Time { return *o.now.Load() }}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = o.Close() })
	return o
}

func (o *office) set(now time.Time) { o.now.Store(&now) }

// hear saves analysed feedback of no topic: one item a day for forty days, and n severe ones of the last two days.
func (o *office) hear(t *testing.T, n int) {
	t.Helper()
	now := *o.now.Load()
	var items []feedback.Item
	add := func(at time.Time) {
		id := fmt.Sprint(len(items))
		body := "It lost the whole day's work, number " + id + "."
		it := feedback.Item{ID: feedback.ItemID("acme", "tickets", id), Workspace: "acme", Source: "tickets", ExternalID: id, Body: body, OccurredAt: at, ReceivedAt: at,
			ContentHash: sha256.Sum256([]byte(body)), BodyHash: sha256.Sum256([]byte(body))}
		it.Excerpts = []feedback.Excerpt{{ID: feedback.ExcerptID(it.ID, body, 0), Start: 0, End: len(body), Text: body}}
		items = append(items, it)
	}
	for day := range 40 {
		add(now.AddDate(0, 0, -day-4))
	}
	for i := range n {
		add(now.Add(-time.Duration(i+1) * time.Hour))
	}
	if _, err := o.Store.SaveItems(t.Context(), items); err != nil {
		t.Fatal(err)
	}
	var list []feedback.Analysis
	for i, it := range items {
		severity := 1
		if i >= 40 {
			severity = 3
		}
		list = append(list, feedback.Analysis{Workspace: "acme", Excerpt: it.Excerpts[0].ID, Vector: feedback.Vector{1, 0, 0},
			Labels: feedback.Labels{Sentiment: -0.5, Kind: feedback.KindBug, Severity: severity, Language: "en"}})
	}
	if err := o.Store.SaveAnalyses(t.Context(), feedback.Model{Name: "test", Version: "1", Dimensions: 3}, list); err != nil {
		t.Fatal(err)
	}
}

func (o *office) deliver(t *testing.T) {
	t.Helper()
	if err := o.Deliver(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func (o *office) files(t *testing.T) []string {
	t.Helper()
	var names []string
	err := filepath.WalkDir(o.folder, func(path string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			name, _ := filepath.Rel(o.folder, path)
			names = append(names, name)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(names)
	return names
}

func TestAScheduledPulseReachesItsTargetsOnce(t *testing.T) {
	o := openOffice(t)
	o.hear(t, 0)
	s, err := o.AddSchedule(t.Context(), feedback.Schedule{Workspace: "acme", Cadence: feedback.Weekly, Weekday: time.Monday, Minute: 480, Zone: "Europe/Berlin",
		Period: "week", Targets: []string{"file:board?format=html,txt&audience=executive", o.hook}})
	if err != nil || s.ID != 1 {
		t.Fatal(s, err)
	}
	o.deliver(t)
	o.set(time.Date(2026, 6, 22, 6, 0, 30, 0, time.UTC)) // Monday, just after 8:00 in Berlin
	o.deliver(t)
	o.deliver(t)
	want := []string{"board/pulse-2026-06-15-to-2026-06-21.html", "board/pulse-2026-06-15-to-2026-06-21.txt"}
	if got := o.files(t); !slices.Equal(got, want) {
		t.Errorf("files %v", got)
	}
	if len(o.events) != 1 {
		t.Fatalf("the webhook got %v", o.events)
	}
	var digest struct{ Schema, Start, End, Pulse, Link, Headline string }
	if err := json.Unmarshal([]byte(strings.TrimPrefix(o.events[0], "pulse ")), &digest); err != nil {
		t.Fatal(err)
	}
	if digest.Schema != "earshot.digest/1" || digest.Start != "2026-06-15" || digest.End != "2026-06-22" || digest.Headline == "" ||
		digest.Link != "https://earshot.example/base/pulses/"+digest.Pulse+"?workspace=acme" {
		t.Errorf("%+v", digest)
	}
	list, err := o.Deliveries(t.Context(), "acme", 10)
	if err != nil || len(list) != 2 || list[0].Subject != digest.Pulse || list[1].Subject != digest.Pulse || list[0].State != feedback.DeliverySent {
		t.Errorf("%+v %v", list, err)
	}
}

func TestAnAlertReachesWhoAskedForAlerts(t *testing.T) {
	o := openOffice(t)
	if _, err := o.AddSchedule(t.Context(), feedback.Schedule{Workspace: "acme", Cadence: feedback.OnAlert, Zone: "UTC", Targets: []string{"file:alerts", o.hook}}); err != nil {
		t.Fatal(err)
	}
	o.hear(t, 6)
	for range 3 {
		if _, err := o.CheckAlerts(t.Context(), "acme", *o.now.Load()); err != nil {
			t.Fatal(err)
		}
		o.deliver(t)
	}
	if len(o.events) != 1 || !strings.Contains(o.events[0], "Unassigned feedback holds six severe reports within three days") || len(o.files(t)) != 1 {
		t.Fatalf("%v %v", o.events, o.files(t))
	}
	o.set(o.now.Load().AddDate(0, 0, 7))
	if _, err := o.CheckAlerts(t.Context(), "acme", *o.now.Load()); err != nil {
		t.Fatal(err)
	}
	o.deliver(t)
	if len(o.events) != 2 || !strings.Contains(o.events[1], `"open":false`) || len(o.files(t)) != 2 {
		t.Errorf("when it is over: %v %v", o.events, o.files(t))
	}
	if list, err := o.Alerts(t.Context(), "acme", true, 10); err != nil || len(list) != 0 {
		t.Errorf("%v %v", list, err)
	}
}

func TestWhatFailsInOneWorkspaceKeepsNoOtherFromItsAlerts(t *testing.T) {
	o := openOffice(t)
	o.hear(t, 6)
	execute(t, o.App, `INSERT INTO workspaces (id) VALUES ('aaa')`)
	if err := o.Store.SaveAlerts(t.Context(), []feedback.Alert{{ID: feedback.AlertID("aaa", feedback.AlertSpike, "C1", *o.now.Load()), Workspace: "aaa",
		Kind: feedback.AlertSpike, Subject: "C1", Open: true, OpenedAt: *o.now.Load()}}, nil); err != nil {
		t.Fatal(err)
	}
	execute(t, o.App, `UPDATE alerts SET document = '"no alert"' WHERE workspace_id = 'aaa'`)
	if err := o.LookForAlerts(t.Context()); err == nil || !strings.Contains(err.Error(), `"aaa"`) {
		t.Errorf("the error of the first workspace: %v", err)
	}
	if list, err := o.Alerts(t.Context(), "acme", true, 10); err != nil || len(list) != 1 {
		t.Errorf("in the second stand %v, %v", list, err)
	}
}

func TestAPulseIsSentByHandOnceUnlessAskedAgain(t *testing.T) {
	o := openOffice(t)
	o.hear(t, 0)
	if _, err := o.SendPulse(t.Context(), "acme", "", "file:a", app.SendOptions{}); feedback.ErrorCode(err) != feedback.NotFound {
		t.Fatalf("without a Pulse: %v", err)
	}
	if _, err := o.Report(t.Context(), "acme", "30d", ""); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		opts app.SendOptions
		want feedback.Code
	}{{app.SendOptions{}, ""}, {app.SendOptions{}, feedback.Conflict}, {app.SendOptions{Again: true}, ""}, {app.SendOptions{Test: true}, ""}} {
		o.set(o.now.Load().Add(time.Second))
		if _, err := o.SendPulse(t.Context(), "acme", "", "file:a", c.opts); feedback.ErrorCode(err) != c.want {
			t.Errorf("%+v: %v", c.opts, err)
		}
	}
	if got := o.files(t); len(got) != 2 || !strings.HasPrefix(got[1], "a/test-pulse-") {
		t.Errorf("%v", got)
	}
	for _, bad := range []string{"file:a?format=exe", "file:a?audience=nobody", "http://example.com/x", "mail:jo@example.com", "gopher:x"} {
		if _, err := o.SendPulse(t.Context(), "acme", "", bad, app.SendOptions{}); feedback.ErrorCode(err) != feedback.Invalid {
			t.Errorf("%s: %v", bad, err)
		}
	}
	for name, s := range map[string]feedback.Schedule{
		"fixed dates": {Period: "2026-01-01..2026-02-01"}, "no period": {Period: ""}, "another": {Period: "fortnight"},
	} {
		s.Workspace, s.Cadence, s.Zone, s.Targets = "acme", feedback.Weekly, "UTC", []string{"file:a"}
		if _, err := o.AddSchedule(t.Context(), s); feedback.ErrorCode(err) != feedback.Invalid {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestAWrongSettingOfDeliveriesIsNamed(t *testing.T) {
	for env, value := range map[string]string{"EARSHOT_DELIVERY_SECRET": "short", "EARSHOT_SMTP_URL": "mailto:x", "EARSHOT_PUBLIC_URL": "earshot", "EARSHOT_MAIL_FROM": "nobody"} {
		cfg, err := read(map[string]string{env: value})
		if err != nil {
			t.Fatal(err)
		}
		a := &app.App{Config: cfg}
		if err := a.Deliver(t.Context()); feedback.ErrorCode(err) != feedback.Invalid || !strings.Contains(err.Error(), env) {
			t.Errorf("%s: %v", env, err)
		}
	}
}
