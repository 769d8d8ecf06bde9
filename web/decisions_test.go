package web_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"earshot/feedback"
)

func form(t *testing.T, h http.Handler, path string, values url.Values, header ...string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequest("POST", "http://localhost"+path, strings.NewReader(values.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func TestFormsDecide(t *testing.T) {
	excerpt := feedback.ID{7}.String()
	for _, c := range []struct {
		name, form string
		want       feedback.Decision
		to         string
	}{
		{"rename", "kind=rename&name=Ours&note=because", feedback.Decision{Kind: feedback.DecideRename, Cluster: 1, Name: "Ours", Note: "because"}, "/clusters/C1"},
		{"merge the other into this one", "kind=merge&other=C2", feedback.Decision{Kind: feedback.DecideMerge, Cluster: 1, Other: 2}, "/clusters/C1"},
		{"merge this one into the other", "kind=merge&other=C2&into=other", feedback.Decision{Kind: feedback.DecideMerge, Cluster: 2, Other: 1}, "/clusters/C2"},
		{"apart", "kind=apart&other=2", feedback.Decision{Kind: feedback.DecideApart, Cluster: 1, Other: 2}, "/clusters/C1"},
		{"hide", "kind=hide", feedback.Decision{Kind: feedback.DecideHide, Cluster: 1}, "/clusters/C1"},
		{"confirm", "kind=confirm", feedback.Decision{Kind: feedback.DecideConfirm, Cluster: 1}, "/clusters/C1"},
		{"move", "kind=move&other=C2&excerpt=" + excerpt, feedback.Decision{Kind: feedback.DecideMove, Cluster: 2}, "/clusters/C1"},
		{"pin", "kind=pin&other=&excerpt=" + excerpt, feedback.Decision{Kind: feedback.DecidePin}, "/clusters/C1"},
		{"split a part off", "kind=split&part=2&size=1&name=New", feedback.Decision{Kind: feedback.DecideSplit, Cluster: 1, Other: 2, Name: "New"}, "/clusters/C2"},
		{"confirm a link", "kind=confirm_link&feature=sso", feedback.Decision{Kind: feedback.DecideConfirmLink, Cluster: 1, Feature: "sso"}, "/clusters/C1"},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := newFake()
			s := newServer(t, f)
			values, err := url.ParseQuery(c.form + "&actor=Ana")
			if err != nil {
				t.Fatal(err)
			}
			w := form(t, s, "/clusters/C1/decisions?workspace=acme", values, "Sec-Fetch-Site", "same-origin")
			if w.Code != http.StatusSeeOther || !strings.HasPrefix(w.Header().Get("Location"), c.to+"?workspace=acme") {
				t.Fatalf("%d to %q: %s", w.Code, w.Header().Get("Location"), w.Body)
			}
			got := f.decided[0]
			if got.Kind != c.want.Kind || got.Cluster != c.want.Cluster || got.Other != c.want.Other || got.Name != c.want.Name ||
				got.Feature != c.want.Feature || got.Note != c.want.Note || got.Actor != "Ana" {
				t.Errorf("%+v", got)
			}
			if cookie := w.Header().Get("Set-Cookie"); !strings.Contains(cookie, "HttpOnly") || !strings.Contains(cookie, "SameSite=Strict") {
				t.Errorf("cookie %q", cookie)
			}
		})
	}
}

func TestFormsOfOtherSitesAndBadFormsDecideNothing(t *testing.T) {
	for name, c := range map[string]struct {
		path, form, site string
		status           int
		says             string
	}{
		"another site":          {"/clusters/C1/decisions", "kind=hide&actor=Ana", "cross-site", 400, "another site"},
		"an undo of another":    {"/decisions/1/undo", "actor=Ana", "cross-site", 400, "another site"},
		"nobody":                {"/clusters/C1/decisions", "kind=hide", "same-origin", 400, "your name"},
		"no kind":               {"/clusters/C1/decisions", "actor=Ana", "same-origin", 400, "no decision of kind"},
		"a cluster unnamed":     {"/clusters/C1/decisions", "kind=merge&actor=Ana", "same-origin", 400, "needs two clusters"},
		"no cluster":            {"/clusters/zebra/decisions", "kind=hide&actor=Ana", "same-origin", 400, "not a cluster"},
		"no excerpt":            {"/clusters/C1/decisions", "kind=pin&excerpt=x&actor=Ana", "same-origin", 400, "not an id"},
		"parts that changed":    {"/clusters/C1/decisions", "kind=split&part=2&size=9&name=x&actor=Ana", "same-origin", 409, "look at the parts again"},
		"an undo as a decision": {"/clusters/C1/decisions", "kind=undo&actor=Ana", "same-origin", 400, "form of its own"},
		"too long":              {"/clusters/C1/decisions", "kind=hide&actor=Ana&note=" + strings.Repeat("x", 1<<17), "same-origin", 400, "cannot be read"},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFake()
			s := newServer(t, f)
			values, err := url.ParseQuery(c.form)
			if err != nil {
				t.Fatal(err)
			}
			w := form(t, s, c.path, values, "Sec-Fetch-Site", c.site)
			if w.Code != c.status || !strings.Contains(w.Body.String(), c.says) {
				t.Errorf("%d: %s", w.Code, w.Body)
			}
			if len(f.decided) > 0 {
				t.Errorf("it decided %+v", f.decided)
			}
		})
	}
}

