package web_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"earshot/feedback"
	"earshot/web"
)

// desk is what the schedules, deliveries and alerts of the server are.
type desk struct {
	added  []feedback.Schedule
	paused map[int]bool
	alerts []feedback.Alert
}

func (d *desk) Schedules(context.Context, string) ([]feedback.Schedule, error) { return d.added, nil }

func (d *desk) AddSchedule(_ context.Context, s feedback.Schedule) (feedback.Schedule, error) {
	for _, t := range s.Targets {
		if _, err := feedback.ParseTarget(t); err != nil {
			return s, err
		}
	}
	s.ID = len(d.added) + 1
	d.added = append(d.added, s)
	return s, nil
}

func (d *desk) RemoveSchedule(_ context.Context, _ string, id int) error {
	if id > len(d.added) {
		return feedback.Errorf(feedback.NotFound, "no schedule")
	}
	d.added = d.added[:id-1]
	return nil
}

func (d *desk) PauseSchedule(_ context.Context, _ string, id int, paused bool) error {
	d.paused[id] = paused
	return nil
}

func (d *desk) Deliveries(context.Context, string, int) ([]feedback.Delivery, error) {
	return []feedback.Delivery{{ID: feedback.DeliveryID("default", 1, "x", "y"), Schedule: 1, Kind: feedback.DeliverPulse,
		Target: "slack:https://hooks.slack.com/services/secret", State: feedback.DeliverySent, Due: monday, UpdatedAt: monday}}, nil
}

func (d *desk) Alerts(context.Context, string, bool, int) ([]feedback.Alert, error) {
	return d.alerts, nil
}

func deskServer(t *testing.T, d *desk) *web.Server {
	return newServer(t, newFake(), func(c *web.Config) { c.Schedules, c.Outbox, c.Alerts = d, d, d })
}

func request(s http.Handler, method, path, body string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, "http://localhost"+path, strings.NewReader(body))
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	return w
}

func TestSchedulesAreManagedAndTheirSecretsNotShown(t *testing.T) {
	d := &desk{paused: map[int]bool{}}
	s := deskServer(t, d)
	made := request(s, "POST", "/v1/schedules", `{"cadence": "weekly", "weekday": "tuesday", "at": "07:30", "zone": "Europe/Berlin", "targets": ["slack:https://hooks.slack.com/services/secret"]}`)
	if made.Code != http.StatusCreated || len(d.added) != 1 || d.added[0].Minute != 450 || d.added[0].Weekday != 2 || d.added[0].Period != "week" {
		t.Fatalf("%d %s %+v", made.Code, made.Body, d.added)
	}
	for _, bad := range []string{`{}`, `{"cadence": "weekly", "zone": "UTC", "targets": ["file:a"]}`, `{"cadence": "monthly", "zone": "UTC", "targets": ["file:a"]}`,
		`{"cadence": "weekly", "weekday": "monday", "at": "25:00", "zone": "UTC", "targets": ["file:a"]}`,
		`{"cadence": "weekly", "weekday": "monday", "zone": "UTC", "targets": ["file:../secret"]}`, `{"cadence": "hourly", "zone": "UTC", "targets": ["file:a"]}`} {
		if w := request(s, "POST", "/v1/schedules", bad); w.Code < 400 || w.Code >= 500 || len(d.added) != 1 {
			t.Errorf("%s: %d", bad, w.Code)
		}
	}
	for _, path := range []string{"/v1/schedules", "/v1/deliveries"} {
		w := request(s, "GET", path, "")
		if w.Code != 200 || strings.Contains(w.Body.String(), "secret") || !strings.Contains(w.Body.String(), "hooks.slack.com") {
			t.Errorf("%s: %d %s", path, w.Code, w.Body)
		}
	}
	if w := request(s, "POST", "/v1/schedules/S1/pause", ""); w.Code != 204 || !d.paused[1] {
		t.Errorf("pause: %d %s", w.Code, w.Body)
	}
	if w := request(s, "POST", "/v1/schedules/1/resume", ""); w.Code != 204 || d.paused[1] {
		t.Errorf("resume: %d", w.Code)
	}
	for path, want := range map[string]int{"/v1/schedules/S1": 204, "/v1/schedules/S7": 404, "/v1/schedules/x": 400} {
		if w := request(s, "DELETE", path, ""); w.Code != want {
			t.Errorf("delete %s: %d", path, w.Code)
		}
	}
}

func TestTheAlertsHaveAPageAndAnAnswer(t *testing.T) {
	item := feedback.ItemID("w", "s", "1")
	a := feedback.Alert{ID: feedback.AlertID("default", feedback.AlertSpike, "C1", monday), Kind: feedback.AlertSpike, Subject: "C1", Name: hostile, Open: true, Revision: 2,
		OpenedAt: monday, UpdatedAt: monday, Sentence: hostile + " brought nine items.", Claim: json.RawMessage(`{}`),
		Evidence: []feedback.Quote{{Excerpt: feedback.ExcerptID(item, "x", 0), Item: item, Text: "It broke. " + hostile, Source: "zendesk", OccurredAt: monday}}}
	over := a
	over.Open, over.ClosedAt, over.Subject = false, monday.AddDate(0, 0, 2), "account:c1"
	d := &desk{alerts: []feedback.Alert{a, over}}
	page := request(deskServer(t, d), "GET", "/alerts", "").Body.String()
	for _, want := range []string{"1 alert at the moment", "Spike, grown", `href="/clusters/C1"`, "It broke.", "<h2>Over</h2>", "30 Mar 2026, 00:00 to 1 Apr 2026, 00:00"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	if strings.Contains(page, "<script") || strings.Contains(page, "<img") {
		t.Error("a name is markup")
	}
	if w := request(deskServer(t, d), "GET", "/v1/alerts?open=true", ""); w.Code != 200 || !strings.Contains(w.Body.String(), `"revision":2`) {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	if page := request(deskServer(t, &desk{}), "GET", "/alerts", "").Body.String(); !strings.Contains(page, "Nothing stands out") {
		t.Error("without alerts the page does not say so")
	}
}
