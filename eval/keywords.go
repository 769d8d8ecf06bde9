package eval

import (
	"cmp"
	"maps"
	"math"
	"slices"
	"strings"
	"unicode"
)

// Keywords gives the words that tell each group of texts from the others, at most n a group and the strongest first: the
// share of the group's texts that have the word, times the logarithm of groups by groups that have it. Where that is 0
// for all words, as in a single group, the most frequent come first.
func Keywords(groups [][]string, n int) [][]string {
	within := make([]map[string]float64, len(groups))
	across := make(map[string]float64)
	for g, texts := range groups {
		within[g] = make(map[string]float64)
		for _, text := range texts {
			words := strings.FieldsFunc(strings.ToLower(text), func(r rune) bool {
				return r != '\'' && !unicode.IsLetter(r) && !unicode.IsDigit(r)
			})
			slices.Sort(words)
			for _, w := range slices.Compact(words) {
				within[g][w] += 1 / float64(len(texts))
			}
		}
		for w := range within[g] {
			across[w]++
		}
	}
	out := make([][]string, len(groups))
	for g, shares := range within {
		weight := func(w string) float64 { return shares[w] * math.Log(float64(len(groups))/across[w]) }
		words := slices.SortedFunc(maps.Keys(shares), func(a, b string) int {
			return cmp.Or(cmp.Compare(weight(b), weight(a)), cmp.Compare(shares[b], shares[a]), cmp.Compare(a, b))
		})
		out[g] = words[:min(n, len(words))]
	}
	return out
}
