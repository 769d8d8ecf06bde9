package web_test

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"earshot/feedback"
	"earshot/report"
	"earshot/web"
)

// hostile is a name that a stranger might give.
const hostile = `</bdi><script>alert("x")</script><img src=x onerror=alert(1)>{{.}} "quoted" ` + "\u202edesrever"

var monday = time.Date(2026, 3, 30, 0, 0, 0, 0, time.UTC)

// fake is a house behind the server.
type fake struct {
	mu       sync.Mutex
	list     feedback.ClusterList
	retired  []feedback.ClusterView
	hits     []feedback.Hit
	features []feedback.Feature
	item     feedback.ItemView
	pulses   map[string]feedback.Pulse
	taken    []string // what the queue made durable, as workspace/source/data
	verdict  func(data []byte) error
	searched []string
	snapshot feedback.Snapshot
	books    feedback.Books
	rejected int
	decided  []feedback.Decision
	refuses  error // what Decide says
	err      error
	ready    error
	panics   bool
	runs     runsFake
}

func (f *fake) ClusterList(context.Context, string) (feedback.ClusterList, error) {
	if f.panics {
		panic("a fault")
	}
	return f.list, f.err
}

func (f *fake) ClusterByID(_ context.Context, _ string, id feedback.ClusterID) (feedback.ClusterView, error) {
	for _, v := range slices.Concat(f.list.Clusters, f.retired) {
		if v.Cluster.ID == id {
			return v, f.err
		}
	}
	return feedback.ClusterView{}, cmp.Or(f.err, error(feedback.Errorf(feedback.NotFound, "there is no cluster %v", id)))
}

func (f *fake) ClusterExcerpts(_ context.Context, _ string, id feedback.ClusterID, offset, limit int) ([]feedback.Hit, error) {
	var own []feedback.Hit
	for _, h := range f.hits {
		if h.Cluster == id {
			own = append(own, h)
		}
	}
	return own[min(offset, len(own)):min(offset+limit, len(own))], f.err
}

func (f *fake) Decide(_ context.Context, _ string, d feedback.Decision) (feedback.Decision, error) {
	if err := d.Check(); err != nil {
		return d, err
	}
	if f.refuses != nil {
		return d, f.refuses
	}
	d.ID = len(f.decided) + 1
	d.At = monday
	if d.Kind == feedback.DecideSplit {
		d.Other = 2
	}
	f.decided = append(f.decided, d)
	return d, nil
}

func (f *fake) Parts(_ context.Context, _ string, id feedback.ClusterID) ([]feedback.Part, error) {
	if id != 1 {
		return nil, feedback.Errorf(feedback.Conflict, "%s is one topic", id)
	}
	return []feedback.Part{{Name: hostile, Summary: hostile, Keywords: []string{hostile}, Excerpts: []feedback.ID{{1}, {2}}},
		{Name: "Second", Excerpts: []feedback.ID{{3}}}}, nil
}

func (f *fake) Decisions(_ context.Context, _ string, _ feedback.ClusterID, before, limit int) ([]feedback.Decision, error) {
	var log []feedback.Decision
	for _, d := range slices.Backward(f.decided) {
		if (before == 0 || d.ID < before) && len(log) < limit {
			log = append(log, d)
		}
	}
	return log, f.err
}

func (f *fake) Features(context.Context, string) ([]feedback.Feature, error) {
	return f.features, f.err
}

func (f *fake) ItemOfExcerpt(_ context.Context, _ string, id feedback.ID) (feedback.ItemView, error) {
	if slices.ContainsFunc(f.item.Excerpts, func(h feedback.Hit) bool { return h.Excerpt == id }) {
		return f.item, f.err
	}
	return feedback.ItemView{}, feedback.Errorf(feedback.NotFound, "there is no such excerpt")
}

func (f *fake) LatestPulse(ctx context.Context, workspace string) (feedback.Pulse, error) {
	return f.PulseByID(ctx, workspace, "latest")
}

func (f *fake) PulseByID(_ context.Context, _, id string) (feedback.Pulse, error) {
	if p, ok := f.pulses[id]; ok {
		return p, f.err
	}
	return feedback.Pulse{}, cmp.Or(f.err, error(feedback.Errorf(feedback.NotFound, "there is no Pulse")))
}

