package eval

import (
	"maps"
	"slices"
)

// Redacted is one text: the kinds of personal data in it, and those that were replaced, one entry for each occurrence.
type Redacted struct{ Want, Got []string }

// Redaction says how much personal data was found. Shares are 0 to 1, and 0 where they are of nothing.
type Redaction struct {
	N        int         `json:"n"`
	Exact    float64     `json:"exact"` // share of texts in which just what should go went
	PerKind  []KindTally `json:"kinds"` // by name
	AllKinds KindTally   `json:"all"`
}

// KindTally counts the occurrences of one kind.
type KindTally struct {
	Kind      string  `json:"kind,omitempty"`
	Want      int     `json:"want"`
	Found     int     `json:"found"`
	Right     int     `json:"right"`
	Precision float64 `json:"precision"` // share of the found that should be found
	Recall    float64 `json:"recall"`    // share of the wanted that were found
}

// MeasureRedaction compares occurrences text by text: of two wanted and three found of a kind, two are right.
func MeasureRedaction(texts []Redacted) Redaction {
	r := Redaction{N: len(texts), PerKind: []KindTally{}}
	kinds := make(map[string]*KindTally)
	exact := 0
	for _, t := range texts {
		want, got := tally(t.Want), tally(t.Got)
		if maps.Equal(want, got) {
			exact++
		}
		for _, counts := range []map[string]int{want, got} {
			for kind := range counts {
				if kinds[kind] == nil {
					kinds[kind] = &KindTally{Kind: kind}
				}
			}
		}
		for kind, k := range kinds {
			k.Want += want[kind]
			k.Found += got[kind]
			k.Right += min(want[kind], got[kind])
		}
	}
	r.Exact = share(exact, r.N)
	for _, kind := range slices.Sorted(maps.Keys(kinds)) {
		k := *kinds[kind]
		r.AllKinds.Want += k.Want
		r.AllKinds.Found += k.Found
		r.AllKinds.Right += k.Right
		k.settle()
		r.PerKind = append(r.PerKind, k)
	}
	r.AllKinds.settle()
	return r
}

func (k *KindTally) settle() {
	k.Precision, k.Recall = share(k.Right, k.Found), share(k.Right, k.Want)
}

func tally(kinds []string) map[string]int {
	out := make(map[string]int)
	for _, k := range kinds {
		out[k]++
	}
	return out
}
