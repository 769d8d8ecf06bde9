package web

import (
	"fmt"
	"net/http"
	"strconv"

	"earshot/feedback"
	"earshot/report"
)

// archivePage is how many Pulses one page of the archive lists.
const archivePage = 30

// keptPulse is a Pulse of the archive.
type keptPulse struct {
	Headline, Period, Made, Items string
	Href, Check                   string
}

// archive lists the Pulses that were made.
func (p *pages) archive(w http.ResponseWriter, r *http.Request, f frame) error {
	page := max(1, intOf(r.URL.Query().Get("page")))
	pulses, err := p.server.cfg.Pulses.Pulses(r.Context(), f.Workspace, (page-1)*archivePage, archivePage+1)
	if err != nil {
		return err
	}
	next := ""
	if len(pulses) > archivePage {
		pulses, next = pulses[:archivePage], f.href("/pulses", "page", strconv.Itoa(page+1))
	}
	var list []keptPulse
	for _, pulse := range pulses {
		doc, err := report.ParseDocument(pulse.Document)
		if err != nil {
			return feedback.Errorf(feedback.Internal, "read the Pulse %s: %w", pulse.ID, err)
		}
		list = append(list, keptPulse{
			Headline: doc.Headline.String(), Period: spanOf(pulse.Period), Made: pulse.CreatedAt.UTC().Format("2 January 2006, 15:04"),
			Items: strconv.Itoa(doc.Snapshot.Coverage.Items), Href: f.href("/pulses/" + pulse.ID), Check: f.href("/pulses/" + pulse.ID + "/check"),
		})
	}
	f.Title = "Pulses"
	return p.show(w, http.StatusOK, "archive", struct {
		frame
		Pulses []keptPulse
		Next   string
	}{f, list, next})
}

// intOf reads a page's number; what is none is 0.
func intOf(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil || n > 1_000_000 {
		return 0
	}
	return n
}

// spanOf writes a period with its last day.
func spanOf(p feedback.Period) string {
	return p.Start.Format("2 January 2006") + " to " + p.End.AddDate(0, 0, -1).Format("2 January 2006")
}

// restated is a topic of an older Pulse beside what the same period holds under today's topics.
type restated struct {
	Name                      anchor
	Then, Now, Before, Change string
}

// checkPulse shows what of an older Pulse still holds, and its period under today's topics beside it. The Pulse itself
// stays as it was.
func (p *pages) checkPulse(w http.ResponseWriter, r *http.Request, f frame) error {
	pulse, err := p.server.cfg.Pulses.PulseByID(r.Context(), f.Workspace, r.PathValue("id"))
	if err != nil {
		return err
	}
	check, err := report.Check(r.Context(), p.server.cfg.Facts, pulse)
	if err != nil {
		return err
	}
	doc, err := report.ParseDocument(pulse.Document)
	if err != nil {
		return err
	}
	today, err := p.server.cfg.Facts.Snapshot(r.Context(), pulse.Workspace, pulse.Period, pulse.Segment)
	if err != nil {
		return err
	}
	now, err := report.Draft(today)
	if err != nil {
		return err
	}
	difference := report.Diff(doc, now)
	var topics []restated
	for _, t := range difference.Topics {
		row := restated{Name: anchor{Text: t.Name, Href: f.href("/clusters/" + t.Cluster.String()), Note: t.Cluster.String()},
			Then: strconv.Itoa(t.ItemsFrom), Now: strconv.Itoa(t.ItemsTo), Before: t.NameBefore}
		switch {
		case t.Appeared:
			row.Change = "new among today's topics"
		case t.Vanished:
			row.Change = "not among today's topics"
		case t.ItemsFrom != t.ItemsTo:
			row.Change = fmt.Sprintf("%+d", t.ItemsTo-t.ItemsFrom)
		}
		topics = append(topics, row)
	}
	f.Title = "Does it still hold?"
	return p.show(w, http.StatusOK, "check", struct {
		frame
		Period, Href, Then, Now string
		Check                   *report.Recheck
		Holds                   bool
		Changed                 []report.Recount
		More                    int
		Topics                  []restated
	}{f, spanOf(pulse.Period), f.href("/pulses/" + pulse.ID), doc.Headline.String(), now.Headline.String(), check, check.Holds(),
		check.Changed[:min(len(check.Changed), shownChanges)], max(0, len(check.Changed)-shownChanges), topics})
}

// shownChanges is how many changed facts the page of a check lists.
const shownChanges = 40