func (f *fake) Pulses(_ context.Context, _ string, offset, limit int) ([]feedback.Pulse, error) {
	list := slices.SortedFunc(maps.Values(f.pulses), func(a, b feedback.Pulse) int { return cmp.Compare(a.ID, b.ID) })
	return list[min(offset, len(list)):min(offset+limit, len(list))], f.err
}

func (f *fake) Snapshot(context.Context, string, feedback.Period, string) (feedback.Snapshot, error) {
	return f.snapshot, f.err
}

func (f *fake) RecountForming(context.Context, feedback.Snapshot) (*feedback.FormingFacts, error) {
	return f.snapshot.Forming, f.err
}

func (f *fake) Bodies(context.Context, string, []feedback.ID) (map[feedback.ID]string, error) {
	return nil, f.err
}

func (f *fake) PublishReceived(_ context.Context, workspace, source string, data [][]byte) []error {
	f.mu.Lock()
	defer f.mu.Unlock()
	errs := make([]error, len(data))
	for i, d := range data {
		if f.verdict != nil {
			errs[i] = f.verdict(d)
		}
		if errs[i] == nil {
			f.taken = append(f.taken, workspace+"/"+source+"/"+string(d))
		}
	}
	return errs
}

func (f *fake) Books(context.Context) (feedback.Books, error) { return f.books, f.err }

func (f *fake) CountRejected(_ context.Context, _, _ string, n int) { f.rejected += n }

func (f *fake) Search(_ context.Context, _, query string, limit int) ([]feedback.Hit, error) {
	f.searched = append(f.searched, query)
	return f.hits[:min(limit, len(f.hits))], f.err
}

func (f *fake) Forget(_ context.Context, workspace string, kind feedback.SubjectKind, name, by string, copies, dryRun bool) (feedback.Erasure, error) {
	f.taken = append(f.taken, fmt.Sprint("forget ", workspace, " ", kind, " ", name, " ", by, " ", copies, " ", dryRun))
	return feedback.Erasure{Workspace: workspace, ID: 3, Kind: kind, Items: 2}, f.err
}

func (f *fake) Erasures(_ context.Context, workspace string, _ int) ([]feedback.Erasure, error) {
	return []feedback.Erasure{{Workspace: workspace, ID: 3}}, f.err
}

// style is what the fake Pulse page has in its style element.
const style = "body{margin:0}"

