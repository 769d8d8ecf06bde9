package web

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"earshot/feedback"
)

// clusterRow is one cluster in the list.
type clusterRow struct {
	ID, Name, Href, Items, Customers, Share, Sentiment, Tone, Trend, Feature, LinkState string
	Spark                                                                               chart
}

// clusterGroup is a theme with its clusters, or all of them under no name.
type clusterGroup struct {
	Name, Href string
	Rows       []clusterRow
}

// order is a way to sort the clusters.
type order struct {
	key, text string
	less      func(a, b feedback.ClusterView) int // nil for by theme
}

// change is how much more was said in the latest weeks than in those before.
func change(v feedback.ClusterView) int {
	now, before := recent(v.Weekly)
	return now - before
}

// orders lists the ways to sort, the first being what a reader gets who asks for none.
var orders = []order{
	{key: "theme", text: "theme"},
	{"items", "items", func(a, b feedback.ClusterView) int { return cmp.Compare(b.Items, a.Items) }},
	{"customers", "customers", func(a, b feedback.ClusterView) int { return cmp.Compare(b.Customers, a.Customers) }},
	{"trend", "trend", func(a, b feedback.ClusterView) int { return cmp.Compare(change(b), change(a)) }},
	{"sentiment", "sentiment, the worst first", func(a, b feedback.ClusterView) int { return cmp.Compare(a.Sentiment, b.Sentiment) }},
	{"name", "name", func(a, b feedback.ClusterView) int {
		return cmp.Compare(strings.ToLower(a.Cluster.Name), strings.ToLower(b.Cluster.Name))
	}},
}

func (p *pages) clusters(w http.ResponseWriter, r *http.Request, f frame) error {
	key := cmp.Or(r.URL.Query().Get("sort"), orders[0].key)
	at := slices.IndexFunc(orders, func(o order) bool { return o.key == key })
	if at < 0 {
		return feedback.Errorf(feedback.Invalid, "there is no such order").
			WithHint("sort is one of theme, items, customers, trend, sentiment and name")
	}
	list, err := p.server.cfg.Store.ClusterList(r.Context(), f.Workspace)
	if err != nil {
		return err
	}
	waiting, err := p.waiting(r, f)
	if err != nil {
		return err
	}
	unassigned, err := p.unassignedLink(r, f, list)
	if err != nil {
		return err
	}
	f.Title = "Topics"
	var sorts []anchor
	for i, o := range orders {
		sorts = append(sorts, anchor{Text: o.text, Href: f.href("/clusters", "sort", o.key), Here: i == at})
	}
	empty := "No topics yet: they appear when there is enough feedback to group. To group now, run: earshot recluster"
	return p.show(w, http.StatusOK, "clusters", struct {
		frame
		Intro, Empty        string
		Waiting, Unassigned *anchor
		Find                find
		Sorts               []anchor
		Groups              []clusterGroup
		Hidden              []anchor
	}{f, standing(list), empty, waiting, unassigned, find{Hidden: f.named}, sorts, groups(f, list, orders[at]), hiddenOnes(f, list)})
}

// hiddenOnes links to the clusters that the list leaves out.
func hiddenOnes(f frame, list feedback.ClusterList) []anchor {
	var out []anchor
	for _, v := range list.Hidden {
		out = append(out, anchor{Text: clusterName(v.Cluster.ID, v.Cluster.Name), Href: f.href("/clusters/" + v.Cluster.ID.String()), Note: plural(v.Items, "item")})
	}
	return out
}

// groups sorts the clusters, and puts them under their themes where the order is by theme: the largest theme first.
func groups(f frame, list feedback.ClusterList, by order) []clusterGroup {
	views := slices.Clone(list.Clusters)
	byID := func(a, b feedback.ClusterView) int { return cmp.Compare(a.Cluster.ID, b.Cluster.ID) }
	if by.less != nil {
		slices.SortFunc(views, func(a, b feedback.ClusterView) int { return cmp.Or(by.less(a, b), byID(a, b)) })
		return compactGroups([]clusterGroup{{Rows: clusterRows(f, list, views)}})
	}
	sizes := make(map[feedback.ThemeID]int)
	for _, v := range views {
		sizes[v.Cluster.Theme] += v.Cluster.Size
	}
	slices.SortFunc(views, func(a, b feedback.ClusterView) int {
		return cmp.Or(cmp.Compare(sizes[b.Cluster.Theme], sizes[a.Cluster.Theme]), cmp.Compare(a.Cluster.Theme, b.Cluster.Theme),
			cmp.Compare(b.Items, a.Items), byID(a, b))
	})
	var out []clusterGroup
	for start := 0; start < len(views); {
		theme := views[start].Cluster
		end := start
		for end < len(views) && views[end].Cluster.Theme == theme.Theme {
			end++
		}
		out = append(out, clusterGroup{Name: cmp.Or(clip(theme.ThemeName, nameLimit), theme.Theme.String()), Href: f.href("/themes/" + theme.Theme.String()), Rows: clusterRows(f, list, views[start:end])})
		start = end
	}
	return out
}

