package web_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"earshot/feedback"
)

func (f *fake) ThemeByID(_ context.Context, _ string, id feedback.ThemeID) (feedback.ThemeView, error) {
	if id != 1 {
		return feedback.ThemeView{}, feedback.Errorf(feedback.NotFound, "there is no theme %s", id)
	}
	week := func(n int) []feedback.Week {
		return []feedback.Week{{Start: time.Date(2026, 3, 30, 0, 0, 0, 0, time.UTC), Items: n}}
	}
	return feedback.ThemeView{Theme: feedback.Theme{ID: 1, Name: hostile}, Items: 12, Weekly: week(12), Reported: week(31), Clusters: f.list.Clusters[:1]}, nil
}

// runsFake has a preview (2), the run that stands (1), and remembers what was decided.
type runsFake struct{ decided []string }

func (r *runsFake) Runs(context.Context, string, int) ([]feedback.RunRecord, error) {
	return []feedback.RunRecord{preview, standing}, nil
}

var (
	preview = feedback.RunRecord{ID: 2, State: feedback.RunPreviewed, Cause: feedback.CauseSchedule, Base: 1, Reason: "too much would move " + hostile,
		Change: feedback.RunChange{Stood: 100, Moved: 20, Left: 1, Joined: 2, ClustersBefore: 3, ClustersAfter: 4, Ended: 1,
			UnassignedBefore: 5, UnassignedAfter: 4, Fates: map[feedback.Fate]int{feedback.FateSplit: 2},
			Outliers: map[feedback.Outlier]int{feedback.OutlierFar: 4},
			Moves:    []feedback.Move{{From: 1, FromName: hostile, To: 7, ToName: "Slow maps", Excerpts: 18}, {From: 2, FromName: "Low", Excerpts: 1}},
			Clusters: []feedback.ClusterChange{{Fate: feedback.FateSplit, From: 1, FromName: hostile, FromSize: 60, To: 7, ToName: "Slow maps", ToSize: 18, Shared: 18, Overlap: 1},
				{Fate: feedback.FateRetired, From: 3, FromName: "Gone", FromSize: 4}},
			Touched: []feedback.Decided{{Cluster: 1, Name: hostile, What: "link to " + hostile + " confirmed"}},
			Trends:  []feedback.TrendChange{{Cluster: 1, Name: hostile, Weeks: []feedback.RunWeek{{Before: 9, After: 3}, {Before: 2, After: 2}}}}}}
	standing = feedback.RunRecord{ID: 1, State: feedback.RunApplied, Cause: feedback.CausePerson, Stands: true, Reversible: true}
)

func (r *runsFake) RunByID(_ context.Context, _ string, id int) (feedback.RunRecord, error) {
	switch id {
	case 1:
		return standing, nil
	case 2:
		return preview, nil
	}
	return feedback.RunRecord{}, feedback.Errorf(feedback.NotFound, "there is no run %d", id)
}

func (r *runsFake) ApplyRun(ctx context.Context, workspace string, id int) (feedback.RunRecord, error) {
	if id == 1 {
		return feedback.RunRecord{}, feedback.Errorf(feedback.Conflict, "run 1 does not wait").WithHint("make another preview")
	}
	r.decided = append(r.decided, "apply in "+workspace)
	return r.RunByID(ctx, workspace, id)
}

func (r *runsFake) DiscardRun(ctx context.Context, workspace string, id int) (feedback.RunRecord, error) {
	r.decided = append(r.decided, "discard in "+workspace)
	return r.RunByID(ctx, workspace, id)
}

func (r *runsFake) Rollback(ctx context.Context, workspace string) (feedback.RunRecord, error) {
	r.decided = append(r.decided, "rollback in "+workspace)
	return standing, nil
}

func (r *runsFake) UnassignedExcerpts(_ context.Context, _ string, reason feedback.Outlier, offset, limit int) ([]feedback.Hit, error) {
	hits := make([]feedback.Hit, min(limit, max(0, 60-offset)))
	for i := range hits {
		hits[i] = feedback.Hit{Excerpt: feedback.ExcerptID(feedback.ID{}, "unassigned", offset+i), Text: hostile, Outlier: reason}
	}
	return hits, nil
}

func (r *runsFake) Forming(_ context.Context, _ string, hits int) ([]feedback.Forming, error) {
	f := feedback.Forming{Name: "Hinge " + hostile, Summary: hostile, Keywords: []string{hostile}, Recent: 14, Before: 1, Chance: 1e-6}
	for i := range min(hits, 2) {
		f.Hits = append(f.Hits, feedback.Hit{Excerpt: feedback.ExcerptID(feedback.ID{}, "forming", i), Text: "The hinge broke."})
	}
	return []feedback.Forming{f}, nil
}

