package web

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"earshot/feedback"
)

// pageSize is how many excerpts a page shows; lastPage bounds how deep one may leaf.
const (
	pageSize = 25
	lastPage = 100_000
)

// figure is one number with what it counts.
type figure struct{ Label, Value, Note string }

// linkLines are the words of a link.
type linkLines struct {
	Feature, Name, Above, Status, State, Score, RunnerUp, RunnerUpScore, Evidence string
	Confirmed                                                                     bool
}

func (p *pages) cluster(w http.ResponseWriter, r *http.Request, f frame) error {
	id, err := feedback.ParseClusterID(r.PathValue("id"))
	if err != nil {
		return err
	}
	number, err := pageNumber(r)
	if err != nil {
		return err
	}
	store := p.server.cfg.Store
	view, err := store.ClusterByID(r.Context(), f.Workspace, id)
	if err != nil {
		return err
	}
	successor, err := p.successor(r, f, view)
	if err != nil {
		return err
	}
	offset := (number - 1) * pageSize
	hits, err := store.ClusterExcerpts(r.Context(), f.Workspace, id, offset, pageSize+1)
	if err != nil {
		return err
	}
	more := len(hits) > pageSize
	hits = hits[:min(len(hits), pageSize)]
	at := func(page int) string { return f.href("/clusters/"+id.String(), "page", strconv.Itoa(page)) }
	var newer, older string
	if number > 1 {
		newer = at(number - 1)
	}
	if more {
		older = at(number + 1)
	}
	showing := fmt.Sprintf("Excerpts %s to %s of %s, the latest first.", count(offset+1), count(offset+len(hits)), count(view.Cluster.Size))
	if len(hits) == 0 {
		showing = "There are no excerpts here."
	}
	deciding, err := p.deciding(r, f, view)
	if err != nil {
		return err
	}
	name := clusterName(id, view.Cluster.Name)
	f.Title = clip(name, 80)
	content := struct {
		frame
		ID, Name, ThemeName, Summary, Trend, Showing, Newer, Older string
		Retired                                                    bool
		Successor                                                  *anchor
		Went                                                       []anchor // Note counts excerpts
		Keywords                                                   []string
		Figures                                                    []figure
		Chart                                                      *chart
		Link                                                       *linkLines
		Hits                                                       []hitLines
		Deciding                                                   *forms
	}{Deciding: deciding, frame: f, ID: id.String(), Name: name, ThemeName: clip(view.Cluster.ThemeName, nameLimit), Summary: clip(view.Cluster.Summary, 400),
		Trend: trend(view.Weekly), Showing: showing, Newer: newer, Older: older, Retired: view.Cluster.Retired, Successor: successor,
		Figures: clusterFigures(view), Link: linkOf(view.Link), Hits: hitsOf(f, hits, false)}
	for _, k := range view.Cluster.Keywords {
		content.Keywords = append(content.Keywords, clip(k, 60))
	}
	for _, w := range view.Went {
		content.Went = append(content.Went, anchor{Text: clusterName(w.Cluster, w.Name), Href: f.href("/clusters/" + w.Cluster.String()), Note: count(w.Excerpts)})
	}
	if len(view.Weekly) > 0 {
		c := barsBeside(view.Weekly, view.Reported, 480, 130, 18)
		content.Chart = &c
	}
	return p.show(w, http.StatusOK, "cluster", content)
}

// pageNumber reads which page is asked for, from 1.
func pageNumber(r *http.Request) (int, error) {
	s := r.URL.Query().Get("page")
	if s == "" {
		return 1, nil
	}
	n, err := strconv.Atoi(s)
	if err != nil || n < 1 || n > lastPage {
		return 0, feedback.Errorf(feedback.Invalid, "there is no such page").WithHint("pages are counted from 1")
	}
	return n, nil
}

// successor gives the way to what a retired cluster became part of.
func (p *pages) successor(r *http.Request, f frame, view feedback.ClusterView) (*anchor, error) {
	id := view.Cluster.Successor
	if !view.Cluster.Retired || id == 0 {
		return nil, nil
	}
	next, err := p.server.cfg.Store.ClusterByID(r.Context(), f.Workspace, id)
	if err != nil && feedback.ErrorCode(err) != feedback.NotFound {
		return nil, err
	}
	return &anchor{Text: clusterName(id, next.Cluster.Name), Href: f.href("/clusters/" + id.String())}, nil
}

func clusterFigures(v feedback.ClusterView) []figure {
	figures := []figure{
		{"Items", count(v.Items), plural(v.Cluster.Size, "excerpt")},
		{"Customers", count(v.Customers), "that are known"},
		{"Sentiment", signed(v.Sentiment), mood(v.Sentiment) + ", on a scale of −1 to 1"},
		{"First heard", date(v.FirstSeen), ""},
		{"Last heard", date(v.LastSeen), ""},
	}
	if v.Urgent > 0 {
		figures = append(figures, figure{"Urgent", count(v.Urgent), "of its excerpts cannot wait"})
	}
	if v.ChurnRisk > 0 {
		figures = append(figures, figure{"May leave", count(v.ChurnRisk), "of its excerpts speak of leaving"})
	}
	return figures
}

func linkOf(l *feedback.LinkView) *linkLines {
	if l == nil {
		return nil
	}
	lines := &linkLines{Feature: l.Feature, Confirmed: l.State == feedback.LinkConfirmed, Name: clip(l.Name, nameLimit), State: linkStates[l.State], Score: fmt.Sprintf("%.2f", l.Score), Status: status(l.Status),
		Evidence: clip(strings.Join(l.Evidence, ", "), 300)}
	if len(l.Path) > 1 {
		lines.Above = clip(strings.Join(l.Path[:len(l.Path)-1], " / "), nameLimit)
	}
	if l.Status == feedback.StatusShipped && !l.ShippedAt.IsZero() {
		lines.Status = "shipped on " + date(l.ShippedAt)
	}
	if l.RunnerUp != "" {
		lines.RunnerUp, lines.RunnerUpScore = clip(l.RunnerUp, nameLimit), fmt.Sprintf("%.2f", l.RunnerUpScore)
		if l.RunnerUpName != "" {
			lines.RunnerUp = clip(l.RunnerUpName, nameLimit)
		}
	}
	return lines
}
