package web

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"earshot/feedback"
)

// outlierWords say why excerpts are in no topic.
var outlierWords = map[feedback.Outlier]string{
	feedback.OutlierSmall:   "in too small a group",
	feedback.OutlierFar:     "too far from the nearest topic",
	feedback.OutlierBetween: "between two topics",
	feedback.OutlierAlone:   "near to nothing",
	feedback.OutlierBlank:   "of no known word",
	feedback.OutlierEarly:   "there before any topic",
	"":                      "of no stored reason",
}

// outlierFigures lists the reasons that there are, with their counts.
func outlierFigures(counts map[feedback.Outlier]int) []figure {
	var out []figure
	for _, why := range append(slices.Clone(feedback.Outliers), "") {
		if n := counts[why]; n > 0 {
			out = append(out, figure{Label: outlierWords[why], Value: count(n), Note: string(why)})
		}
	}
	return out
}

// formingLines are a group that forms.
type formingLines struct {
	Name, Summary, Burst, Seen string
	Keywords                   []string
	Hits                       []hitLines
}

// formingHits is how many excerpts are shown of a group that forms.
const formingHits = 5

func (p *pages) unassigned(w http.ResponseWriter, r *http.Request, f frame) error {
	reason := feedback.Outlier(r.URL.Query().Get("reason"))
	if reason != "" && !slices.Contains(feedback.Outliers, reason) {
		return feedback.Errorf(feedback.Invalid, "there is no such reason").WithHint("reasons are small, far, between, alone, blank and early")
	}
	number, err := pageNumber(r)
	if err != nil {
		return err
	}
	list, err := p.server.cfg.Store.ClusterList(r.Context(), f.Workspace)
	if err != nil {
		return err
	}
	forming, err := p.server.cfg.Unassigned.Forming(r.Context(), f.Workspace, formingHits)
	if err != nil {
		return err
	}
	offset := (number - 1) * pageSize
	hits, err := p.server.cfg.Unassigned.UnassignedExcerpts(r.Context(), f.Workspace, reason, offset, pageSize+1)
	if err != nil {
		return err
	}
	at := func(reason feedback.Outlier, page int) string {
		query := []string{"page", strconv.Itoa(page)}
		if reason != "" {
			query = append(query, "reason", string(reason))
		}
		return f.href("/unassigned", query...)
	}
	f.Title = "In no topic"
	content := struct {
		frame
		Intro, Newer, Older string
		Reasons             []anchor
		Forming             []formingLines
		Hits                []hitLines
	}{frame: f, Intro: fmt.Sprintf("%s of %s analysed, %s. Nothing is forced into a topic; what is in none is here, with the reason.",
		count(list.Unassigned), plural(list.Excerpts, "excerpt"), percent(list.Unassigned, list.Excerpts))}
	if number > 1 {
		content.Newer = at(reason, number-1)
	}
	if len(hits) > pageSize {
		hits, content.Older = hits[:pageSize], at(reason, number+1)
	}
	content.Hits = hitsOf(f, hits, false)
	content.Reasons = append(content.Reasons, anchor{Text: "all", Href: at("", 1), Note: count(list.Unassigned), Here: reason == ""})
	for _, o := range outlierFigures(list.Outliers) {
		if o.Note != "" {
			content.Reasons = append(content.Reasons, anchor{Text: o.Label, Note: o.Value, Href: at(feedback.Outlier(o.Note), 1), Here: o.Note == string(reason)})
		}
	}
	for _, g := range forming {
		content.Forming = append(content.Forming, formingOf(f, g))
	}
	return p.show(w, http.StatusOK, "unassigned", content)
}

// unassignedLink gives the way to what is in no topic, and says what forms there; nil where all are in one.
func (p *pages) unassignedLink(r *http.Request, f frame, list feedback.ClusterList) (*anchor, error) {
	if list.Unassigned == 0 || len(list.Clusters) == 0 {
		return nil, nil
	}
	forming, err := p.server.cfg.Unassigned.Forming(r.Context(), f.Workspace, 0)
	if err != nil {
		return nil, err
	}
	a := &anchor{Text: "What is in no topic, and why", Href: f.href("/unassigned")}
	if len(forming) > 0 {
		a.Note = "Forming: " + clip(forming[0].Name, nameLimit)
	}
	return a, nil
}

func formingOf(f frame, g feedback.Forming) formingLines {
	lines := formingLines{Name: clip(g.Name, nameLimit), Summary: clip(g.Summary, 400), Seen: date(g.SeenAt), Hits: hitsOf(f, g.Hits, false),
		Burst: fmt.Sprintf("%s in the last 7 days, %s in the 28 before", plural(g.Recent, "excerpt"), count(g.Before))}
	for _, k := range g.Keywords {
		lines.Keywords = append(lines.Keywords, clip(k, 60))
	}
	return lines
}

func (p *pages) theme(w http.ResponseWriter, r *http.Request, f frame) error {
	id, err := feedback.ParseThemeID(r.PathValue("id"))
	if err != nil {
		return err
	}
	view, err := p.server.cfg.Store.ThemeByID(r.Context(), f.Workspace, id)
	if err != nil {
		return err
	}
	f.Title = clip(view.Theme.Name, 80)
	if strings.TrimSpace(f.Title) == "" {
		f.Title = id.String()
	}
	content := struct {
		frame
		ID, Name, Intro, Trend string
		Retired                bool
		Chart                  *chart
		Clusters               []anchor
	}{frame: f, ID: id.String(), Name: f.Title, Trend: trend(view.Weekly), Retired: view.Retired,
		Intro: fmt.Sprintf("%s in %s.", plural(view.Items, "item"), plural(len(view.Clusters), "topic"))}
	if len(view.Weekly) > 0 {
		c := barsBeside(view.Weekly, view.Reported, 480, 130, 18)
		content.Chart = &c
	}
	for _, c := range view.Clusters {
		content.Clusters = append(content.Clusters, anchor{Text: clusterName(c.Cluster.ID, c.Cluster.Name),
			Href: f.href("/clusters/" + c.Cluster.ID.String()), Note: plural(c.Items, "item")})
	}
	return p.show(w, http.StatusOK, "theme", content)
}
