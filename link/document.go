package link

import (
	"cmp"
	"math"
	"slices"

	"earshot/feedback"
)

// The weights of a stem by where it stands. A stem has the weight of its best place.
const (
	nameWeight        = 2.0
	descriptionWeight = 1.0
	pathWeight        = 0.3 // the nodes above a feature: true of its siblings too
	summaryWeight     = 0.3 // one customer's words, which need not be the cluster's
	keywordDecay      = 0.05
	evidenceWords     = 6
)

// term is a stem in a document: its weight there, and a word that it stands for.
type term struct {
	stem, word string
	weight     float64
}

// document is the words of a cluster or a feature, by stem. Weights are those of the place times the idf.
type document struct {
	terms []term
	norm  float64
}

// documents gives the words of the clusters and of the features, weighed by how few of either hold them.
func documents(clusters []feedback.Cluster, features []feedback.Feature) (said, meant []document) {
	for _, c := range clusters {
		d := make(draft)
		d.add(c.Name, 1)
		for rank, keyword := range c.Keywords {
			d.add(keyword, 1/(1+keywordDecay*float64(rank)))
		}
		d.add(c.Summary, summaryWeight)
		said = append(said, d.document())
	}
	for _, f := range features {
		d := make(draft)
		d.add(f.Name, nameWeight)
		d.add(f.Description, descriptionWeight)
		for _, above := range f.Path[:max(0, len(f.Path)-1)] {
			d.add(above, pathWeight)
		}
		meant = append(meant, d.document())
	}

	count := make(map[string]int)
	for _, all := range [][]document{said, meant} {
		for _, d := range all {
			for _, t := range d.terms {
				count[t.stem]++
			}
		}
	}
	total := float64(len(said) + len(meant))
	for _, all := range [][]document{said, meant} {
		for i := range all {
			var sum float64
			for k := range all[i].terms {
				t := &all[i].terms[k]
				t.weight *= math.Log(1 + total/float64(count[t.stem]))
				sum += float64(t.weight * t.weight)
			}
			all[i].norm = math.Sqrt(sum)
		}
	}
	return said, meant
}

// draft collects the terms of a document.
type draft map[string]term

func (d draft) add(text string, weight float64) {
	eachWord(text, func(word, stem string) {
		if d[stem].weight < weight {
			d[stem] = term{stem: stem, word: word, weight: weight}
		}
	})
}

func (d draft) document() document {
	terms := make([]term, 0, len(d))
	for _, t := range d {
		terms = append(terms, t)
	}
	slices.SortFunc(terms, func(a, b term) int { return cmp.Compare(a.stem, b.stem) })
	return document{terms: terms}
}

// meanNorm is the mean length of the documents, by which likeness softens the lengths of single ones.
func meanNorm(all []document) float64 {
	var sum float64
	for _, d := range all {
		sum += d.norm
	}
	return sum / float64(len(all))
}

// likeness is the cosine of a cluster's words and a feature's, with the feature's length drawn half way to the mean
// (pivoted normalisation: Singhal, Buckley and Mitra, SIGIR 1996): a feature that is described at length is not less
// likely to be meant.
func likeness(cluster, feature document, norm float64) float64 {
	var sum float64
	eachShared(cluster, feature, func(a, b term) { sum += float64(a.weight * b.weight) })
	if sum == 0 {
		return 0
	}
	return min(1, sum/(cluster.norm*(feature.norm+norm)/2))
}

// shared gives the words that cluster and feature have in common, in the cluster's form, the weightiest first.
func shared(cluster, feature document) []string {
	var both []term
	eachShared(cluster, feature, func(a, b term) {
		both = append(both, term{stem: a.stem, word: a.word, weight: a.weight * b.weight})
	})
	slices.SortFunc(both, func(a, b term) int {
		if c := cmp.Compare(b.weight, a.weight); c != 0 {
			return c
		}
		return cmp.Compare(a.stem, b.stem)
	})
	var words []string
	for _, t := range both[:min(len(both), evidenceWords)] {
		words = append(words, t.word)
	}
	return words
}

// eachShared walks the stems that both hold, in order.
func eachShared(a, b document, use func(a, b term)) {
	for i, j := 0, 0; i < len(a.terms) && j < len(b.terms); {
		switch c := cmp.Compare(a.terms[i].stem, b.terms[j].stem); {
		case c < 0:
			i++
		case c > 0:
			j++
		default:
			use(a.terms[i], b.terms[j])
			i, j = i+1, j+1
		}
	}
}