func TestThePagesOfRunsSayWhatARunChanges(t *testing.T) {
	f := newFake()
	f.list.Outliers = map[feedback.Outlier]int{feedback.OutlierFar: 80, feedback.OutlierBlank: 10}
	s := newServer(t, f)
	for path, says := range map[string][]string{
		"/runs":                  {"Run 2", "waits for a person", "21 excerpts moved, 2 split", `<span class="flag">stands</span>`},
		"/runs/2":                {"waits for a person", "too much would move", "21 %", "Apply it", "Discard it", "Slow maps", "18, 100 %", "no topic", "4 too far from the nearest topic", "confirmed"},
		"/runs/1":                {"applied, and stands", "Take it back", `action="/runs/rollback"`},
		"/runs/2?workspace=acme": {`action="/runs/2/apply?workspace=acme"`},
		"/clusters":              {"Run 2</a> would change the topics and waits for a person", "What is in no topic, and why", "Forming: Hinge", `href="/themes/T`},
		"/unassigned":            {"Forming: <bdi>Hinge", "14 excerpts in the last 7 days, 1 in the 28 before", "The hinge broke.", "Earlier ones"},
		"/unassigned?reason=far": {`aria-current="true">too far from the nearest topic (80)`, "; too far from the nearest topic"},
		"/themes/T1":             {"As reported then", "31", "<polyline"},
	} {
		status, _, body := ask(t, s, "GET", path, "")
		if status != 200 {
			t.Errorf("%s: status %d: %s", path, status, body)
		}
		for _, words := range says {
			if !strings.Contains(body, words) {
				t.Errorf("%s does not say %q:\n%s", path, words, body)
			}
		}
	}
	if _, _, body := ask(t, s, "GET", "/runs/1", ""); strings.Contains(body, "Apply it") {
		t.Error("a run that does not wait can be applied")
	}
	for path, status := range map[string]int{"/runs/3": 404, "/runs/x": 400, "/runs/99999999999": 400, "/unassigned?reason=odd": 400, "/themes/T9": 404, "/themes/x": 400} {
		if got, _, _ := ask(t, s, "GET", path, ""); got != status {
			t.Errorf("%s: status %d, want %d", path, got, status)
		}
	}
}

// post sends a form, as a browser on a page of the origin would.
func post(t *testing.T, s http.Handler, path, origin string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "http://127.0.0.1"+path, nil)
	r.Header.Set("Origin", origin)
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	return w
}

func TestAPersonDecidesAboutRunsOnTheirPagesAndNoOtherSiteDoes(t *testing.T) {
	f := newFake()
	s := newServer(t, f)
	for _, path := range []string{"/runs/2/apply", "/runs/2/discard?workspace=acme", "/runs/rollback"} {
		if w := post(t, s, path, "https://elsewhere.example"); w.Code < 400 || len(f.runs.decided) > 0 {
			t.Fatalf("%s from another site: %d, %v", path, w.Code, f.runs.decided)
		}
	}
	for path, to := range map[string]string{"/runs/2/apply": "/runs/2", "/runs/2/discard?workspace=acme": "/runs/2?workspace=acme", "/runs/rollback": "/runs/1"} {
		if w := post(t, s, path, "http://127.0.0.1"); w.Code != http.StatusSeeOther || w.Header().Get("Location") != to {
			t.Errorf("%s: %d to %q: %s", path, w.Code, w.Header().Get("Location"), w.Body)
		}
	}
	if len(f.runs.decided) != 3 {
		t.Errorf("decided: %v", f.runs.decided)
	}
	if w := post(t, s, "/runs/1/apply", "http://127.0.0.1"); w.Code != http.StatusConflict || !strings.Contains(w.Body.String(), "make another preview") {
		t.Errorf("a run that does not wait: %d %s", w.Code, w.Body)
	}
	if status, _, _ := ask(t, s, "GET", "/runs/2/apply", ""); status == 200 {
		t.Error("a link applies a run")
	}
}

func TestTheAPIGivesRunsAndWhatIsInNoCluster(t *testing.T) {
	f := newFake()
	s := newServer(t, f)
	var run struct {
		Run    int
		State  string
		Change struct {
			Moved int
			Moves []struct{ From, To string }
		}
	}
	_, _, body := ask(t, s, "GET", "/v1/runs/2", "")
	if err := json.Unmarshal([]byte(body), &run); err != nil || run.Run != 2 || run.State != "previewed" || run.Change.Moved != 20 ||
		run.Change.Moves[0].From != "C1" || run.Change.Moves[0].To != "C7" || run.Change.Moves[1].To != "" {
		t.Errorf("%+v, %v: %s", run, err, body)
	}
	for path, says := range map[string]string{
		"/v1/runs":                          `"run":2`,
		"/v1/unassigned?reason=far&limit=2": `"next_offset":2`,
		"/v1/forming":                       `"recent":14`,
		"/v1/themes/T1":                     `"reported":[`,
	} {
		if status, _, body := ask(t, s, "GET", path, ""); status != 200 || !strings.Contains(body, says) {
			t.Errorf("%s: %d %s", path, status, body)
		}
	}
	for path, want := range map[string]int{"/v1/runs/9": 404, "/v1/runs/0": 400, "/v1/unassigned?reason=odd": 400, "/v1/themes/T9": 404} {
		if status, _, body := ask(t, s, "GET", path, ""); status != want {
			t.Errorf("%s: %d, want %d: %s", path, status, want, body)
		}
	}
	if status, _, body := ask(t, s, "POST", "/v1/runs/2/apply", ""); status != 200 || len(f.runs.decided) != 1 {
		t.Errorf("apply: %d %s", status, body)
	}
	if status, _, body := ask(t, s, "POST", "/v1/runs/1/apply", ""); status != 409 {
		t.Errorf("apply what does not wait: %d %s", status, body)
	}
	if w := post(t, s, "/v1/runs/rollback", "https://elsewhere.example"); w.Code < 400 || len(f.runs.decided) != 1 {
		t.Errorf("a rollback by another site: %d", w.Code)
	}
}
