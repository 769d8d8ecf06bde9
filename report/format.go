package report

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/rivo/uniseg"
)

// Format says how a number is written.
type Format string

// The formats.
const (
	Count   Format = "count"   // 7 items as "seven items", 1204 as "1,204 items"
	Percent Format = "percent" // 0.061 as "6.1%"
	Points  Format = "points"  // 0.029 as "+2.9 pt"
	Money   Format = "money"   // 1240000 as "1.24M"
	Date    Format = "date"    // seconds as "4 June"
)

// Derivation says how a number follows from the facts that it cites.
type Derivation string

// The derivations. Without one, a number is the fact itself.
const (
	Sum    Derivation = "sum"    // a + b + ...
	Days   Derivation = "days"   // from time b to time a
	Change Derivation = "change" // |a - b| / b
	Share  Derivation = "share"  // a / b
	Number Derivation = "number" // how many facts are cited
)

// derive computes a number; ok is false where it has no value.
func derive(d Derivation, x []float64) (v float64, ok bool) {
	switch {
	case d == "" && len(x) == 1:
		return x[0], true
	case d == Sum && len(x) > 0:
		for _, y := range x {
			v += y
		}
		return v, true
	case d == Number:
		return float64(len(x)), true
	case d == Days && len(x) == 2:
		return math.Abs(x[0]-x[1]) / 86400, true
	case d == Change && len(x) == 2 && x[1] != 0:
		return math.Abs(x[0]-x[1]) / math.Abs(x[1]), true
	case d == Share && len(x) == 2 && x[1] != 0:
		return x[0] / x[1], true
	}
	return 0, false
}

// write gives the number as it is read. A date within year leaves the year out.
func (f Format) write(v float64, unit string, year int) (string, bool) {
	switch f {
	case Count:
		return count(v, unit), true
	case Percent:
		return percent(v), true
	case Points:
		return points(v), true
	case Money:
		return money(v), true
	case Date:
		t := time.Unix(int64(v), 0).UTC()
		if t.Year() == year {
			return t.Format("2 January"), true
		}
		return t.Format("2 January 2006"), true
	}
	return "", false
}

var smallNumbers = []string{"no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"}

// count writes small counts of something as words, as an analyst would, and groups the digits of large ones.
func count(v float64, unit string) string {
	n := int(v)
	digits := grouped(n)
	if n >= 0 && n < len(smallNumbers) {
		digits = smallNumbers[n]
	}
	if unit == "" {
		return digits
	}
	if n != 1 {
		unit = plural(unit)
	}
	return digits + " " + unit
}

func plural(unit string) string {
	if unit == "of them" {
		return unit
	}
	if strings.HasSuffix(unit, "y") && !strings.HasSuffix(unit, "ay") {
		return unit[:len(unit)-1] + "ies"
	}
	return unit + "s"
}

// counted is count in digits throughout, for tables and notes.
func counted(n int, unit string) string {
	if n != 1 {
		unit = plural(unit)
	}
	return grouped(n) + " " + unit
}

func grouped(n int) string {
	s := strconv.Itoa(n)
	sign := ""
	if n < 0 {
		sign, s = "−", s[1:]
	}
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return sign + s
}

func percent(v float64) string {
	p := v * 100
	switch {
	case p == 0:
		return "0%"
	case p > 0 && p < 0.1:
		return "under 0.1%"
	case p < 9.95:
		return strconv.FormatFloat(p, 'f', 1, 64) + "%"
	case p > 99.5 && p < 100:
		return "over 99%"
	}
	return grouped(int(math.Round(p))) + "%"
}

// points writes a difference of shares in percentage points.
func points(v float64) string {
	p := math.Round(v*1000) / 10
	switch {
	case p > 0:
		return "+" + strconv.FormatFloat(p, 'f', 1, 64) + " pt"
	case p < 0:
		return "−" + strconv.FormatFloat(-p, 'f', 1, 64) + " pt"
	}
	return "0.0 pt"
}

// money writes an amount with two or three digits; the workspace has one currency and does not say which.
func money(v float64) string {
	unit, sign := 1e9, "B"
	switch {
	case v < 999.5:
		return grouped(int(math.Round(v)))
	case v < 999.5e3:
		unit, sign = 1e3, "k"
	case v < 999.5e6:
		unit, sign = 1e6, "M"
	}
	if x := v / unit; x < 9.95 {
		return strings.TrimSuffix(strconv.FormatFloat(x, 'f', 1, 64), ".0") + sign
	}
	return strconv.FormatFloat(v/unit, 'f', 0, 64) + sign
}

// sentiment writes a mean in [-1, 1] with its sign.
func sentiment(v float64) string {
	r := math.Round(v*100) / 100
	switch {
	case r > 0:
		return "+" + strconv.FormatFloat(r, 'f', 2, 64)
	case r < 0:
		return "−" + strconv.FormatFloat(-r, 'f', 2, 64)
	}
	return "0.00"
}

// qvalue writes a q-value, not more exactly than it is worth.
func qvalue(q float64) string {
	switch {
	case q < 0.001:
		return "q < 0.001"
	case q < 0.01:
		return "q = " + strconv.FormatFloat(q, 'f', 3, 64)
	}
	return "q = " + strconv.FormatFloat(q, 'f', 2, 64)
}

// nameLimit is the most graphemes of a name that stand in a line.
const nameLimit = 64

// display makes a stranger's name fit to stand in a line: no line breaks, no control characters, none of the characters
// that turn the direction of the text around it, and no more than limit graphemes.
func display(name string, limit int) string {
	clean := strings.Join(strings.Fields(strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case r == '\u200d' || r == '\ufe0f':
			return r // they join emoji
		case unicode.IsControl(r), unicode.Is(unicode.Bidi_Control, r), r == '\ufeff', r == '\u200b', r == unicode.ReplacementChar:
			return -1
		}
		return r
	}, name)), " ")
	return clip(orElse(clean, "(unnamed)"), limit)
}

// clip cuts s after limit graphemes, at a space where one is near, and marks the cut.
func clip(s string, limit int) string {
	if uniseg.GraphemeClusterCount(s) <= limit {
		return s
	}
	g, end := uniseg.NewGraphemes(s), 0
	for n := 0; n < limit-1 && g.Next(); n++ {
		_, end = g.Positions()
	}
	cut := s[:end]
	if i := strings.LastIndexByte(cut, ' '); i > len(cut)*2/3 {
		cut = cut[:i]
	}
	return strings.TrimRight(cut, " ,.;:-") + "…"
}

// span writes a period with its last day, not its end: "1 to 30 September 2026".
func span(start, end time.Time) string {
	last := end.AddDate(0, 0, -1)
	switch {
	case !last.After(start):
		return start.Format("2 January 2006")
	case start.Year() != last.Year():
		return start.Format("2 January 2006") + " to " + last.Format("2 January 2006")
	case start.Month() != last.Month():
		return start.Format("2 January") + " to " + last.Format("2 January 2006")
	}
	return fmt.Sprintf("%d to %s", start.Day(), last.Format("2 January 2006"))
}
