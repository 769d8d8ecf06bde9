package report

import (
	"strings"
)

// Words that compare are claims like any number: each is a rule over the facts that its part cites. A sentence may use
// none that is not in this table.
var words = map[string]func(x []float64) bool{
	"rose":                    rose,
	"grew":                    rose,
	"up":                      rose,
	"keeps climbing":          rose,
	"worsened":                rose,
	"fell":                    fell,
	"down":                    fell,
	"keeps easing":            fell,
	"brightened":              fell, // of a negative share
	"more":                    rose,
	"fewer":                   fell,
	"as many":                 pair(func(a, b float64) bool { return a == b }),
	"doubled":                 ratio(1.9, 2.15),
	"more than doubled":       ratio(2, 3.1),
	"tripled":                 ratio(2.85, 3.25),
	"more than tripled":       ratio(3, 1e9),
	"halved":                  ratio(0.46, 0.54),
	"more than halved":        ratio(0, 0.5),
	"fell silent":             pair(func(a, b float64) bool { return a == 0 && b > 0 }),
	"is back":                 pair(func(a, b float64) bool { return a > 0 && b == 0 }),
	"is new":                  one(func(a float64) bool { return a == 1 }),
	"all but new":             pair(func(a, b float64) bool { return a > 0 && a/(a+b) >= emergingPart }),
	"most":                    pair(func(a, b float64) bool { return 2*a > b }),
	"all":                     pair(func(a, b float64) bool { return a == b && b > 0 }),
	"nothing":                 none,
	"nobody":                  none,
	"none":                    none,
	"not yet":                 none,
	"in no topic":             none,
	"the only topic":          one(func(a float64) bool { return a == 1 }),
	"no feature fits":         none, // of the truth value "fitted"
	"no feature clearly fits": none,
	"is liked":                one(func(a float64) bool { return a > 0.5 }),
	"above":                   rose,
	"asked for":               pair(func(a, b float64) bool { return 2*a > b }), // excerpts of the kind, and all
	"ran into":                pair(func(a, b float64) bool { return 2*a > b }),
	// Items of the last days and of those before, and the part that the last days would have with nothing changed.
	"is forming":     burst,
	"may be forming": burst,
	// Items against the typical cluster's, then ARR against the typical cluster's.
	"loud but cheap": func(x []float64) bool { return len(x) == 4 && loud(x[0], x[1], x[2], x[3]) },
}

// largest is the word that compares a fact with the same fact of every sibling: it cites one path.
const largest = "the largest"

func one(rule func(a float64) bool) func([]float64) bool {
	return func(x []float64) bool { return len(x) == 1 && rule(x[0]) }
}

func pair(rule func(a, b float64) bool) func([]float64) bool {
	return func(x []float64) bool { return len(x) == 2 && rule(x[0], x[1]) }
}

func ratio(low, high float64) func([]float64) bool {
	return pair(func(a, b float64) bool { return b > 0 && a >= low*b && a < high*b })
}

var (
	rose = pair(func(a, b float64) bool { return a > b })
	fell = pair(func(a, b float64) bool { return a < b })
	none = one(func(a float64) bool { return a == 0 })
)

func burst(x []float64) bool { return len(x) == 3 && x[0] > x[2]*(x[0]+x[1]) }

// loud says whether a cluster has far more items than the typical one and far less revenue behind it.
func loud(items, typicalItems, arr, typicalARR float64) bool {
	return items >= 1.5*typicalItems && 2*arr <= typicalARR
}

// growth and decline list words for a change, the most telling first; the first that holds is used.
var (
	growth  = []string{"more than tripled", "more than doubled", "doubled", "grew"}
	decline = []string{"more than halved", "halved", "fell"}
)

// loaded are words that assert something and that plain text may therefore not hold: numbers, comparisons, causes,
// negations and intensifiers. A language model that adds one to a sentence has its sentence refused.
var loaded = wordSet(`
zero one two three four five six seven eight nine ten eleven twelve dozen dozens twenty thirty forty fifty sixty seventy
eighty ninety hundred hundreds thousand thousands million millions billion half third quarter quarters twice double
doubled doubles doubling triple tripled halved halve halving percent percentage majority minority
rose rise rises rising risen grew grow grows growing grown growth fell fall falls falling fallen drop drops dropped
dropping decline declined declines declining decrease decreased increase increased increases increasing up down climb
climbs climbed climbing surge surged surges spike spiked spikes soar soared plunge plunged jump jumped shrink shrank
more less fewer most least largest smallest biggest highest lowest higher lower bigger smaller best worst better worse
all every everyone nobody none nothing never no not without cannot only always many several numerous few
because cause caused causes causing due thanks driven drives drove led leads reason
new newly first last latest significant significantly sharply dramatically massive huge major critical record
worsened improved improving improve brightened unprecedented overwhelmingly nearly almost about around roughly
approximately over under above below exceeded twofold threefold tenfold`)

func wordSet(list string) map[string]bool {
	set := map[string]bool{}
	for w := range strings.FieldsSeq(list) {
		set[w] = true
	}
	return set
}

// plain are the phrases of this package's own sentences that hold a loaded word and assert nothing with it.
var plain = []string{
	"first heard on", "of all feedback", "of all customers", "feedback about", "asked about", "are about", ", about",
	"by more than chance would explain", "in all",
}
