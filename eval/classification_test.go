package eval

import (
	"math"
	"reflect"
	"strings"
	"testing"
)

// The values were worked out by hand from the definitions of scikit-learn's accuracy_score,
// precision_recall_fscore_support and confusion_matrix, with zero_division=0. The first case is the one in its handbook.
func TestClassifyAgreesWithScikitLearn(t *testing.T) {
	words := strings.Fields
	for _, c := range []struct {
		name             string
		truth, predicted []string
		accuracy, macro  float64
		classes          []Class
		confusion        [][]int
	}{
		{
			"three classes", words("cat ant cat cat ant bird"), words("ant ant cat cat ant cat"),
			4.0 / 6, 0.48888888888888893,
			[]Class{{"ant", 2.0 / 3, 1, 0.8, 2}, {"bird", 0, 0, 0, 1}, {"cat", 2.0 / 3, 2.0 / 3, 2.0 / 3, 3}},
			[][]int{{2, 0, 0}, {0, 0, 1}, {1, 0, 2}},
		},
		{
			"a class that is only predicted", words("a a b b"), words("a c b b"),
			0.75, (2.0/3 + 1 + 0) / 3,
			[]Class{{"a", 1, 0.5, 2.0 / 3, 2}, {"b", 1, 1, 1, 2}, {"c", 0, 0, 0, 0}},
			[][]int{{1, 0, 1}, {0, 2, 0}, {0, 0, 0}},
		},
		{"all right", words("x y x"), words("x y x"), 1, 1, []Class{{"x", 1, 1, 1, 2}, {"y", 1, 1, 1, 1}}, [][]int{{2, 0}, {0, 1}}},
		{"all wrong", words("x y"), words("y x"), 0, 0, []Class{{"x", 0, 0, 0, 1}, {"y", 0, 0, 0, 1}}, [][]int{{0, 1}, {1, 0}}},
		{"nothing", nil, nil, 0, 0, nil, nil},
	} {
		got := Classify(c.truth, c.predicted)
		if math.Abs(got.Accuracy-c.accuracy) > 1e-12 || math.Abs(got.MacroF1-c.macro) > 1e-12 || got.N != len(c.truth) {
			t.Errorf("%s: accuracy %v, macro-F1 %v, n %d", c.name, got.Accuracy, got.MacroF1, got.N)
		}
		if !reflect.DeepEqual(got.Confusion, c.confusion) {
			t.Errorf("%s: confusion %v", c.name, got.Confusion)
		}
		if len(got.PerClass) != len(c.classes) {
			t.Fatalf("%s: classes %v", c.name, got.PerClass)
		}
		for i, want := range c.classes {
			have := got.PerClass[i]
			for _, d := range []float64{have.Precision - want.Precision, have.Recall - want.Recall, have.F1 - want.F1} {
				if math.Abs(d) > 1e-12 || have.Name != want.Name || have.Support != want.Support {
					t.Errorf("%s: %+v, not %+v", c.name, have, want)
				}
			}
		}
	}
}

func TestClassifyTakesNoListsOfTwoLengths(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("one true label and two predicted ones were compared")
		}
	}()
	Classify([]string{"a"}, []string{"a", "b"})
}