func newFake() *fake {
	f := &fake{pulses: make(map[string]feedback.Pulse)}
	view := func(id feedback.ClusterID, name string, items int) feedback.ClusterView {
		v := feedback.ClusterView{
			Cluster: feedback.Cluster{ID: id, Name: name, Theme: 1 + feedback.ThemeID(id)%2, ThemeName: "Theme " + name, Size: items + 1, Summary: "“" + name + "”", Keywords: []string{"battery", name}},
			Items:   items, Customers: items / 2, Sentiment: -0.4, FirstSeen: monday, LastSeen: monday.AddDate(0, 0, 80),
		}
		for w := range 13 {
			v.Weekly = append(v.Weekly, feedback.Week{Start: monday.AddDate(0, 0, 7*w), Items: w * items / 80})
		}
		return v
	}
	f.list = feedback.ClusterList{Items: 1294, Excerpts: 2000, Unassigned: 90, Pending: 3, Newest: monday.AddDate(0, 0, 90),
		Clusters: []feedback.ClusterView{view(1, "Battery empty by noon", 80), view(2, hostile, 40), view(3, strings.Repeat("long ", 600), 20)}}
	f.list.Clusters[0].Urgent, f.list.Clusters[0].ChurnRisk = 7, 4
	f.list.Clusters[0].Link = &feedback.LinkView{
		Link: feedback.Link{Cluster: 1, Feature: "f-gps", State: feedback.LinkAutomatic, Score: 0.91, RunnerUp: "f-app", RunnerUpScore: 0.12, Evidence: []string{"battery", "location"}},
		Name: "Low-power location " + hostile, Path: []string{"Mobile", "Technician day", "Low-power location"}, Status: feedback.StatusInProgress, RunnerUpName: "App",
	}
	f.retired = []feedback.ClusterView{{Cluster: feedback.Cluster{ID: 9, Name: "Phones die", Retired: true, Successor: 1}},
		{Cluster: feedback.Cluster{ID: 10, Name: "Scattered", Retired: true}, Went: []feedback.Went{{Cluster: 1, Name: hostile, Excerpts: 20}, {Cluster: 2, Name: "Low", Excerpts: 8}}}}
	item := feedback.ItemID("default", "zendesk", "1")
	body := "Hello. Full at 7, dead at 2. Also <b>no</b> dark mode & it is 日本."
	for i, span := range [][2]int{{7, 28}, {29, len(body)}} {
		text := body[span[0]:span[1]]
		f.item.Excerpts = append(f.item.Excerpts, feedback.Hit{Excerpt: feedback.ExcerptID(item, text, 0), Item: item, Start: span[0], End: span[1], Text: text,
			Source: "zendesk", OccurredAt: monday, Cluster: feedback.ClusterID(i + 1), ClusterName: "Cluster " + hostile, Kind: feedback.KindComplaint, Sentiment: -0.62, Severity: 3 - i, Urgent: i == 0, ChurnRisk: i == 1})
	}
	f.item.ID, f.item.Source, f.item.Body, f.item.OccurredAt = item, "zendesk", body, monday
	f.item.Title, f.item.Customer, f.item.URL = hostile, hostile, "javascript:alert(1)"
	for n := range 60 {
		f.hits = append(f.hits, feedback.Hit{Excerpt: feedback.ExcerptID(item, "hit", n), Item: item, Text: "Dead by noon. " + hostile, Source: "play-store", OccurredAt: monday.AddDate(0, 0, 90-n),
			Customer: hostile, Segment: "enterprise", Cluster: 1, ClusterName: hostile, Kind: feedback.KindBug, Sentiment: -0.5, Severity: 3, Score: 0.5})
	}
	f.features = []feedback.Feature{
		{ID: "p", Name: "Mobile", Kind: "product"},
		{ID: "f-gps", Parent: "p", Name: "Low-power location " + hostile, Kind: "feature", Status: feedback.StatusShipped, ShippedAt: monday},
		{ID: "f-lost", Parent: "gone", Name: "Orphan", Kind: "feature", Status: feedback.StatusInProgress},
	}
	return f
}

