package report

import (
	"strings"
	"testing"
	"time"

	"earshot/feedback"
)

func TestParsePeriod(t *testing.T) {
	sunday := time.Date(2026, 6, 28, 19, 30, 0, 0, time.UTC)
	for _, c := range []struct {
		text       string
		newest     time.Time
		start, end time.Time
	}{
		{"30d", sunday, date(2026, 5, 30), date(2026, 6, 29)},
		{" 1D ", sunday, date(2026, 6, 28), date(2026, 6, 29)},
		{"week", sunday, date(2026, 6, 22), date(2026, 6, 29)}, // Sunday ends its week
		{"week", sunday.AddDate(0, 0, 1), date(2026, 6, 22), date(2026, 6, 29)},
		{"week", sunday.AddDate(0, 0, -1), date(2026, 6, 15), date(2026, 6, 22)},
		{"month", sunday, date(2026, 5, 1), date(2026, 6, 1)},
		{"month", date(2026, 6, 30), date(2026, 6, 1), date(2026, 7, 1)},
		{"month", date(2026, 1, 3), date(2025, 12, 1), date(2026, 1, 1)},
		{"quarter", sunday, date(2026, 1, 1), date(2026, 4, 1)},
		{"quarter", date(2026, 6, 30), date(2026, 4, 1), date(2026, 7, 1)},
		{"quarter", date(2026, 2, 1), date(2025, 10, 1), date(2026, 1, 1)},
		{"2026-09-01..2026-10-01", time.Time{}, date(2026, 9, 1), date(2026, 10, 1)},
		{"2024-02-28..2024-03-01", time.Time{}, date(2024, 2, 28), date(2024, 3, 1)},
		{"30d", time.Date(2026, 6, 29, 0, 30, 0, 0, time.FixedZone("", 2*3600)), date(2026, 5, 30), date(2026, 6, 29)}, // still the 28th in UTC
	} {
		got, err := ParsePeriod(c.text, c.newest)
		if err != nil || !got.Start.Equal(c.start) || !got.End.Equal(c.end) {
			t.Errorf("%q with %s: %s to %s, %v; want %s to %s", c.text, c.newest, got.Start, got.End, err, c.start, c.end)
		}
	}
}

func TestParsePeriodSaysWhatIsWrong(t *testing.T) {
	for text, want := range map[string]string{
		"":                       "names no period",
		"fortnight":              "names no period",
		"d":                      "names no period",
		"0d":                     "not between 1 and",
		"-3d":                    "not between 1 and",
		"99999d":                 "not between 1 and",
		"2026-09-01":             "names no period",
		"2026-09-31..2026-10-01": `"2026-09-31" in the period is no date`,
		"2026-09-01..soon":       `"soon" in the period is no date`,
		"2026-09-01..2026-09-01": "write 2026-09-01..2026-09-02",
		"2026-10-01..2026-09-01": "before it starts",
		"1026-10-01..2026-09-01": "not between 1 and",
		"..":                     "is no date",
	} {
		_, err := ParsePeriod(text, date(2026, 6, 28))
		if feedback.ErrorCode(err) != feedback.Invalid || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v; want an Invalid error with %q", text, err, want)
		}
	}
}

func FuzzParsePeriod(f *testing.F) {
	for _, s := range []string{"30d", "week", "2026-09-01..2026-10-01", "..", "9223372036854775807d"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		p, err := ParsePeriod(s, date(2026, 6, 28))
		if err != nil {
			if feedback.ErrorCode(err) != feedback.Invalid {
				t.Fatalf("%q: %v", s, err)
			}
			return
		}
		if p.Days() < 1 || p.Days() > maxDays || !p.Start.Equal(day(p.Start)) || !p.End.Equal(day(p.End)) {
			t.Fatalf("%q: %+v", s, p)
		}
	})
}
