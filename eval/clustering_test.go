package eval

import (
	"math"
	"testing"
)

func near(t *testing.T, what string, got, want float64) {
	t.Helper()
	if math.IsNaN(got) || math.Abs(got-want) > 1e-12 {
		t.Errorf("%s: %v, want %v", what, got, want)
	}
}

func perfect(s ClusterScores) bool {
	return s.NMI > 1-1e-12 && s.ARI == 1 && s.Accuracy == 1 && s.Purity == 1
}

// grouped scores the texts that have a class.
func grouped(rows ...Grouped) []Grouped {
	for i := range rows {
		rows[i].Scored = rows[i].Class != ""
	}
	return rows
}

func TestUnlabelledTextsAreCountedAndNotScored(t *testing.T) {
	got := MeasureClusters(grouped(
		Grouped{Class: "a", Cluster: 1}, Grouped{Class: "a", Cluster: 1}, Grouped{Class: "b", Cluster: 2}, Grouped{Class: "b", Cluster: 2},
		Grouped{Cluster: 1}, Grouped{Cluster: 3}, Grouped{},
	))
	if got.Texts != 7 || got.Scored != 4 || got.Classes != 2 || got.Clusters != 3 || got.Outliers != 1 || got.Groups != 1 {
		t.Errorf("%+v", got)
	}
	near(t, "outlier rate", got.OutlierRate(), 1.0/7)
	if !perfect(*got.Pooled) || !perfect(*got.Within) {
		t.Errorf("pooled %+v, within %+v", got.Pooled, got.Within)
	}
	// The control: were they scored, as classes of their own, the scores would fall.
	all := MeasureClusters(grouped(
		Grouped{Class: "a", Cluster: 1}, Grouped{Class: "a", Cluster: 1}, Grouped{Class: "b", Cluster: 2}, Grouped{Class: "b", Cluster: 2},
		Grouped{Class: "c", Cluster: 1}, Grouped{Class: "d", Cluster: 3}, Grouped{Class: "e"},
	))
	if all.Pooled.ARI >= 1 {
		t.Errorf("%+v", all.Pooled)
	}
}

// The scores are those of scikit-learn 1.2.1 in metrics_test.go, for the case with outliers.
func TestOutliersAreOneClusterMore(t *testing.T) {
	var texts []Grouped
	for i, class := range []string{"0", "0", "0", "1", "1", "1", "2", "2"} {
		texts = append(texts, Grouped{Class: class, Scored: true, Cluster: []int{0, 1, 1, 2, 2, 0, 3, 0}[i]})
	}
	got := MeasureClusters(texts)
	near(t, "NMI", got.Pooled.NMI, 0.5577965290899927)
	near(t, "ARI", got.Pooled.ARI, 0.15789473684210525)
	near(t, "ACC", got.Pooled.Accuracy, 0.625)
	near(t, "purity", got.Pooled.Purity, 0.75)
	if got.Clusters != 3 || got.Outliers != 3 {
		t.Errorf("%+v", got)
	}
}

func TestGroupsArePooledUnderNamesOfTheirOwn(t *testing.T) {
	texts := grouped(
		Grouped{Group: "x", Class: "a", Cluster: 1}, Grouped{Group: "x", Class: "a", Cluster: 1}, Grouped{Group: "x", Class: "b", Cluster: 2},
		Grouped{Group: "y", Class: "a", Cluster: 2}, Grouped{Group: "y", Class: "b", Cluster: 1}, Grouped{Group: "y", Class: "b", Cluster: 1},
	)
	got := MeasureClusters(texts)
	if got.Groups != 2 || got.Classes != 4 || got.Clusters != 4 || !perfect(*got.Pooled) {
		t.Errorf("%+v %+v", got, got.Pooled)
	}
	// The control: the same numbers without their groups do not agree.
	for i := range texts {
		texts[i].Group = ""
	}
	if got := MeasureClusters(texts); got.Pooled.ARI > 0.5 || got.Classes != 2 {
		t.Errorf("%+v %+v", got, got.Pooled)
	}
	// One cluster a group: the groups alone make the pooled agreement, and none is left within.
	got = MeasureClusters(grouped(
		Grouped{Group: "x", Class: "a", Cluster: 1}, Grouped{Group: "x", Class: "b", Cluster: 1},
		Grouped{Group: "y", Class: "a", Cluster: 1}, Grouped{Group: "y", Class: "b", Cluster: 1},
	))
	if got.Pooled.NMI < 0.5 || got.Within.NMI != 0 {
		t.Errorf("pooled %+v, within %+v", got.Pooled, got.Within)
	}
}

