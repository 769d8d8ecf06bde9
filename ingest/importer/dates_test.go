package importer

import (
	"testing"
	"time"
)

func TestDatesOfManyKinds(t *testing.T) {
	want := time.Date(2026, 3, 5, 14, 30, 0, 0, time.UTC)
	for _, v := range []string{"2026-03-05T14:30:00Z", "2026-03-05T15:30:00+01:00", "2026-03-05 14:30:00", "2026-03-05 14:30", "05.03.2026 14:30", "Mar 5, 2026 2:30 PM", "5 Mar 2026 14:30", "Thu, 05 Mar 2026 14:30:00 +0000", "1772721000", "1772721000000", "2026/03/05 14:30", "46086.604166667"} {
		var d dates
		if got, err := d.parse(v); err != nil || !got.Equal(want) {
			t.Errorf("%s: %s, %v", v, got, err)
		}
	}
	for name, c := range map[string]struct{ content, want string }{
		"month first by a value": {"date,text\n03/05/2026,x y z\n03/25/2026,x y z\n", "2026-03-05"},
		"day first by a value":   {"date,text\n03/05/2026,x y z\n25/03/2026,x y z\n", "2026-05-03"},
		"month first by commas":  {"date,text\n03/05/2026,x y z\n", "2026-03-05"},
		"day first by semicolon": {"date;text\n03/05/2026;x y z\n", "2026-05-03"},
	} {
		rows, errs, m := read(t, "x.csv", c.content, Options{})
		if len(errs) > 0 || rows[0].Submission.OccurredAt.Format(time.DateOnly) != c.want || m.Dates == "" {
			t.Errorf("%s: %s, %v", name, rows[0].Submission.OccurredAt, errs)
		}
	}
}

func TestAbbreviatedZonesAreTheSameOnEveryMachine(t *testing.T) {
	here := time.Local
	t.Cleanup(func() { time.Local = here })
	for _, name := range []string{"UTC", "America/Los_Angeles", "Europe/Berlin", "Asia/Kolkata"} {
		zone, err := time.LoadLocation(name)
		if err != nil {
			t.Fatal(err)
		}
		time.Local = zone
		for v, want := range map[string]string{
			"2026-07-05 10:00:00 PDT":         "17:00",
			"2026-01-05 10:00:00 PST":         "18:00",
			"Mon, 05 Jan 2026 10:00:00 EST":   "15:00",
			"Sun, 05 Jul 2026 10:00:00 CEST":  "08:00",
			"Mon, 05 Jan 2026 10:00:00 GMT":   "10:00",
			"Mon Jan  5 10:00:00 UTC 2026":    "10:00",
			"2026-07-05 10:00:00 +0000 PDT":   "10:00", // the number counts
			"2026-07-05 10:00:00 -0700 PDT":   "17:00",
			"2026-07-05 10:00:00 XYZ":         "10:00", // of no zone that is known
			"Monday, 05-Jan-26 10:00:00 CST":  "16:00",
			"Mon, 05 Jan 2026 10:00:00 +0530": "04:30",
		} {
			var d dates
			for range 2 { // the second by the layout that fitted
				if got, err := d.parse(v); err != nil || got.Format("15:04") != want {
					t.Errorf("in %s %s: %s, %v; want %s", name, v, got, err, want)
				}
			}
		}
	}
}
