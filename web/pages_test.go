package web_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"earshot/feedback"
	"earshot/report"
)

func pathsOfPages(f *fake) []string {
	return []string{"/", "/clusters", "/clusters?sort=trend", "/clusters/C1", "/clusters/c2", "/clusters/C3", "/clusters/C9", "/clusters/C10", "/clusters/C1?page=2",
		"/clusters/C1?page=99", "/pulses", "/search", "/search?q=" + url.QueryEscape(hostile), "/features", "/alerts", "/excerpts/" + f.item.Excerpts[0].Excerpt.String(),
		"/clusters/C404", "/nothing", "/decisions", "/decisions?cluster=C1", "/clusters/C1/parts", "/clusters/C2/parts",
		"/runs", "/runs/1", "/runs/2", "/runs/9", "/unassigned", "/unassigned?reason=far&page=2", "/themes/T1", "/themes/T9"}
}

// TestPagesHoldNothingThatAStrangerWrote parses what a browser would, and looks for what no template put there.
func TestPagesHoldNothingThatAStrangerWrote(t *testing.T) {
	f := newFake()
	s := newServer(t, f)
	for _, path := range pathsOfPages(f) {
		_, header, body := ask(t, s, "GET", path, "")
		if policy := header.Get("Content-Security-Policy"); !strings.Contains(policy, "default-src 'none'") || strings.Contains(policy, "unsafe") {
			t.Errorf("%s: policy %q", path, policy)
		}
		root, err := html.Parse(strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		ids := make(map[string]bool)
		for n := range root.Descendants() {
			if n.Type != html.ElementNode {
				continue
			}
			switch n.Data {
			case "script", "img", "iframe", "style", "object":
				t.Errorf("%s: a %s element", path, n.Data)
			}
			for _, a := range n.Attr {
				switch {
				case strings.HasPrefix(a.Key, "on"), a.Key == "style":
					t.Errorf("%s: the attribute %s", path, a.Key)
				case (a.Key == "href" || a.Key == "src" || a.Key == "action") && !strings.HasPrefix(a.Val, "/") && !strings.HasPrefix(a.Val, "#"):
					t.Errorf("%s: a way out to %q", path, a.Val)
				case a.Key == "id" && ids[a.Val]:
					t.Errorf("%s: the id %q twice", path, a.Val)
				case a.Key == "id":
					ids[a.Val] = true
				}
			}
		}
		if strings.Contains(body, strings.Repeat("long ", 100)) {
			t.Errorf("%s: a name of 3,000 characters is shown whole", path)
		}
		if !ids["main"] {
			t.Errorf("%s: no main landmark", path)
		}
	}
}

func TestPagesAnswerAsTheyShould(t *testing.T) {
	f := newFake()
	excerpt := f.item.Excerpts[0].Excerpt.String()
	s := newServer(t, f)
	tests := []struct {
		path   string
		status int
		says   []string
	}{
		{"/", 200, []string{"There is no Pulse yet", "earshot import", "1,294 items, 2,000 excerpts analysed and 3 waiting. 3 topics; 90 excerpts (4.5 %) belong to none"}},
		{"/clusters", 200, []string{"Battery empty by noon", "C1", "−0.40", "suggested", "no feature fits", "items a week from 30 Mar 2026"}},
		{"/clusters?sort=nothing", 400, []string{"no such order"}},
		{"/clusters/1", 200, []string{"Battery empty by noon", "linked automatically", "0.91", "App</bdi>, 0.12", "battery, location", "Excerpts 1 to 25 of 81", "Earlier ones", "severe", "<dt>May leave</dt><dd>4</dd>", "<dt>Urgent</dt><dd>7</dd>"}},
		{"/clusters/C1?page=3", 200, []string{"Excerpts 51 to 60", "Later ones"}},
		{"/clusters/C1?page=0", 400, []string{"no such page"}},
		{"/clusters/C1?page=99", 200, []string{"There are no excerpts here"}},
		{"/clusters/C10", 200, []string{"No other topic took its place. Of its excerpts went 20 to <a href=\"/clusters/C1\">", `8 to <a href="/clusters/C2"><bdi>Low</bdi></a>.`}},
		{"/clusters/C9", 200, []string{"This topic has ended", `<a href="/clusters/C1"><bdi>Battery empty by noon</bdi></a>`}},
		{"/clusters/C404", 404, []string{"there is no cluster C404"}},
		{"/clusters/x", 400, []string{"is not a cluster"}},
		{"/excerpts/" + excerpt, 200, []string{`<mark id="e-` + excerpt + `" class="this">Full at 7, dead at 2.</mark>`, "Hello. ", "&lt;b&gt;no&lt;/b&gt;", "日本"}},
		{"/excerpts/00000000-0000-8000-8000-000000000000", 404, []string{"no such excerpt"}},
		{"/excerpts/x", 400, []string{"is not an id"}},
		{"/search?q=battery", 200, []string{`value="battery"`, "50 excerpts, the best match first"}},
		{"/features", 200, []string{"Mobile", "shipped 30 Mar 2026", "Orphan", "in progress", "Topics that no feature fits"}},
		{"/pulses/P1", 404, []string{"there is no Pulse"}},
		{"/nothing", 404, []string{"nothing at this address"}},
		{"/?workspace=A.B", 400, []string{"cannot name a workspace"}},
	}
	f.list.Clusters[1].Link = &feedback.LinkView{Link: feedback.Link{State: feedback.LinkSuggested, Feature: "f-gps"}, Name: "Low"}
	for _, test := range tests {
		status, _, body := ask(t, s, "GET", test.path, "")
		if status != test.status {
			t.Errorf("%s: status %d, want %d", test.path, status, test.status)
		}
		for _, words := range test.says {
			if !strings.Contains(body, words) {
				t.Errorf("%s does not say %q:\n%s", test.path, words, body)
			}
		}
	}
	if status, _, _ := ask(t, s, "POST", "/clusters", ""); status == 200 {
		t.Error("a page takes a POST")
	}
}

// Offsets come from the database, and a page must not fall over what stands there.
func TestAnItemWithWrongOffsetsIsShownWhole(t *testing.T) {
	f := newFake()
	good, last := f.item.Excerpts[0], len(f.item.Body)
	for _, span := range [][2]int{{0, 20}, {10, 12}, {-5, 3}, {60, last + 9}, {30, 20}} {
		wrong := good
		wrong.Excerpt, wrong.Start, wrong.End = feedback.ExcerptID(f.item.ID, "wrong", span[0]+9), span[0], span[1]
		wrong.Text = f.item.Body[max(0, min(span[0], span[1])):min(last, max(span[0], span[1]))]
		f.item.Excerpts = append(f.item.Excerpts, wrong)
	}
	status, _, body := ask(t, newServer(t, f), "GET", "/excerpts/"+good.Excerpt.String(), "")
	start := strings.Index(body, `<p class="body">`)
	if status != 200 || start < 0 {
		t.Fatalf("%d %s", status, body)
	}
	shown, _, _ := strings.Cut(body[start:], "</p>")
	text := html.UnescapeString(regexp.MustCompile(`<[^>]*>`).ReplaceAllString(shown, ""))
	if text != f.item.Body {
		t.Errorf("shown %q, want %q", text, f.item.Body)
	}
}

func TestLinksKeepTheWorkspace(t *testing.T) {
	f := newFake()
	_, _, body := ask(t, newServer(t, f), "GET", "/clusters?workspace=acme", "")
	for _, href := range regexp.MustCompile(`href="(/[^"]*)"`).FindAllStringSubmatch(body, -1) {
		if !strings.HasPrefix(href[1], "/assets/") && !strings.Contains(href[1], "workspace=acme") {
			t.Errorf("%s leaves the workspace", href[1])
		}
	}
	if !strings.Contains(body, `name="workspace" value="acme"`) {
		t.Error("the search box leaves the workspace")
	}
	if _, _, body := ask(t, newServer(t, f), "GET", "/clusters", ""); strings.Contains(body, "workspace=") {
		t.Error("links name the server's own workspace, and need not")
	}
}

func TestThePulseIsTheFirstPageAndItsStyleAloneIsAllowed(t *testing.T) {
	f := newFake()
	f.pulses["latest"] = feedback.Pulse{ID: "P1", Document: []byte("headline")}
	f.pulses["P0"] = feedback.Pulse{ID: "P0", Document: []byte("older")}
	s := newServer(t, f)
	status, header, body := ask(t, s, "GET", "/", "")
	sum := sha256.Sum256([]byte(style))
	if status != 200 || !strings.Contains(body, "headline") {
		t.Errorf("%d %s", status, body)
	}
	if policy := header.Get("Content-Security-Policy"); !strings.Contains(policy, "'sha256-"+base64.StdEncoding.EncodeToString(sum[:])+"'") || strings.Contains(policy, "unsafe") {
		t.Errorf("policy %q", policy)
	}
	if _, _, body := ask(t, s, "GET", "/pulses/P0", ""); !strings.Contains(body, "older") {
		t.Errorf("an older Pulse: %s", body)
	}
}

func TestTheAPISaysWhatThePagesSay(t *testing.T) {
	f := newFake()
	f.pulses["latest"] = feedback.Pulse{ID: "P1", Document: []byte(`{"schema":"x"}` + "\n")}
	s := newServer(t, f)
	tests := []struct {
		path   string
		status int
		says   []string
	}{
		{"/v1/clusters", 200, []string{`"id":"C1"`, `"items":1294`, `"unassigned":90`, `"state":"automatic"`}},
		{"/v1/clusters/C1", 200, []string{`"excerpts":81`, `"next_offset":50`, `"retired":false`}},
		{"/v1/clusters/c1?offset=50&limit=10", 200, []string{`"offset":50`}},
		{"/v1/clusters/C9", 200, []string{`"retired":true`, `"successor":"C1"`}},
		{"/v1/clusters/C10", 200, []string{`"retired":true`, `"went":[{"cluster":"C1"`, `"excerpts":8}]`}},
		{"/v1/clusters/C404", 404, []string{`"code":"not_found"`}},
		{"/v1/clusters/C1?limit=9000", 400, []string{`"code":"invalid"`, "query.limit"}},
		{"/v1/clusters/C1?offset=-1", 400, []string{`"code":"invalid"`}},
		{"/v1/clusters?workspace=A.B", 400, []string{`"code":"invalid"`, `"hint":`}},
		{"/v1/search?q=dead+phone&limit=2", 200, []string{`"query":"dead phone"`, `"cluster":"C1"`}},
		{"/v1/search", 400, []string{`"code":"invalid"`}},
		{"/v1/pulse", 200, []string{`{"schema":"x"}` + "\n"}},
		{"/v1/pulses/P9", 404, []string{`"code":"not_found"`}},
		{"/v1/nothing", 404, []string{`"code":"not_found"`}},
		{"/openapi.json", 200, []string{`"/v1/feedback"`, `"/v1/clusters/{id}"`, `"openapi":"3.1.0"`, `"external_id"`}},
	}
	for _, test := range tests {
		status, header, body := ask(t, s, "GET", test.path, "")
		if status != test.status {
			t.Errorf("%s: status %d, want %d: %s", test.path, status, test.status, body)
		}
		if !strings.Contains(header.Get("Content-Type"), "json") || !json.Valid([]byte(body)) {
			t.Errorf("%s: %s is not JSON: %s", test.path, header.Get("Content-Type"), body)
		}
		var compact bytes.Buffer
		if json.Compact(&compact, []byte(body)) != nil {
			continue
		}
		for _, words := range test.says {
			if !strings.Contains(body, words) && !strings.Contains(compact.String(), words) {
				t.Errorf("%s does not say %s:\n%s", test.path, words, clipTo(body, 1500))
			}
		}
		if strings.Contains(body, "0001-01-01") {
			t.Errorf("%s gives a time for what never was: %s", test.path, clipTo(body, 1500))
		}
	}
	f.err = feedback.Errorf(feedback.Unavailable, "the database does not answer")
	if status, header, body := ask(t, s, "GET", "/v1/clusters", ""); status != 503 || header.Get("Retry-After") == "" || !strings.Contains(body, `"code":"unavailable"`) {
		t.Errorf("the database is away: %d %q %s", status, header.Get("Retry-After"), body)
	}
}

func clipTo(s string, n int) string { return s[:min(len(s), n)] }

// keep puts a Pulse of the snapshot into the archive.
func keep(t *testing.T, f *fake, snapshot feedback.Snapshot) feedback.Pulse {
	t.Helper()
	doc, err := report.Draft(snapshot)
	if err != nil {
		t.Fatal(err)
	}
	p, err := report.Keep(doc, monday)
	if err != nil {
		t.Fatal(err)
	}
	f.pulses[p.ID] = p
	return p
}

func TestTheArchiveListsEveryPulseAndChecksEach(t *testing.T) {
	f := newFake()
	snapshot := feedback.Snapshot{Workspace: "default", Period: feedback.Period{Start: monday, End: monday.AddDate(0, 0, 28)}, Run: 3,
		Coverage: feedback.Coverage{Items: 40, Excerpts: 40, Analysed: 40}, Total: feedback.WorkspaceTotals{Items: 40, Oldest: monday, Newest: monday},
		Clusters: []feedback.ClusterFacts{{ID: 1, Name: hostile, Now: feedback.Counts{Items: 30, Excerpts: 30}}, {ID: 2, Name: "Second", Now: feedback.Counts{Items: 10, Excerpts: 10}}}}
	snapshot.Previous = snapshot.Period.Before()
	p := keep(t, f, snapshot)
	f.snapshot = snapshot
	s := newServer(t, f)
	if status, _, body := ask(t, s, "GET", "/pulses", ""); status != 200 || !strings.Contains(body, "/pulses/"+p.ID+"/check") || strings.Contains(body, "<script>") {
		t.Errorf("%d %s", status, body)
	}
	if status, _, body := ask(t, s, "GET", "/pulses/"+p.ID+"/check", ""); status != 200 || !strings.Contains(body, "Everything that this Pulse says still holds") {
		t.Errorf("%d %s", status, body)
	}
	f.snapshot.Clusters = []feedback.ClusterFacts{{ID: 1, Name: "Halved", Now: feedback.Counts{Items: 15, Excerpts: 15}}, {ID: 7, Name: "Other half", Now: feedback.Counts{Items: 15, Excerpts: 15}}, f.snapshot.Clusters[1]}
	f.snapshot.Run = 4
	status, _, body := ask(t, s, "GET", "/pulses/"+p.ID+"/check", "")
	for _, want := range []string{"Not everything", "run 3 then, run 4 now", "new among today", "clusters/C1/now/items", "-15"} {
		if !strings.Contains(body, want) {
			t.Errorf("%d: the check does not say %q", status, want)
		}
	}
	if strings.Contains(body, "<script>") {
		t.Error("a name is markup")
	}
	if status, _, _ := ask(t, s, "GET", "/pulses/P404/check", ""); status != 404 {
		t.Errorf("a Pulse that there is not: %d", status)
	}
	if status, _, _ := ask(t, s, "GET", "/pulses?page=-7", ""); status != 200 {
		t.Errorf("a page that is none: %d", status)
	}
}