func TestMeansWithinGroupsAreWeighedByTheirTexts(t *testing.T) {
	got := MeasureClusters(grouped(
		Grouped{Group: "x", Class: "a", Cluster: 1}, Grouped{Group: "x", Class: "b", Cluster: 2}, Grouped{Group: "x", Class: "c", Cluster: 3},
		Grouped{Group: "y", Class: "a", Cluster: 1}, Grouped{Group: "y", Class: "b", Cluster: 1}, Grouped{Group: "z", Cluster: 1},
	))
	near(t, "ACC within", got.Within.Accuracy, (3*1+2*0.5)/5)
	near(t, "NMI within", got.Within.NMI, 3.0/5)
}

func TestNothingToScoreIsNoScore(t *testing.T) {
	for _, texts := range [][]Grouped{nil, {{Cluster: 1}, {}}} {
		got := MeasureClusters(texts)
		if got.Pooled != nil || got.Within != nil || math.IsNaN(got.OutlierRate()) {
			t.Errorf("%+v", got)
		}
	}
	if MeanScores(nil) != (ClusterScores{}) {
		t.Error("a mean of nothing")
	}
	mean := MeanScores([]ClusterScores{{NMI: 0.5, ARI: 1}, {NMI: 0.7, Purity: 1}})
	near(t, "mean NMI", mean.NMI, 0.6)
	near(t, "mean ARI", mean.ARI, 0.5)
	near(t, "mean purity", mean.Purity, 0.5)
}

func TestStability(t *testing.T) {
	for _, c := range []struct {
		name          string
		before, after []int
		want          Stability
	}{
		{"nothing changed", []int{1, 2, 0}, []int{1, 2, 0}, Stability{3, 2, 1, 1}},
		{"one moved, one fell out, one came in", []int{1, 1, 1, 2, 0}, []int{1, 1, 2, 0, 2}, Stability{5, 4, 0.5, 0.4}},
		{"other ids", []int{1, 1}, []int{2, 2}, Stability{2, 2, 0, 0}},
		{"no clusters", []int{0, 0}, []int{0, 0}, Stability{2, 0, 1, 1}},
		{"no texts", nil, nil, Stability{0, 0, 1, 1}},
	} {
		if got := MeasureStability(c.before, c.after); got != c.want {
			t.Errorf("%s: %+v, want %+v", c.name, got, c.want)
		}
	}
}

func TestJoining(t *testing.T) {
	for _, c := range []struct {
		name          string
		joined, after []int
		want          Joining
	}{
		{"all where they belong", []int{1, 2, 0}, []int{1, 2, 0}, Joining{3, 2.0 / 3, 1, 0}},
		{"one moved, one fell out, one of two was missed", []int{1, 1, 1, 2, 0, 0}, []int{1, 1, 2, 0, 2, 0}, Joining{6, 4.0 / 6, 0.5, 0.5}},
		{"none joined", []int{0}, []int{1}, Joining{1, 0, 0, 1}},
		{"no texts", nil, nil, Joining{}},
	} {
		if got := MeasureJoining(c.joined, c.after); got != c.want {
			t.Errorf("%s: %+v, want %+v", c.name, got, c.want)
		}
	}
}