// compactGroups leaves out groups without rows.
func compactGroups(groups []clusterGroup) []clusterGroup {
	return slices.DeleteFunc(groups, func(g clusterGroup) bool { return len(g.Rows) == 0 })
}

func clusterRows(f frame, list feedback.ClusterList, views []feedback.ClusterView) []clusterRow {
	rows := make([]clusterRow, len(views))
	for i, v := range views {
		id := v.Cluster.ID
		rows[i] = clusterRow{
			ID: id.String(), Name: clusterName(id, v.Cluster.Name), Href: f.href("/clusters/" + id.String()),
			Items: count(v.Items), Customers: count(v.Customers), Share: percent(v.Cluster.Size, list.Excerpts),
			Sentiment: signed(v.Sentiment), Tone: tone(v.Sentiment), Trend: fromTo(v.Weekly), Spark: spark(v.Weekly),
			LinkState: "no feature fits",
		}
		if v.Link != nil {
			rows[i].Feature, rows[i].LinkState = clip(v.Link.Name, nameLimit), ""
			if v.Link.State == feedback.LinkSuggested {
				rows[i].LinkState = "suggested"
			}
		}
	}
	return rows
}

// featureNode is a node of the hierarchy with the clusters that are linked to it.
type featureNode struct {
	Kind, Name, Status string
	Links              []anchor
	Children           []*featureNode
}

func (p *pages) features(w http.ResponseWriter, r *http.Request, f frame) error {
	features, err := p.server.cfg.Store.Features(r.Context(), f.Workspace)
	if err != nil {
		return err
	}
	list, err := p.server.cfg.Store.ClusterList(r.Context(), f.Workspace)
	if err != nil {
		return err
	}
	links := make(map[string][]anchor)
	var unlinked []anchor
	for _, v := range list.Clusters {
		a := anchor{Text: clusterName(v.Cluster.ID, v.Cluster.Name), Href: f.href("/clusters/" + v.Cluster.ID.String()), Note: plural(v.Items, "item")}
		if v.Link == nil {
			unlinked = append(unlinked, a)
			continue
		}
		if v.Link.State == feedback.LinkSuggested {
			a.Note += ", suggested"
		}
		links[v.Link.Feature] = append(links[v.Link.Feature], a)
	}
	nodes := make(map[string]*featureNode, len(features))
	for _, feature := range features {
		n := &featureNode{Kind: feature.Kind, Name: clip(cmp.Or(feature.Name, feature.ID), nameLimit), Status: status(feature.Status), Links: links[feature.ID]}
		if feature.Status == feedback.StatusShipped && !feature.ShippedAt.IsZero() {
			n.Status = "shipped " + date(feature.ShippedAt)
		}
		nodes[feature.ID] = n
	}
	var tree []*featureNode
	for _, feature := range features {
		if above := nodes[feature.Parent]; feature.Parent != "" && above != nil {
			above.Children = append(above.Children, nodes[feature.ID])
		} else {
			tree = append(tree, nodes[feature.ID])
		}
	}
	f.Title = "Features"
	leaves := 0
	for _, feature := range features {
		if feature.Kind == "feature" {
			leaves++
		}
	}
	intro := fmt.Sprintf("%s. Linked to one: %s of %s.", plural(leaves, "feature"), count(len(list.Clusters)-len(unlinked)), plural(len(list.Clusters), "topic"))
	return p.show(w, http.StatusOK, "features", struct {
		frame
		Intro    string
		Tree     []*featureNode
		Unlinked []anchor
	}{f, intro, tree, unlinked})
}
