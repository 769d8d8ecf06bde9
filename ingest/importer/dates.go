package importer

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// layouts are the ways in which exports write times, but for dates with slashes.
var layouts = []string{
	time.RFC3339Nano, "2006-01-02 15:04:05.999999999", "2006-01-02T15:04:05.999999999", "2006-01-02 15:04", "2006-01-02T15:04", "2006-01-02",
	"2006-01-02 15:04:05.999999999Z07:00", "2006-01-02 15:04:05.999999999 -0700", "2006-01-02 15:04:05.999999999 -0700 MST", "2006-01-02 15:04:05 MST", "2006-01-02T15:04:05.999999999-0700",
	"2006-01-02 15:04:05-07",
	"2.1.2006 15:04:05", "2.1.2006 15:04", "2.1.2006, 15:04", "2.1.2006, 15:04:05", "2.1.2006", "2.1.06", "2006/1/2 15:04:05", "2006/1/2 15:04", "2006/1/2",
	"Jan 2, 2006", "January 2, 2006", "Jan 2 2006", "2 Jan 2006", "2 January 2006", "02-Jan-2006", "2-Jan-06", "Jan 2, 2006 3:04 PM", "Jan 2, 2006 3:04:05 PM", "January 2, 2006 3:04 PM",
	"Jan 2, 2006, 3:04 PM", "Jan 2, 2006 15:04", "2 Jan 2006 15:04", "2 Jan 2006 15:04:05", "Mon, 2 Jan 2006", "Mon Jan 2 2006",
	time.RFC1123Z, time.RFC1123, "Mon, 2 Jan 2006 15:04:05 -0700", time.RFC850, time.RubyDate, time.UnixDate, time.ANSIC, "20060102", "20060102T150405Z", "20060102150405",
	"2006-01-02 3:04 PM", "2006-01-02 3:04:05 PM",
}

var slashed = []string{"15:04:05", "15:04", "3:04:05 PM", "3:04 PM", "3:04:05PM", "3:04PM", ""}

// abbreviated are the hours that clocks of these zones are ahead of UTC: those of RFC 822, and Europe's, of which each means
// one zone only. The clock of the machine is not asked, which knows those of its own place alone.
var abbreviated = map[string]int{"EST": -5, "EDT": -4, "CST": -6, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7,
	"WEST": 1, "CET": 1, "CEST": 2, "EET": 2, "EEST": 3}

// order says how a date with slashes is read.
type order int

const (
	undecided order = iota
	dayFirst
	monthFirst
)

// dates reads the times of one column. It remembers the layout that fitted last.
type dates struct {
	order order
	known string
}

// decide looks at the column's values: a number over 12 says what is the day. A column that never says so is read as the
// file's dialect suggests.
func (d *dates) decide(values []string, fallback order) error {
	days, months := 0, 0
	seen := false
	for _, v := range values {
		a, b, ok := slashParts(v)
		if !ok {
			continue
		}
		seen = true
		if a > 12 {
			days++
		}
		if b > 12 {
			months++
		}
	}
	switch {
	case !seen:
	case days > 0 && months > 0:
		return fmt.Errorf("some of its dates have the day first, some the month")
	case days > 0:
		d.order = dayFirst
	case months > 0:
		d.order = monthFirst
	default:
		d.order = fallback
	}
	return nil
}

func slashParts(v string) (a, b int, ok bool) {
	first, rest, ok1 := strings.Cut(strings.TrimSpace(v), "/")
	second, _, ok2 := strings.Cut(rest, "/")
	if !ok1 || !ok2 || len(first) > 2 || len(second) > 2 {
		return 0, 0, false
	}
	a, errA := strconv.Atoi(first)
	b, errB := strconv.Atoi(second)
	return a, b, errA == nil && errB == nil
}

// parse reads one value; a blank one is the zero time. Times without a zone are UTC, as are those of an
// abbreviation that is not known.
func (d *dates) parse(v string) (time.Time, error) {
	v = strings.TrimSpace(v)
	if v == "" {
		return time.Time{}, nil
	}
	if d.known != "" {
		if t, err := parseAs(d.known, v); err == nil {
			return t, nil
		}
	}
	if t, ok := unixTime(v); ok {
		return t, nil
	}
	if _, _, ok := slashParts(v); ok {
		return d.parseSlashed(v)
	}
	for _, layout := range layouts {
		if t, err := parseAs(layout, v); err == nil {
			d.known = layout
			return t, nil
		}
	}
	return time.Time{}, fmt.Errorf("%q isn't a time that this reads, for instance 2026-03-30 10:44", clip(v))
}

func parseAs(layout, v string) (time.Time, error) {
	t, err := time.ParseInLocation(layout, v, time.UTC)
	if err != nil {
		return time.Time{}, err
	}
	if name, ahead := t.Zone(); ahead == 0 && !strings.Contains(layout, "-0700") { // a number is surer than a name
		t = t.Add(-time.Duration(abbreviated[name]) * time.Hour)
	}
	return t.UTC(), nil
}

func (d *dates) parseSlashed(v string) (time.Time, error) {
	day := "1/2/"
	if d.order == dayFirst {
		day = "2/1/"
	}
	for _, year := range []string{"2006", "06"} {
		for _, clock := range slashed {
			for _, gap := range []string{" ", ", "} {
				layout := day + year
				if clock != "" {
					layout += gap + clock
				}
				if t, err := parseAs(layout, v); err == nil {
					d.known = layout
					return t, nil
				}
			}
		}
	}
	name := "month/day/year"
	if d.order == dayFirst {
		name = "day/month/year"
	}
	return time.Time{}, fmt.Errorf("%q isn't a date as %s", clip(v), name)
}

// unixTime reads seconds, milliseconds and microseconds since 1970, and days as spreadsheets count them.
func unixTime(v string) (time.Time, bool) {
	whole, fraction, _ := strings.Cut(v, ".")
	if strings.Trim(whole, "0123456789") != "" || strings.Trim(fraction, "0123456789") != "" {
		return time.Time{}, false
	}
	n, err := strconv.ParseInt(whole, 10, 64)
	if err != nil {
		return time.Time{}, false
	}
	switch len(whole) {
	case 9, 10:
		return time.Unix(n, 0).UTC(), true
	case 12, 13:
		return time.UnixMilli(n).UTC(), true
	case 15, 16:
		return time.UnixMicro(n).UTC(), true
	case 5:
		f, err := strconv.ParseFloat(v, 64)
		if err != nil || n < 32000 || n > 75000 {
			return time.Time{}, false
		}
		epoch := time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC)
		return epoch.Add(time.Duration(f * 24 * float64(time.Hour))).Round(time.Second), true
	}
	return time.Time{}, false
}

func clip(s string) string {
	r := []rune(s)
	if len(r) <= 40 {
		return s
	}
	return string(r[:40]) + "..."
}
