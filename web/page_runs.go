package web

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"earshot/feedback"
)

// runsShown is how many runs the page lists.
const runsShown = 50

// runRow is one run in the list.
type runRow struct {
	Number, Href, When, State, By, Clusters, Unassigned, Change string
	Stands, Waits                                               bool
}

func (p *pages) runs(w http.ResponseWriter, r *http.Request, f frame) error {
	runs, err := p.server.cfg.Runs.Runs(r.Context(), f.Workspace, runsShown)
	if err != nil {
		return err
	}
	f.Title = "Runs"
	var rows []runRow
	for _, run := range runs {
		rows = append(rows, runRow{Number: strconv.Itoa(run.ID), Href: f.href("/runs/" + strconv.Itoa(run.ID)), When: moment(run.FinishedAt.UTC().Format("2 Jan 2006, 15:04")),
			State: stateWords(run), By: causeWords[run.Cause], Clusters: count(run.Clusters), Unassigned: count(run.Unassigned),
			Change: clip(changeWords(run), 300), Stands: run.Stands, Waits: run.State == feedback.RunPreviewed})
	}
	return p.show(w, http.StatusOK, "runs", struct {
		frame
		Rows []runRow
	}{f, rows})
}

func moment(s string) string { return s + " UTC" }

var causeWords = map[feedback.RunCause]string{
	feedback.CausePerson: "a person", feedback.CauseSchedule: "the schedule", feedback.CauseForming: "what was forming",
}

// stateWords say in a word or two what became of a run.
func stateWords(r feedback.RunRecord) string {
	switch {
	case r.State == feedback.RunPreviewed:
		return "waits for a person"
	case r.Undoes != 0:
		return "a rollback"
	}
	return strings.ReplaceAll(string(r.State), "_", " ")
}

// changeWords say in a sentence what a run changes, or why it changes nothing.
func changeWords(r feedback.RunRecord) string {
	c := r.Change
	switch {
	case r.Undoes != 0:
		return fmt.Sprintf("Run %d was taken back.", r.Undoes)
	case r.State == feedback.RunRefused:
		return r.Reason
	case c.ClustersBefore == 0:
		return plural(c.ClustersAfter, "topic") + " founded."
	}
	parts := []string{plural(c.Moved+c.Left, "excerpt") + " moved"}
	for _, fate := range []feedback.Fate{feedback.FateBorn, feedback.FateSplit, feedback.FateMerged, feedback.FateRetired} {
		if n := c.Fates[fate]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, fate))
		}
	}
	return strings.Join(parts, ", ") + "."
}

// fateLine is what becomes of a cluster, one row of a table.
type fateLine struct {
	Fate                     string
	From, To                 *anchor
	FromSize, ToSize, Shared string
}

// moveLine is a move of excerpts.
type moveLine struct {
	Excerpts string
	From, To *anchor
}

// trendLine is a weekly count before and after, with the same height for the same number.
type trendLine struct {
	anchor
	Was, Is       string
	Before, After chart
}

