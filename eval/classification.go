package eval

import (
	"fmt"
	"slices"
)

// Classification says how well predicted labels agree with the true ones. Its numbers are scikit-learn's, with a share
// of nothing (0/0) taken as 0.
type Classification struct {
	Classes   []string // those that occur on either side, sorted
	N         int      // texts
	Accuracy  float64  // share of texts with the right label, 0 to 1
	MacroF1   float64  // mean of F1 over Classes
	PerClass  []Class  // in the order of Classes
	Confusion [][]int  // [true][predicted], in the order of Classes
}

// Class is how well one label was predicted.
type Class struct {
	Name      string
	Precision float64 // of those predicted so, the share that is so
	Recall    float64 // of those that are so, the share predicted so
	F1        float64 // their harmonic mean
	Support   int     // texts that are so
}

// Classify compares the predicted label of each text with the true one. It panics unless both slices have one length.
func Classify(truth, predicted []string) Classification {
	if len(truth) != len(predicted) {
		panic(fmt.Sprintf("eval: %d true labels and %d predicted ones", len(truth), len(predicted)))
	}
	c := Classification{N: len(truth)}
	c.Classes = slices.Concat(truth, predicted)
	slices.Sort(c.Classes)
	c.Classes = slices.Compact(c.Classes)
	at := make(map[string]int, len(c.Classes))
	for i, name := range c.Classes {
		at[name] = i
		c.Confusion = append(c.Confusion, make([]int, len(c.Classes)))
	}
	right := 0
	for i := range truth {
		c.Confusion[at[truth[i]]][at[predicted[i]]]++
		if truth[i] == predicted[i] {
			right++
		}
	}
	c.Accuracy = share(right, len(truth))
	for k, name := range c.Classes {
		hit, said := c.Confusion[k][k], 0
		class := Class{Name: name}
		for j := range c.Classes {
			class.Support += c.Confusion[k][j]
			said += c.Confusion[j][k]
		}
		class.Precision, class.Recall = share(hit, said), share(hit, class.Support)
		class.F1 = share(2*hit, said+class.Support)
		c.PerClass = append(c.PerClass, class)
		c.MacroF1 += class.F1
	}
	if len(c.Classes) > 0 {
		c.MacroF1 /= float64(len(c.Classes))
	}
	return c
}

func share(part, whole int) float64 {
	if whole == 0 {
		return 0
	}
	return float64(part) / float64(whole)
}
