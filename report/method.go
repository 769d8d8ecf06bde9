package report

import (
	"fmt"
	"strings"

	"earshot/feedback"
)

// method tells in a few sentences how the page came to be.
func method(v *view) []string {
	ver := v.doc.Verification
	lines := []string{fmt.Sprintf("Every number was counted in the database or follows from what was counted. %s, with %s, %s, %s and %s, %s checked against the facts before publication; %s.",
		counted(ver.Claims, "sentence"), counted(ver.Numbers, "number"), counted(ver.Names, "name"), counted(ver.Quotes, "quote"), counted(ver.Words, "comparison"),
		wasWereWord(ver.Claims), withheld(len(ver.Withheld)))}
	if v.st.Comparable && v.st.Tests > 0 {
		lines = append(lines, fmt.Sprintf("%s against the period before: shares by the two-proportion test, or Fisher's exact test where counts are small; weekly trends by Cochran-Armitage; what shipped by an exact Poisson test%s. All are corrected together (q, Benjamini-Hochberg), so that where nothing changed the page would claim a change one time in twenty. %s Topics with fewer than %s in the two periods together are not tested.",
			plainTests(v.st), formingMethod(v.s), restless(v.st.Dispersion), counted(MinItems, "item")))
	}
	scales := " Sentiment runs from −1 to +1"
	if v.s.Total.ARR > 0 {
		scales += "; ARR is in the workspace's one currency and is counted once for each customer"
	}
	lines = append(lines, grouping(v.s)+scales+".")
	if line := origin(v.s); line != "" {
		lines = append(lines, line)
	}
	return lines
}

// briefMethod tells the same on the executive's sheet: how it was checked, what from, and what was left out.
func briefMethod(v *view) []string {
	lines := method(v)[:1]
	if line := origin(v.s); line != "" {
		lines = append(lines, line)
	}
	var left []string
	for _, n := range v.Notes {
		left = append(left, n.Label+": "+n.Value)
	}
	if len(left) > 0 {
		lines = append(lines, strings.Join(left, "; ")+".")
	}
	return lines
}

// grouping tells what topics were made by.
func grouping(s *feedback.Snapshot) string {
	if s.Run == 0 {
		return "Topics have not been made yet."
	}
	line := fmt.Sprintf("Topics come from grouping run %d, on vectors of the embedding model %s, version %s", s.Run, display(s.Model.Name, 40), display(s.Model.Version, 40))
	if s.Origin == nil {
		return line + "."
	}
	if set := settings(s.Origin.Settings); set != "" {
		line += ", with " + set
	}
	return line + "."
}

// settingNames put what somebody set for a run into words.
var settingNames = []struct{ key, words string }{
	{"granularity", "granularity %v"}, {"min_size", "at least %v excerpts in a topic"}, {"max_outliers", "at most %v of the excerpts in none"},
}

func settings(set map[string]any) string {
	var list []string
	for _, n := range settingNames {
		if v, ok := set[n.key]; ok {
			list = append(list, fmt.Sprintf(n.words, v))
		}
	}
	if set["named_by_model"] == true {
		list = append(list, "names by a language model")
	}
	return strings.Join(list, ", ")
}

// origin tells what the snapshot was made with and how far what it was read from had come, in one consistent read.
func origin(s *feedback.Snapshot) string {
	o := s.Origin
	if o == nil {
		return ""
	}
	held := "the workspace held nothing"
	if o.Items > 0 {
		held = "the workspace held " + counted(o.Items, "item")
		if !s.Total.Newest.IsZero() {
			held += ", the newest of " + s.Total.Newest.Format("2 January 2006, 15:04") + " UTC"
		}
	}
	if o.Decision > 0 {
		held += fmt.Sprintf(", and decision %d about topics was the latest", o.Decision)
	}
	line := "All facts come from one consistent read, when " + held + "."
	if o.Product != "" {
		line += fmt.Sprintf(" Made with Earshot %s, version %s of the rules that clean, redact and split, and the labels %s.", display(o.Product, 40), display(o.Rules, 20), display(o.Labels, 20))
	}
	return line
}

func formingMethod(s *feedback.Snapshot) string {
	if s.Forming == nil {
		return ""
	}
	return fmt.Sprintf("; what forms by an exact binomial test, as the best of the %s that were looked at", counted(s.Forming.Looked, "group"))
}

func plainTests(st *Statistics) string {
	return fmt.Sprintf("%s of %s found a change", grouped(st.Changes), counted(st.Tests, "test"))
}

func withheld(n int) string {
	if n == 0 {
		return "none had to be withheld"
	}
	return fmt.Sprintf("%s did not hold and %s withheld", grouped(n), wasWereWord(n))
}

func wasWereWord(n int) string { return strings.TrimSpace(wasWere(n)) }

func restless(dispersion float64) string {
	if dispersion < 1.05 {
		return "Feedback varied from week to week no more than chance would make it."
	}
	return fmt.Sprintf("Feedback varied %.1f times as much from week to week as chance alone would make it, and the tests allow for that.", dispersion)
}
