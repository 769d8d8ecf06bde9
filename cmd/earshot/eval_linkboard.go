package main

import (
	"context"
	"fmt"
	"strings"
	"unicode"

	"earshot/eval"
	"earshot/feedback"
	"earshot/link"
)

// featureNames finds the feature that a label means.
type featureNames struct {
	candidates int
	byName     map[string][]string // ids by every plain name; several where the name is not one feature's alone
	other      map[string]string   // kinds of the nodes that are no candidates, by plain name
	mapped     map[string]string   // ids by plain label, as --map has it; "" for no feature
}

// newFeatureNames reads the hierarchy and the pairs gold=feature. Its errors are those of a command line, or Invalid.
func newFeatureNames(features []feedback.Feature, pairs []string) (*featureNames, error) {
	n := &featureNames{byName: map[string][]string{}, other: map[string]string{}, mapped: map[string]string{}}
	for _, f := range features {
		for i, name := range []string{plainName(f.ID), plainName(f.Name)} {
			switch {
			case f.Kind != "feature":
				n.other[name] = f.Kind
			case i == 0 || name != plainName(f.ID):
				n.byName[name] = append(n.byName[name], f.ID)
			}
		}
		if f.Kind == "feature" {
			n.candidates++
		}
	}
	if n.candidates == 0 {
		return nil, feedback.Errorf(feedback.Invalid, "the file of features has no node of kind feature")
	}
	for _, pair := range pairs {
		at := strings.LastIndex(pair, "=")
		if at < 1 {
			return nil, fmt.Errorf("%w: --map has %q, and takes gold=feature", errUsage, clip(pair, 60))
		}
		gold, id := plainName(pair[:at]), ""
		if meant := strings.TrimSpace(pair[at+1:]); meant != "" {
			var err error
			if id, err = n.of(meant); err != nil {
				return nil, fmt.Errorf("%w: --map: %w", errUsage, err)
			}
		}
		n.mapped[gold] = id
	}
	return n, nil
}

// of gives the id of the feature that a label means, "" for none.
func (n *featureNames) of(label string) (string, error) {
	name := plainName(label)
	if id, ok := n.mapped[name]; ok {
		return id, nil
	}
	switch ids := n.byName[name]; {
	case len(ids) == 1:
		return ids[0], nil
	case len(ids) > 1:
		return "", fmt.Errorf("%q is the name of %d features: give the id", clip(label, 40), len(ids))
	case n.other[name] != "":
		return "", fmt.Errorf("%q is a %s, and links go to features", clip(label, 40), n.other[name])
	}
	return "", fmt.Errorf("%q is no feature: say what it stands for with --map, or leave it out with --ignore-label", clip(label, 40))
}

// plainName makes "card_arrival", "Card arrival" and "card-arrival" one.
func plainName(s string) string {
	return strings.Join(strings.FieldsFunc(strings.ToLower(s), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }), " ")
}

// linkBoard is a workspace in memory whose clusters stage 4 links.
type linkBoard struct {
	features []feedback.Feature
	clusters []feedback.Cluster
	truth    []string // the right feature of each cluster; "" for none
	rejected map[feedback.ClusterID][]feedback.Link
	saved    []feedback.Link
}

// LinkableClusters gives the clusters.
func (b *linkBoard) LinkableClusters(context.Context, string, feedback.Model) ([]feedback.Cluster, error) {
	return b.clusters, nil
}

// Features gives the hierarchy.
func (b *linkBoard) Features(context.Context, string) ([]feedback.Feature, error) {
	return b.features, nil
}

// Links gives what was rejected.
func (b *linkBoard) Links(context.Context, string) (map[feedback.ClusterID][]feedback.Link, error) {
	return b.rejected, nil
}

// SaveLinks keeps what was proposed.
func (b *linkBoard) SaveLinks(_ context.Context, _ string, links []feedback.Link) error {
	b.saved = links
	return nil
}

// singles makes a cluster of each row, which its text alone describes.
func (b *linkBoard) singles(rows []labelledRow, vectors []feedback.Vector) {
	for i, r := range rows {
		b.clusters = append(b.clusters, feedback.Cluster{ID: feedback.ClusterID(i + 1), Size: 1, Summary: r.text, Centroid: vectors[i]})
		b.truth = append(b.truth, r.feature)
	}
}

// The words that describe a true cluster, as many as stage 3 gives to one of its own.
const (
	clusterKeywords  = 10
	clusterNameWords = 3
)

// trueClusters makes a cluster of the rows of each label. The label itself would give the answer away, so that a cluster
// is described by the words that tell its texts from the others'.
func (b *linkBoard) trueClusters(rows []labelledRow, vectors []feedback.Vector) {
	number := make(map[string]int)
	var texts [][]string
	for i, r := range rows {
		n, known := number[r.label]
		if !known {
			n = len(b.clusters)
			number[r.label] = n
			b.clusters = append(b.clusters, feedback.Cluster{ID: feedback.ClusterID(n + 1), Centroid: make(feedback.Vector, len(vectors[i]))})
			b.truth = append(b.truth, r.feature)
			texts = append(texts, nil)
		}
		c := &b.clusters[n]
		c.Size++
		for d, x := range vectors[i] {
			c.Centroid[d] += x
		}
		texts[n] = append(texts[n], r.text)
	}
	for n, keywords := range eval.Keywords(texts, clusterKeywords) {
		c := &b.clusters[n]
		feedback.Normalize(c.Centroid)
		c.Keywords = keywords
		c.Name = strings.Join(keywords[:min(clusterNameWords, len(keywords))], " ")
	}
}

// ranked is how many features are asked for.
const ranked = 5

// choices links the clusters as a recluster does, and then asks again and again with the best features rejected, as a
// person would who looks for the next best: so the ranking below the first two is stage 4's own, too.
func (b *linkBoard) choices(ctx context.Context, embedder link.Embedder) ([]eval.Choice, error) {
	out := make([]eval.Choice, len(b.clusters))
	for i := range out {
		out[i].Truth = b.truth[i]
	}
	if err := b.run(ctx, embedder, link.Config{}); err != nil {
		return nil, err
	}
	for _, l := range b.saved {
		c := &out[l.Cluster-1]
		c.Linked, c.Automatic = true, l.State == feedback.LinkAutomatic
	}
	b.rejected = make(map[feedback.ClusterID][]feedback.Link)
	for range (ranked + 1) / 2 {
		// A threshold that every feature passes.
		if err := b.run(ctx, embedder, link.Config{Suggest: 1e-12}); err != nil {
			return nil, err
		}
		for _, l := range b.saved {
			c := &out[l.Cluster-1]
			if len(c.Ranked) == 0 {
				c.Score = l.Score
			}
			for _, id := range []string{l.Feature, l.RunnerUp} {
				if id != "" {
					c.Ranked = append(c.Ranked, id)
					b.rejected[l.Cluster] = append(b.rejected[l.Cluster], feedback.Link{Cluster: l.Cluster, Feature: id, State: feedback.LinkRejected})
				}
			}
		}
	}
	return out, nil
}

func (b *linkBoard) run(ctx context.Context, embedder link.Embedder, cfg link.Config) error {
	cfg.Store, cfg.Embedder = b, embedder
	stage, err := link.New(cfg)
	if err != nil {
		return err
	}
	_, err = stage.Link(ctx, "eval")
	return err
}