func newServer(t *testing.T, f *fake, change ...func(*web.Config)) *web.Server {
	t.Helper()
	cfg := web.Config{
		Store: f, Evidence: f, Pulses: f, Facts: f, Queue: f, Books: f, Search: f, Decisions: f, Privacy: f,
		Schedules: &desk{}, Outbox: &desk{}, Alerts: &desk{}, Runs: &f.runs, Steering: &f.runs,
		Unassigned: &f.runs,
		Render: func(p feedback.Pulse, _ report.Options) ([]byte, error) {
			return []byte("<!doctype html><title>Pulse</title><style>" + style + "</style><h1>" + string(p.Document) + "</h1>"), nil
		},
		Ready:    func(context.Context) error { return f.ready },
		Registry: prometheus.NewRegistry(),
		Log:      slog.New(slog.DiscardHandler),
	}
	for _, c := range change {
		c(&cfg)
	}
	s, err := web.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// ask sends a request as it would come from this machine, and gives the status, the headers and the body.
func ask(t *testing.T, h http.Handler, method, target, body string, header ...string) (int, http.Header, string) {
	t.Helper()
	r := httptest.NewRequest(method, target, strings.NewReader(body))
	r.Host = "127.0.0.1:8321"
	for i := 0; i+1 < len(header); i += 2 {
		if header[i] == "Host" {
			r.Host = header[i+1]
		}
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Code, w.Header(), w.Body.String()
}

func TestNewRefusesAConfigThatLacksSomething(t *testing.T) {
	if _, err := web.New(web.Config{}); feedback.ErrorCode(err) != feedback.Invalid {
		t.Errorf("an empty Config: %v", err)
	}
	f := newFake()
	registry := prometheus.NewRegistry()
	newServer(t, f, func(c *web.Config) { c.Registry = registry })
	cfg := web.Config{Store: f, Evidence: f, Pulses: f, Facts: f, Queue: f, Books: f, Search: f, Decisions: f, Privacy: f,
		Schedules: &desk{}, Outbox: &desk{}, Alerts: &desk{}, Render: func(feedback.Pulse, report.Options) ([]byte, error) { return nil, nil },
		Ready: func(context.Context) error { return nil }, Registry: registry, Log: slog.New(slog.DiscardHandler)}
	if _, err := web.New(cfg); feedback.ErrorCode(err) != feedback.Invalid {
		t.Errorf("metrics registered twice: %v", err)
	}
	cfg.Registry, cfg.Workspace = prometheus.NewRegistry(), "No Workspace"
	if _, err := web.New(cfg); feedback.ErrorCode(err) != feedback.Invalid {
		t.Errorf("a workspace that is none: %v", err)
	}
}

func TestAnOperatorSeesWhetherItLivesAndWorks(t *testing.T) {
	f := newFake()
	s := newServer(t, f)
	if status, _, _ := ask(t, s, "GET", "/readyz", ""); status != 200 {
		t.Errorf("ready: %d", status)
	}
	f.ready = feedback.Errorf(feedback.Unavailable, "the database does not answer")
	if status, _, body := ask(t, s, "GET", "/readyz", ""); status != 503 || !strings.Contains(body, "the database does not answer") {
		t.Errorf("not ready: %d %q", status, body)
	}
	if status, _, _ := ask(t, s, "GET", "/healthz", ""); status != 200 {
		t.Errorf("a process that is not ready lives all the same: %d", status)
	}
	status, _, body := ask(t, s, "GET", "/metrics", "")
	if status != 200 || !strings.Contains(body, `earshot_http_requests_total{route="GET /readyz",status="503"} 1`) {
		t.Errorf("metrics: %d\n%s", status, body)
	}
}

func TestAnotherSiteMayNotUseTheBrowser(t *testing.T) {
	const item = `{"body":"x"}`
	tests := []struct {
		name   string
		method string
		path   string
		header []string
		hosts  []string
		want   int
	}{
		{"a program sends", "POST", "/v1/feedback", nil, nil, 202},
		{"a page of this server sends", "POST", "/v1/feedback", []string{"Origin", "http://127.0.0.1:8321", "Sec-Fetch-Site", "same-origin"}, nil, 202},
		{"a page of another site sends", "POST", "/v1/feedback", []string{"Origin", "https://evil.example", "Sec-Fetch-Site", "cross-site"}, nil, 400},
		{"an old browser says its origin alone", "POST", "/v1/feedback", []string{"Origin", "https://evil.example"}, nil, 400},
		{"a page without an origin sends", "POST", "/v1/feedback", []string{"Origin", "null"}, nil, 400},
		{"another site links here", "GET", "/clusters", []string{"Sec-Fetch-Site", "cross-site"}, nil, 200},
		{"a name that was rebound to this machine", "GET", "/clusters", []string{"Host", "evil.example"}, nil, 400},
		{"a rebound name sends to itself", "POST", "/v1/feedback", []string{"Host", "evil.example", "Origin", "http://evil.example", "Sec-Fetch-Site", "same-origin"}, nil, 400},
		{"localhost by name", "GET", "/clusters", []string{"Host", "localhost:8321"}, nil, 200},
		{"version 6", "GET", "/clusters", []string{"Host", "[::1]:8321"}, nil, 200},
		{"an address, as of a proxy's look whether it lives", "GET", "/healthz", []string{"Host", "10.1.2.3:8321"}, []string{"earshot.internal"}, 200},
		{"the name that readers know", "GET", "/clusters", []string{"Host", "pulse.example:443"}, []string{"earshot.internal"}, 200},
		{"a name that it was given", "GET", "/clusters", []string{"Host", "Earshot.internal"}, []string{"earshot.internal"}, 200},
		{"a name beside those", "GET", "/clusters", []string{"Host", "evil.example"}, []string{"earshot.internal"}, 400},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			f := newFake()
			s := newServer(t, f, func(c *web.Config) { c.Hosts, c.PublicHost = test.hosts, "Pulse.example" })
			server := httptest.NewServer(s) // a real connection, over loopback
			defer server.Close()
			r, err := http.NewRequest(test.method, server.URL+test.path, strings.NewReader(item))
			if err != nil {
				t.Fatal(err)
			}
			r.Host = "127.0.0.1:8321"
			for i := 0; i < len(test.header); i += 2 {
				if test.header[i] == "Host" {
					r.Host = test.header[i+1]
				}
				r.Header.Set(test.header[i], test.header[i+1])
			}
			answer, err := server.Client().Do(r)
			if err != nil {
				t.Fatal(err)
			}
			defer answer.Body.Close()
			if answer.StatusCode != test.want {
				t.Errorf("status %d, want %d", answer.StatusCode, test.want)
			}
			if test.want != 202 && len(f.taken) > 0 {
				t.Errorf("a refused request was published: %q", f.taken)
			}
		})
	}
	// Off the loopback interface nothing can be rebound to this machine alone: any name will do.
	if status, _, _ := ask(t, newServer(t, newFake()), "GET", "/clusters", "", "Host", "earshot.example"); status != 200 {
		t.Errorf("a request from elsewhere: %d", status)
	}
}

