package eval

import (
	"math"
	"testing"
)

func TestNamesAreMeasuredByWhatTheySayOfTheirClusters(t *testing.T) {
	refunds := []string{"where is my refund", "Refund, please", "two refunds are missing", "I want my money"}
	logins := []string{"can't log in", "log in fails", "the refund page wants a log in", "login"}
	for name, c := range map[string]struct {
		clusters []Named
		want     Naming
	}{
		"none": {nil, Naming{}},
		"a word that most have, and one in four of another": {
			[]Named{{Name: "Refund", Texts: refunds}, {Name: "Log in", Texts: logins}},
			Naming{Names: 2, Distinct: 1, Verbatim: 1, OneWord: 0.5, Inside: (0.75 + 0.75) / 2, Outside: 0.125},
		},
		"a list that nobody said, and a name twice": {
			[]Named{{Name: "Money, refund", Texts: refunds}, {Name: "money, Refund", Texts: logins}},
			Naming{Names: 2, Lists: 1},
		},
		"one name in two groups": {
			[]Named{{Group: "a", Name: "Log in", Texts: logins}, {Group: "b", Name: "Log in", Texts: logins}},
			Naming{Names: 2, Distinct: 1, Verbatim: 1, Inside: 0.75},
		},
	} {
		got := MeasureNames(c.clusters)
		for what, pair := range map[string][2]float64{
			"names": {float64(got.Names), float64(c.want.Names)}, "distinct": {got.Distinct, c.want.Distinct}, "verbatim": {got.Verbatim, c.want.Verbatim},
			"one word": {got.OneWord, c.want.OneWord}, "lists": {got.Lists, c.want.Lists}, "inside": {got.Inside, c.want.Inside}, "outside": {got.Outside, c.want.Outside},
		} {
			if math.Abs(pair[0]-pair[1]) > 1e-9 {
				t.Errorf("%s: %s %v, want %v", name, what, pair[0], pair[1])
			}
		}
	}
}
