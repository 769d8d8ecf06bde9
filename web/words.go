package web

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"earshot/feedback"
)

// clip shortens what a stranger wrote to about n characters, at a word's end where one is near.
func clip(s string, n int) string {
	r := []rune(s)
	if len(r) <= n {
		return s
	}
	cut := string(r[:n])
	if i := strings.LastIndexByte(cut, ' '); i > len(cut)*2/3 {
		cut = cut[:i]
	}
	return cut + "…"
}

// nameLimit is the most characters of a name that a page shows.
const nameLimit = 160

func clusterName(id feedback.ClusterID, name string) string {
	if strings.TrimSpace(name) == "" {
		return id.String()
	}
	return clip(name, nameLimit)
}

// count writes 12345 as 12,345.
func count(n int) string {
	digits := strconv.Itoa(n)
	sign := ""
	if n < 0 {
		sign, digits = "-", digits[1:]
	}
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return sign + digits
}

// plural writes a count with its noun: "1 item", "12 items".
func plural(n int, one string) string {
	if n == 1 {
		return "1 " + one
	}
	return count(n) + " " + one + "s"
}

// percent writes a part of a whole; what is there but rounds to nothing is said to be so.
func percent(part, whole int) string {
	if whole <= 0 || part <= 0 {
		return "0 %"
	}
	p := 100 * float64(part) / float64(whole)
	if p < 0.1 {
		return "under 0.1 %"
	}
	if p < 10 {
		return fmt.Sprintf("%.1f %%", p)
	}
	return fmt.Sprintf("%.0f %%", p)
}

func date(t time.Time) string {
	if t.IsZero() {
		return "unknown"
	}
	return t.UTC().Format("2 Jan 2006")
}

// signed writes a sentiment with its sign, and none for what rounds to zero.
func signed(x float64) string {
	if math.Abs(x) < 0.005 {
		return "0.00"
	}
	return strings.Replace(fmt.Sprintf("%+.2f", x), "-", "−", 1)
}

// tone is the style of a sentiment outside the neutral band.
func tone(x float64) string {
	switch {
	case x < feedback.Negative:
		return "worse"
	case x > feedback.Positive:
		return "better"
	}
	return ""
}

func mood(x float64) string {
	switch {
	case x < feedback.Negative:
		return "negative"
	case x > feedback.Positive:
		return "positive"
	}
	return "neutral"
}

var linkStates = map[feedback.LinkState]string{
	feedback.LinkAutomatic: "linked automatically",
	feedback.LinkSuggested: "suggested: worth a look",
	feedback.LinkConfirmed: "confirmed by a person",
	feedback.LinkRejected:  "rejected by a person",
}

func status(s feedback.Status) string { return strings.ReplaceAll(string(s), "_", " ") }

// trendWeeks is how many weeks are held against as many before them.
const trendWeeks = 4

// recent counts the latest weeks and those before them.
func recent(weekly []feedback.Week) (now, before int) {
	for i, w := range weekly {
		switch age := len(weekly) - 1 - i; {
		case age < trendWeeks:
			now += w.Items
		case age < 2*trendWeeks:
			before += w.Items
		}
	}
	return now, before
}

// trend says in words what the bars show.
func trend(weekly []feedback.Week) string {
	now, before := recent(weekly)
	if len(weekly) < 2*trendWeeks {
		return ""
	}
	return fmt.Sprintf("%s in 4 weeks, %s in the 4 before", count(now), count(before))
}

// fromTo is trend in the few words that fit beside a sparkline.
func fromTo(weekly []feedback.Week) string {
	now, before := recent(weekly)
	if len(weekly) < 2*trendWeeks {
		return ""
	}
	return fmt.Sprintf("from %s to %s", count(before), count(now))
}

// standing says what a workspace holds.
func standing(list feedback.ClusterList) string {
	if list.Items == 0 {
		return "Nothing was heard in this workspace so far."
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s, %s analysed", plural(list.Items, "item"), plural(list.Excerpts, "excerpt"))
	if list.Pending > 0 {
		fmt.Fprintf(&b, " and %s waiting", count(list.Pending))
	}
	fmt.Fprintf(&b, ". %s", plural(len(list.Clusters), "topic"))
	if list.Unassigned > 0 && len(list.Clusters) > 0 {
		belong := "belong"
		if list.Unassigned == 1 {
			belong = "belongs"
		}
		fmt.Fprintf(&b, "; %s (%s) %s to none", plural(list.Unassigned, "excerpt"), percent(list.Unassigned, list.Excerpts), belong)
	}
	if len(list.Hidden) > 0 {
		hidden := 0
		for _, v := range list.Hidden {
			hidden += v.Cluster.Size
		}
		fmt.Fprintf(&b, "; %s with %s hidden", plural(len(list.Hidden), "topic"), plural(hidden, "excerpt"))
	}
	if !list.Newest.IsZero() {
		fmt.Fprintf(&b, ". The newest is of %s", date(list.Newest))
	}
	return b.String() + "."
}
