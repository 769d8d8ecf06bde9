package web

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"earshot/feedback"
)

// hitLines are the words of an excerpt in a list.
type hitLines struct {
	ID, Text, Customer, Segment, Source, When, Date, Labels, ClusterName, ClusterHref, Href, Copies string
	Flags                                                                                           []string
	Pinned                                                                                          int // the decision that keeps it where it is
}

// hitsOf words excerpts, with the cluster of each where withCluster.
func hitsOf(f frame, hits []feedback.Hit, withCluster bool) []hitLines {
	lines := make([]hitLines, len(hits))
	for i, h := range hits {
		id := h.Excerpt.String()
		lines[i] = hitLines{ID: id, Text: h.Text, Customer: clip(h.Customer, nameLimit), Segment: clip(h.Segment, 60), Source: h.Source,
			When: h.OccurredAt.UTC().Format(time.RFC3339), Date: date(h.OccurredAt), Labels: "not analysed yet", Pinned: h.Pinned, Href: f.href("/excerpts/"+id) + "#e-" + id}
		if h.Kind != "" {
			lines[i].Labels = fmt.Sprintf("%s, %s (%s)", h.Kind, mood(h.Sentiment), signed(h.Sentiment))
		}
		if h.Outlier != "" {
			lines[i].Labels += "; " + outlierWords[h.Outlier]
		}
		lines[i].Flags = flagsOf(h)
		switch {
		case h.Copy:
			lines[i].Copies = "a copy of another, and not counted"
		case h.Copies == 1:
			lines[i].Copies = "and 1 near-copy"
		case h.Copies > 1:
			lines[i].Copies = "and " + count(h.Copies) + " near-copies"
		}
		if withCluster && h.Cluster != 0 {
			lines[i].ClusterName = clusterName(h.Cluster, h.ClusterName)
			lines[i].ClusterHref = f.href("/clusters/" + h.Cluster.String())
		}
	}
	return lines
}

// flagsOf lists what stands out of an excerpt.
func flagsOf(h feedback.Hit) []string {
	var flags []string
	if h.Severity >= 3 {
		flags = append(flags, "severe")
	}
	if h.Urgent {
		flags = append(flags, "urgent")
	}
	if h.ChurnRisk {
		flags = append(flags, "may leave")
	}
	return flags
}

func (p *pages) search(w http.ResponseWriter, r *http.Request, f frame) error {
	query := strings.TrimSpace(r.URL.Query().Get("q"))
	f.Title = "Search"
	var hits []feedback.Hit
	outcome := ""
	if query != "" {
		var err error
		if hits, err = p.server.cfg.Search.Search(r.Context(), f.Workspace, query, 50); err != nil {
			return err
		}
		outcome = plural(len(hits), "excerpt") + ", the best match first."
		if len(hits) == 0 {
			outcome = "Nothing was found. Other words may help; the search goes by meaning as well as by words."
		}
	}
	return p.show(w, http.StatusOK, "search", struct {
		frame
		Find    find
		Outcome string
		Hits    []hitLines
	}{f, find{Query: query, Hidden: f.named}, outcome, hitsOf(f, hits, true)})
}

// part is a piece of an item's body: an excerpt, or what stands between two.
type part struct {
	Text, ID string
	This     bool
}

func (p *pages) excerpt(w http.ResponseWriter, r *http.Request, f frame) error {
	id, err := feedback.ParseID(r.PathValue("id"))
	if err != nil {
		return err
	}
	item, err := p.server.cfg.Evidence.ItemOfExcerpt(r.Context(), f.Workspace, id)
	if err != nil {
		return err
	}
	f.Title = clip(cmp.Or(item.Title, "One piece of feedback"), 80)
	facts := []figure{{Label: "Customer", Value: cmp.Or(clip(item.Customer, nameLimit), "not known")}}
	add := func(label, value string) {
		if value != "" {
			facts = append(facts, figure{Label: label, Value: clip(value, 300)})
		}
	}
	add("Segment", item.Segment)
	add("Source", item.Source)
	add("Id there", item.ExternalID)
	add("Said on", date(item.OccurredAt))
	add("Language", item.Language)
	if item.Rating != nil {
		add("Rating", fmt.Sprintf("%g of 5", *item.Rating))
	}
	if item.Score != nil {
		add("Score", fmt.Sprintf("%g of 10", *item.Score))
	}
	add("Address", item.URL) // as text: where it leads is the producer's word alone
	copied, original := copiesOf(f, item.Copies)
	return p.show(w, http.StatusOK, "excerpt", struct {
		frame
		Source, When, Date, Heading string
		Spam                        bool
		Original                    *anchor
		Copies                      []anchor
		Parts                       []part
		Facts                       []figure
		Hits                        []hitLines
	}{f, item.Source, item.OccurredAt.UTC().Format(time.RFC3339), date(item.OccurredAt), clip(item.Title, nameLimit), item.Spam, original, copied,
		partsOf(item, id), facts, pointsOf(f, item)})
}

// copiesOf gives the ways to the other items that say the same, and to the original where this one is a copy.
func copiesOf(f frame, copies []feedback.Copy) (others []anchor, original *anchor) {
	for _, c := range copies {
		a := anchor{Text: c.Source + ", " + date(c.OccurredAt), Href: f.href("/excerpts/" + c.Excerpt.String()), Note: clip(c.Customer, nameLimit)}
		if c.Original {
			original = &a
		} else {
			others = append(others, a)
		}
	}
	return others, original
}

// partsOf cuts the body at its excerpts. Offsets that the body does not have, or that overlap, mark nothing: the text is
// shown whole all the same.
func partsOf(item feedback.ItemView, this feedback.ID) []part {
	excerpts := slices.Clone(item.Excerpts)
	slices.SortStableFunc(excerpts, func(a, b feedback.Hit) int { return cmp.Compare(a.Start, b.Start) })
	var parts []part
	at := 0
	for _, e := range excerpts {
		if e.Start < at || e.End <= e.Start || e.End > len(item.Body) || item.Body[e.Start:e.End] != e.Text {
			continue
		}
		if e.Start > at {
			parts = append(parts, part{Text: item.Body[at:e.Start]})
		}
		parts = append(parts, part{Text: e.Text, ID: e.Excerpt.String(), This: e.Excerpt == this})
		at = e.End
	}
	if at < len(item.Body) {
		parts = append(parts, part{Text: item.Body[at:]})
	}
	return parts
}

// pointsOf words the item's excerpts, without what stands on the page already: where they were said, and their marks.
func pointsOf(f frame, item feedback.ItemView) []hitLines {
	lines := hitsOf(f, item.Excerpts, true)
	for i, l := range lines {
		lines[i] = hitLines{Text: l.Text, Labels: l.Labels, Flags: l.Flags, ClusterName: l.ClusterName, ClusterHref: l.ClusterHref}
	}
	return lines
}
