package deliver

import (
	"testing"
	"time"

	"earshot/feedback"
)

func weekly(zone string, day time.Weekday, minute int) feedback.Schedule {
	return feedback.Schedule{Workspace: "acme", ID: 1, Cadence: feedback.Weekly, Weekday: day, Minute: minute, Zone: zone, Period: "week", Targets: []string{"file:a"}}
}

func monthly(zone string, day, minute int) feedback.Schedule {
	s := weekly(zone, 0, minute)
	s.Cadence, s.Day = feedback.Monthly, day
	return s
}

func at(t *testing.T, s string) time.Time {
	t.Helper()
	when, err := time.Parse(time.RFC3339, s)
	if err != nil {
		t.Fatal(err)
	}
	return when
}

func TestWhenAScheduleIsDue(t *testing.T) {
	for name, c := range map[string]struct {
		schedule          feedback.Schedule
		now, want, anchor string
	}{
		"the day itself, on the minute":      {weekly("Europe/Berlin", time.Monday, 8*60), "2026-06-08T08:00:00+02:00", "2026-06-08T08:00:00+02:00", "2026-06-07"},
		"a minute before is last week's":     {weekly("Europe/Berlin", time.Monday, 8*60), "2026-06-08T07:59:00+02:00", "2026-06-01T08:00:00+02:00", "2026-05-31"},
		"a Sunday belongs to its own week":   {weekly("UTC", time.Sunday, 0), "2026-06-07T00:00:00Z", "2026-06-07T00:00:00Z", "2026-06-06"},
		"in winter, the same wall clock":     {weekly("Europe/Berlin", time.Monday, 8*60), "2026-12-09T00:00:00Z", "2026-12-07T08:00:00+01:00", "2026-12-06"},
		"the hour that is left out":          {weekly("Europe/Berlin", time.Sunday, 2*60+30), "2026-03-29T12:00:00+02:00", "2026-03-29T03:00:00+02:00", "2026-03-28"},
		"the hour that comes twice":          {weekly("Europe/Berlin", time.Sunday, 2*60+30), "2026-10-25T12:00:00+01:00", "2026-10-25T02:30:00+02:00", "2026-10-24"},
		"half an hour comes twice":           {weekly("Australia/Lord_Howe", time.Sunday, 1*60+45), "2026-04-05T12:00:00Z", "2026-04-05T01:45:00+11:00", "2026-04-04"},
		"midnight is left out":               {weekly("Africa/Cairo", time.Friday, 0), "2026-04-24T12:00:00+03:00", "2026-04-24T01:00:00+03:00", "2026-04-23"},
		"the last day of a short month":      {monthly("UTC", 31, 60), "2026-03-01T00:00:00Z", "2026-02-28T01:00:00Z", "2026-02-27"},
		"of a leap year":                     {monthly("UTC", 30, 60), "2028-03-01T00:00:00Z", "2028-02-29T01:00:00Z", "2028-02-28"},
		"the month before":                   {monthly("America/New_York", 15, 540), "2026-01-10T00:00:00Z", "2025-12-15T09:00:00-05:00", "2025-12-14"},
		"east of the date line it is Monday": {weekly("Pacific/Auckland", time.Monday, 7*60), "2026-06-07T19:00:00Z", "2026-06-08T07:00:00+12:00", "2026-06-07"},
	} {
		t.Run(name, func(t *testing.T) {
			due, ok := Due(c.schedule, at(t, c.now))
			if want := at(t, c.want); !ok || !due.Equal(want) {
				t.Errorf("due %v %v, want %v", due, ok, want)
			}
			if got := Anchor(c.schedule, due).Format(time.DateOnly); got != c.anchor {
				t.Errorf("counts back from %s, want %s", got, c.anchor)
			}
		})
	}
}

// Over years and zones, a tick each hour finds each week and month due once, at its wall clock.
func TestEachWeekAndMonthIsDueOnce(t *testing.T) {
	for _, zone := range []string{"UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Africa/Cairo"} {
		loc, err := time.LoadLocation(zone)
		if err != nil {
			t.Fatal(err)
		}
		for _, minute := range []int{0, 105, 150} {
			for _, s := range []feedback.Schedule{weekly(zone, time.Sunday, minute), monthly(zone, 29, minute)} {
				now := time.Date(2025, 12, 20, 0, 0, 0, 0, time.UTC)
				s.Served = now
				seen := map[string]int{}
				for ; now.Year() < 2027; now = now.Add(time.Hour) {
					due, ok := Due(s, now)
					if !ok {
						continue
					}
					s.Served = due
					local := due.In(loc)
					key := local.Format("2006-01")
					if s.Cadence == feedback.Weekly {
						key = local.Format(time.DateOnly)
					}
					seen[key]++
					if shown := local.Hour()*60 + local.Minute(); shown < minute || shown > minute+60 {
						t.Errorf("%s: %v is not minute %d", zone, local, minute)
					}
					if next := Next(s, now); !next.After(now) || next.Sub(now) > 32*24*time.Hour {
						t.Errorf("%s: next after %v is %v", zone, now, next)
					}
				}
				want := 53 // Sundays from 20 December 2025 to the end of 2026
				if s.Cadence == feedback.Monthly {
					want = 13
				}
				if len(seen) < want || len(seen) > want+1 {
					t.Errorf("%s, minute %d, %s: due %d times, want %d", zone, minute, s.Cadence, len(seen), want)
				}
				for key, n := range seen {
					if n != 1 {
						t.Errorf("%s, minute %d: due %d times in %s", zone, minute, n, key)
					}
				}
			}
		}
	}
}

func TestAScheduleThatCannotBeIsInvalid(t *testing.T) {
	if err := Check(weekly("Europe/Berlin", time.Monday, 480)); err != nil {
		t.Fatal(err)
	}
	for name, spoil := range map[string]func(*feedback.Schedule){
		"no zone":          func(s *feedback.Schedule) { s.Zone = "" },
		"the machine's":    func(s *feedback.Schedule) { s.Zone = "Local" },
		"no such zone":     func(s *feedback.Schedule) { s.Zone = "Europe/Atlantis" },
		"a path":           func(s *feedback.Schedule) { s.Zone = "../../etc/passwd" },
		"no targets":       func(s *feedback.Schedule) { s.Targets = nil },
		"a bad target":     func(s *feedback.Schedule) { s.Targets = []string{"file:../.."} },
		"a 32nd":           func(s *feedback.Schedule) { s.Cadence, s.Day = feedback.Monthly, 32 },
		"an eighth day":    func(s *feedback.Schedule) { s.Weekday = 7 },
		"a 25th hour":      func(s *feedback.Schedule) { s.Minute = 1440 },
		"another cadence":  func(s *feedback.Schedule) { s.Cadence = "daily" },
		"no workspace":     func(s *feedback.Schedule) { s.Workspace = "" },
		"too many targets": func(s *feedback.Schedule) { s.Targets = make([]string, 21) },
	} {
		s := weekly("Europe/Berlin", time.Monday, 480)
		spoil(&s)
		if err := Check(s); feedback.ErrorCode(err) != feedback.Invalid {
			t.Errorf("%s: %v", name, err)
		}
	}
}
