package eval

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Named is a cluster with the name that it was given.
type Named struct {
	Group string // the clusters of one group have names of their own
	Name  string
	Texts []string
}

// Naming says how the names of clusters read, and what they say of them. Its shares are 0 to 1.
type Naming struct {
	Names    int     `json:"n"`
	Distinct float64 `json:"distinct"`         // share that no other cluster of the group has, capitals aside
	Verbatim float64 `json:"verbatim"`         // share that stand in a text of their cluster, capitals and a mark of omission at the end aside
	OneWord  float64 `json:"one_word"`         // share that are a single word
	Lists    float64 `json:"lists"`            // share with a comma in them
	Inside   float64 `json:"words_inside"`     // mean share of a cluster's texts that have all words of its name
	Outside  float64 `json:"words_in_another"` // mean of the largest share in another cluster of the group
}

// MeasureNames looks at the names of clusters. Words are compared by their first six letters, so that their forms count as one, and
// those of up to three letters are left out where a name has longer ones.
func MeasureNames(clusters []Named) Naming {
	out := Naming{Names: len(clusters)}
	begins := make([][]map[string]bool, len(clusters))
	for c, cluster := range clusters {
		for _, text := range cluster.Texts {
			has := make(map[string]bool)
			for _, w := range nameWords(text) {
				has[begin(w)] = true
			}
			begins[c] = append(begins[c], has)
		}
	}
	for c, cluster := range clusters {
		words := nameWords(cluster.Name)
		weight := 1 / float64(len(clusters))
		if len(words) == 1 {
			out.OneWord += weight
		}
		if strings.Contains(cluster.Name, ",") {
			out.Lists += weight
		}
		if long := slices.DeleteFunc(slices.Clone(words), func(w string) bool { return utf8.RuneCountInString(w) <= 3 }); len(long) > 0 {
			words = long
		}
		distinct, outside := true, 0.0
		for o, other := range clusters {
			if o != c && other.Group == cluster.Group {
				distinct = distinct && !strings.EqualFold(other.Name, cluster.Name)
				outside = max(outside, withAll(begins[o], words))
			}
		}
		if distinct {
			out.Distinct += weight
		}
		name := strings.TrimSuffix(strings.ToLower(cluster.Name), " …")
		if slices.ContainsFunc(cluster.Texts, func(text string) bool { return strings.Contains(strings.ToLower(text), name) }) {
			out.Verbatim += weight
		}
		out.Inside += weight * withAll(begins[c], words)
		out.Outside += weight * outside
	}
	return out
}

// withAll is the share of the texts that have all of the words.
func withAll(texts []map[string]bool, words []string) float64 {
	n := 0
	for _, has := range texts {
		if len(words) > 0 && !slices.ContainsFunc(words, func(w string) bool { return !has[begin(w)] }) {
			n++
		}
	}
	return share(n, len(texts))
}

func nameWords(text string) []string {
	return strings.FieldsFunc(strings.ToLower(text), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r)
	})
}

func begin(word string) string {
	n := 0
	for i := range word {
		if n == 6 {
			return word[:i]
		}
		n++
	}
	return word
}