func TestAFaultIsLoggedAndNotShown(t *testing.T) {
	var log bytes.Buffer
	f := newFake()
	s := newServer(t, f, func(c *web.Config) { c.Log = slog.New(slog.NewTextHandler(&log, nil)) })
	f.err = io.ErrUnexpectedEOF
	for _, path := range []string{"/clusters", "/v1/clusters", "/v1/clusters/C1", "/search?q=x", "/v1/pulse"} {
		log.Reset()
		status, _, body := ask(t, s, "GET", path, "", "X-Request-Id", "trace-7")
		if status != 500 || strings.Contains(body, "unexpected EOF") {
			t.Errorf("%s: %d %s", path, status, body)
		}
		if !strings.Contains(log.String(), "unexpected EOF") || !strings.Contains(log.String(), "trace-7") {
			t.Errorf("%s: the log does not say it: %s", path, log.String())
		}
	}
	f.err, f.panics = nil, true
	log.Reset()
	status, header, body := ask(t, s, "GET", "/clusters", "")
	if status != 500 || strings.Contains(body, "a fault") || !strings.Contains(log.String(), "a fault") {
		t.Errorf("a panic: %d %s\n%s", status, body, log.String())
	}
	if header.Get("X-Request-Id") == "" {
		t.Error("the answer has no request id")
	}
}

func TestTheLogHoldsNoFeedbackAndNoQuery(t *testing.T) {
	var log bytes.Buffer
	s := newServer(t, newFake(), func(c *web.Config) { c.Log = slog.New(slog.NewTextHandler(&log, nil)) })
	ask(t, s, "GET", "/search?q=somebodys-secret", "")
	ask(t, s, "POST", "/v1/feedback", `{"body":"somebodys-secret"}`)
	ask(t, s, "POST", "/v1/feedback", `somebodys-secret`)
	if strings.Contains(log.String(), "somebodys-secret") || !strings.Contains(log.String(), "/search") {
		t.Errorf("log: %s", log.String())
	}
}

func TestServeStopsWhenItIsTold(t *testing.T) {
	s := newServer(t, newFake())
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	l, err := web.Listen(ctx, "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- s.Serve(ctx, l) }()
	answer, err := http.Get("http://" + l.Addr().String() + "/healthz")
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	if _, err := web.Listen(ctx, l.Addr().String()); feedback.ErrorCode(err) != feedback.Conflict {
		t.Errorf("a port that is taken: %v", err)
	}
	stop()
	if err := <-done; err != nil {
		t.Errorf("stopped: %v", err)
	}
	if _, err := http.Get("http://" + l.Addr().String() + "/healthz"); err == nil {
		t.Error("it answers after its stop")
	}
	if _, err := web.Listen(context.Background(), "nonsense"); feedback.ErrorCode(err) != feedback.Invalid {
		t.Errorf("an address that is none: %v", err)
	}
}