func TestTheLogShowsDecisionsAndTakesThemBack(t *testing.T) {
	f := newFake()
	s := newServer(t, f)
	form(t, s, "/clusters/C1/decisions", url.Values{"kind": {"rename"}, "name": {hostile}, "note": {hostile}, "actor": {"<b>Ana"}})
	for _, path := range []string{"/decisions", "/clusters/C1"} {
		_, _, body := ask(t, s, "GET", path, "")
		if !strings.Contains(body, `action="/decisions/1/undo"`) || strings.Contains(body, "<b>Ana") || strings.Contains(body, "<script>") {
			t.Errorf("%s:\n%s", path, body)
		}
	}
	w := form(t, s, "/decisions/1/undo", url.Values{"actor": {"Ben"}})
	if w.Code != http.StatusSeeOther || f.decided[1].Kind != feedback.DecideUndo || f.decided[1].Undoes != 1 || f.decided[1].Actor != "Ben" {
		t.Errorf("%d, %+v", w.Code, f.decided)
	}
	_, _, body := ask(t, s, "GET", "/clusters/C1/parts", "")
	if !strings.Contains(body, "2 excerpts") || strings.Contains(body, "<script>") {
		t.Errorf("parts:\n%s", body)
	}
}

func TestTheAPIDecidesAndGivesTheReasonOfARefusal(t *testing.T) {
	f := newFake()
	s := newServer(t, f)
	status, _, body := ask(t, s, "POST", "/v1/decisions", `{"kind":"merge","cluster":"C1","other":"C2","note":"one need"}`, "Content-Type", "application/json")
	if status != http.StatusCreated || !strings.Contains(body, `"what":"merge of C2 into C1"`) || !strings.Contains(body, `"actor":"api"`) {
		t.Fatalf("%d: %s", status, body)
	}
	status, _, body = ask(t, s, "POST", "/v1/decisions", `{"kind":"split","cluster":"C1","part":1,"name":"x","actor":"ana"}`, "Content-Type", "application/json")
	if status != http.StatusCreated || len(f.decided[1].Excerpts) != 2 {
		t.Errorf("%d: %s", status, body)
	}
	for _, c := range []struct {
		path, body string
		status     int
	}{
		{"/v1/decisions", `{"kind":"divine","cluster":"C1"}`, 400},
		{"/v1/decisions", `{"kind":"hide","cluster":"zebra"}`, 400},
		{"/v1/decisions", `{"kind":"hide"}`, 400},
		{"/v1/decisions", `{"kind":"split","cluster":"C1","part":7}`, 404},
		{"/v1/decisions", `{"kind":"split","cluster":"C2","part":1}`, 409},
		{"/v1/decisions/0/undo", `{}`, 400},
	} {
		if status, _, body := ask(t, s, "POST", c.path, c.body, "Content-Type", "application/json"); status != c.status {
			t.Errorf("%s %s: %d %s", c.path, c.body, status, body)
		}
	}
	f.refuses = feedback.Errorf(feedback.Conflict, "decision 3 stands in the way").WithHint("undo decision 3 first")
	status, _, body = ask(t, s, "POST", "/v1/decisions/1/undo", `{"actor":"ana"}`, "Content-Type", "application/json")
	if status != http.StatusConflict || !strings.Contains(body, "decision 3 stands in the way") || !strings.Contains(body, `"hint":"undo decision 3 first"`) {
		t.Errorf("%d: %s", status, body)
	}
	_, _, body = ask(t, s, "GET", "/v1/decisions?limit=1", "")
	if !strings.Contains(body, `"next_before":2`) || strings.Contains(body, `"id":1,`) {
		t.Errorf("log: %s", body)
	}
	if _, _, body = ask(t, s, "GET", "/v1/clusters/C1/parts", ""); !strings.Contains(body, `"part":2,"name":"Second"`) {
		t.Errorf("parts: %s", body)
	}
}
