package web

import (
	"context"
	"net/http"
	"strings"

	"earshot/feedback"
	"earshot/report"
)

// Alerts are what cannot wait for the next Pulse.
type Alerts interface {
	// Alerts gives those that stand first and then the latest, at most limit of them.
	Alerts(ctx context.Context, workspace string, openOnly bool, limit int) ([]feedback.Alert, error)
}

// pageAlerts is how many alerts the page shows.
const pageAlerts = 50

type alertLines struct {
	ID, Title, Text, Href, When, Sure string
	Open                              bool
	Hits                              []hitLines
}

// alerts shows the alerts that stand, and below them those that are over.
func (p *pages) alerts(w http.ResponseWriter, r *http.Request, f frame) error {
	list, err := p.server.cfg.Alerts.Alerts(r.Context(), f.Workspace, false, pageAlerts)
	if err != nil {
		return err
	}
	f.Title = "Alerts"
	content := struct {
		frame
		Intro      string
		Open, Over []alertLines
	}{frame: f}
	for _, a := range list {
		line := p.alertLine(f, a)
		if a.Open {
			content.Open = append(content.Open, line)
		} else {
			content.Over = append(content.Over, line)
		}
	}
	content.Intro = "Nothing stands out at the moment."
	if n := len(content.Open); n > 0 {
		content.Intro = plural(n, "alert") + " at the moment."
	}
	return p.show(w, http.StatusOK, "alerts", content)
}

func (p *pages) alertLine(f frame, a feedback.Alert) alertLines {
	line := alertLines{ID: a.ID.String(), Title: report.AlertTitle(a), Text: clip(report.AlertText(a), 400), Sure: report.AlertSure(a), Open: a.Open,
		When: "since " + a.OpenedAt.UTC().Format("2 Jan 2006, 15:04")}
	if !a.Open {
		line.When = a.OpenedAt.UTC().Format("2 Jan 2006, 15:04") + " to " + a.ClosedAt.UTC().Format("2 Jan 2006, 15:04")
	}
	if id, err := feedback.ParseClusterID(a.Subject); err == nil && strings.HasPrefix(a.Subject, "C") {
		line.Href = f.href("/clusters/" + id.String())
	}
	var hits []feedback.Hit
	for _, q := range a.Evidence {
		hits = append(hits, feedback.Hit{Excerpt: q.Excerpt, Item: q.Item, Start: q.Start, End: q.End, Text: q.Text, Source: q.Source, OccurredAt: q.OccurredAt,
			Customer: q.Customer, Segment: q.Segment})
	}
	line.Hits = hitsOf(f, hits, false)
	for i := range line.Hits {
		line.Hits[i].ID, line.Hits[i].Labels = "", "" // two alerts may rest on one excerpt
	}
	return line
}

type alertsBody struct {
	Alerts []feedback.Alert `json:"alerts" doc:"Those that stand first, then the latest"`
}

// listAlerts answers the API.
func (s *Server) listAlerts(ctx context.Context, workspace string, q *struct {
	in
	Open  bool `query:"open" doc:"Only those that stand"`
	Limit int  `query:"limit" minimum:"1" maximum:"1000" default:"50"`
}) (alertsBody, error) {
	list, err := s.cfg.Alerts.Alerts(ctx, workspace, q.Open, q.Limit)
	return alertsBody{Alerts: orEmpty(list)}, err
}