func (p *pages) run(w http.ResponseWriter, r *http.Request, f frame) error {
	id, err := runNumber(r)
	if err != nil {
		return err
	}
	run, err := p.server.cfg.Runs.RunByID(r.Context(), f.Workspace, id)
	if err != nil {
		return err
	}
	f.Title = fmt.Sprintf("Run %d", id)
	ch := run.Change
	content := struct {
		frame
		State, When, By, Reason, Apply, Discard, Rollback, Moved, Joined, More string
		Stands, First                                                          bool
		Figures                                                                []figure
		Outliers                                                               []figure
		Touched                                                                []anchor
		Fates                                                                  []fateLine
		Moves                                                                  []moveLine
		Trends                                                                 []trendLine
	}{frame: f, State: stateWords(run), When: moment(run.FinishedAt.UTC().Format("2 Jan 2006, 15:04")), By: causeWords[run.Cause],
		Stands: run.Stands, First: ch.ClustersBefore == 0}
	if run.State != feedback.RunApplied && !(run.State == feedback.RunPreviewed && run.Cause == feedback.CausePerson) {
		content.Reason = clip(run.Reason, 600)
	}
	at := func(what string) string { return f.href(fmt.Sprintf("/runs/%d/%s", id, what)) }
	if run.State == feedback.RunPreviewed {
		content.Apply, content.Discard = at("apply"), at("discard")
	}
	if run.Reversible {
		content.Rollback = f.href("/runs/rollback")
	}
	if run.Undoes == 0 && run.State != feedback.RunRefused {
		content.Figures = []figure{
			{"Topics", count(ch.ClustersAfter), "from " + count(ch.ClustersBefore)},
			{"Excerpts that move", count(ch.Moved + ch.Left), percent(ch.Moved+ch.Left, ch.Stood) + " of those in topics"},
			{"That join a topic", count(ch.Joined), "and were in none"},
			{"Topics that end", count(ch.Ended), ""},
			{"In no topic", count(ch.UnassignedAfter), "from " + count(ch.UnassignedBefore)},
		}
		if ch.Forced > 0 {
			content.Figures = append(content.Figures, figure{"Put into their nearest topic", count(ch.Forced), "because a person asked for it"})
		}
		content.Outliers = outlierFigures(ch.Outliers)
	}
	link := func(id feedback.ClusterRef, name string) *anchor {
		if id == 0 {
			return nil
		}
		a := &anchor{Text: clip(name, nameLimit), Note: id.String(), Href: f.href("/clusters/" + id.String())}
		return a
	}
	for _, d := range ch.Touched {
		a := link(d.Cluster, d.Name)
		a.Note = clip(d.What, 200)
		content.Touched = append(content.Touched, *a)
	}
	for _, c := range ch.Clusters {
		line := fateLine{Fate: string(c.Fate), From: link(c.From, c.FromName), To: link(c.To, c.ToName)}
		if line.From != nil {
			line.FromSize = count(c.FromSize)
		}
		if line.To != nil {
			line.ToSize = count(c.ToSize)
		}
		if line.From != nil && line.To != nil {
			line.Shared = fmt.Sprintf("%s, %.0f %%", count(c.Shared), 100*c.Overlap)
		}
		content.Fates = append(content.Fates, line)
	}
	for _, m := range ch.Moves {
		content.Moves = append(content.Moves, moveLine{count(m.Excerpts), link(m.From, m.FromName), link(m.To, m.ToName)})
	}
	for _, t := range ch.Trends {
		content.Trends = append(content.Trends, trendOf(t, *link(t.Cluster, t.Name)))
	}
	return p.show(w, http.StatusOK, "run", content)
}

func trendOf(t feedback.TrendChange, a anchor) trendLine {
	line := trendLine{anchor: a}
	before, after := make([]feedback.Week, len(t.Weeks)), make([]feedback.Week, len(t.Weeks))
	var was, is int
	for i, w := range t.Weeks {
		before[i], after[i] = feedback.Week{Start: w.Start, Items: w.Before}, feedback.Week{Start: w.Start, Items: w.After}
		was, is = was+w.Before, is+w.After
	}
	line.Was, line.Is = count(was), count(is)
	line.Before, line.After = scaled(before, after, 108, 25, 1), scaled(after, before, 108, 25, 1)
	return line
}

func runNumber(r *http.Request) (int, error) {
	id, err := strconv.ParseInt(r.PathValue("id"), 10, 32)
	if err != nil || id < 1 {
		return 0, feedback.Errorf(feedback.Invalid, "that is not the number of a run").WithHint("runs are called 1, 2 and so on")
	}
	return int(id), nil
}

// decideRun does what the form of a run's page asks for, and shows the run that came of it.
func (p *pages) decideRun(do func(context.Context, string, int) (feedback.RunRecord, error)) func(http.ResponseWriter, *http.Request, frame) error {
	return func(w http.ResponseWriter, r *http.Request, f frame) error {
		id, err := runNumber(r)
		if err != nil {
			return err
		}
		run, err := do(r.Context(), f.Workspace, id)
		if err != nil {
			return err
		}
		http.Redirect(w, r, f.href("/runs/"+strconv.Itoa(run.ID)), http.StatusSeeOther)
		return nil
	}
}

func (p *pages) rollback(w http.ResponseWriter, r *http.Request, f frame) error {
	run, err := p.server.cfg.Steering.Rollback(r.Context(), f.Workspace)
	if err != nil {
		return err
	}
	http.Redirect(w, r, f.href("/runs/"+strconv.Itoa(run.ID)), http.StatusSeeOther)
	return nil
}

// waiting gives the way to the run that the schedule left for a person, or nil.
func (p *pages) waiting(r *http.Request, f frame) (*anchor, error) {
	runs, err := p.server.cfg.Runs.Runs(r.Context(), f.Workspace, runsShown)
	if err != nil {
		return nil, err
	}
	for _, run := range runs {
		if run.State == feedback.RunPreviewed && run.Cause != feedback.CausePerson {
			return &anchor{Text: fmt.Sprintf("Run %d", run.ID), Href: f.href("/runs/" + strconv.Itoa(run.ID)), Note: clip(run.Reason, 300)}, nil
		}
	}
	return nil, nil
}
