package deliver

import (
	"slices"
	"strings"
	"time"
	_ "time/tzdata" // a schedule's zone is known on a machine that has no zone files

	"earshot/feedback"
)

// maxTargets is the most targets of one schedule.
const maxTargets = 20

// Check says why a schedule cannot be, as an Invalid error, or nil.
func Check(s feedback.Schedule) error {
	if err := feedback.CheckWorkspace(s.Workspace); err != nil {
		return err
	}
	switch {
	case !slices.Contains([]feedback.Cadence{feedback.Weekly, feedback.Monthly, feedback.OnAlert}, s.Cadence):
		return feedback.Errorf(feedback.Invalid, "%.20q is no cadence", s.Cadence).WithHint("a schedule is weekly, monthly or alerts")
	case s.Weekday < time.Sunday || s.Weekday > time.Saturday:
		return feedback.Errorf(feedback.Invalid, "there is no weekday %d", s.Weekday)
	case s.Cadence == feedback.Monthly && (s.Day < 1 || s.Day > 31):
		return feedback.Errorf(feedback.Invalid, "no month has a day %d", s.Day).WithHint("in a month that is shorter than the day, the last one counts")
	case s.Minute < 0 || s.Minute >= 24*60:
		return feedback.Errorf(feedback.Invalid, "a day has no minute %d", s.Minute)
	case len(s.Targets) == 0 || len(s.Targets) > maxTargets:
		return feedback.Errorf(feedback.Invalid, "a schedule has 1 to %d targets, and not %d", maxTargets, len(s.Targets)).WithHint(feedback.TargetHint)
	}
	if _, err := zone(s.Zone); err != nil {
		return err
	}
	for _, t := range s.Targets {
		if _, err := feedback.ParseTarget(t); err != nil {
			return err
		}
	}
	return nil
}

func zone(name string) (*time.Location, error) {
	if name == "" || strings.EqualFold(name, "local") { // the machine's own zone is not the same on the next machine
		return nil, feedback.Errorf(feedback.Invalid, "a schedule needs a time zone by its name").WithHint("for instance Europe/Berlin, or UTC")
	}
	loc, err := time.LoadLocation(name)
	if err != nil {
		return nil, feedback.Errorf(feedback.Invalid, "%.60q is no time zone", name).WithHint("for instance Europe/Berlin, or UTC")
	}
	return loc, nil
}

// Due gives the latest moment, after the schedule's Served and not after now, at which it is due; ok is false where there
// is none. However many moments were missed, this is the one that is made up for. A schedule of alerts is never due.
func Due(s feedback.Schedule, now time.Time) (due time.Time, ok bool) {
	loc, err := zone(s.Zone)
	if err != nil || s.Cadence == feedback.OnAlert {
		return time.Time{}, false
	}
	// The moment before or on now lies in this week or month or in the one before it.
	local := now.In(loc)
	for back := range 2 {
		due = moment(s, local, -back, loc)
		if !due.After(now) {
			return due, due.After(s.Served)
		}
	}
	return time.Time{}, false
}

// Next gives the first moment after now at which a schedule is due; zero for one of alerts.
func Next(s feedback.Schedule, now time.Time) time.Time {
	loc, err := zone(s.Zone)
	if err != nil || s.Cadence == feedback.OnAlert {
		return time.Time{}
	}
	for ahead := range 3 {
		if due := moment(s, now.In(loc), ahead, loc); due.After(now) {
			return due
		}
	}
	return time.Time{}
}

// moment gives when the schedule is due in the week or month that lies steps after the one of local.
func moment(s feedback.Schedule, local time.Time, steps int, loc *time.Location) time.Time {
	year, month, day := local.Date()
	if s.Cadence == feedback.Weekly {
		sinceMonday := (int(local.Weekday()) + 6) % 7
		return wall(year, month, day-sinceMonday+(int(s.Weekday)+6)%7+7*steps, s.Minute, loc)
	}
	month += time.Month(steps)
	last := time.Date(year, month+1, 0, 0, 0, 0, 0, time.UTC).Day()
	return wall(year, month, min(s.Day, last), s.Minute, loc)
}

// wall gives the moment at which the clocks of loc show a minute of a day: the first of two where they are set back, and
// the moment at which they are set forward where that leaves the minute out.
func wall(year int, month time.Month, day, minute int, loc *time.Location) time.Time {
	t := time.Date(year, month, day, 0, minute, 0, 0, loc)
	want := time.Date(year, month, day, 0, minute, 0, 0, time.UTC)
	start, end := t.ZoneBounds()
	switch shown := clock(t); {
	case shown.Before(want):
		return end
	case shown.After(want):
		return start
	}
	if start.IsZero() {
		return t
	}
	_, before := start.Add(-time.Second).Zone()
	_, now := t.Zone()
	if first := t.Add(time.Duration(now-before) * time.Second); first.Before(start) && clock(first).Equal(want) {
		return first
	}
	return t
}

// clock gives what the clocks show at t, as a moment of UTC.
func clock(t time.Time) time.Time {
	_, offset := t.Zone()
	return t.UTC().Add(time.Duration(offset) * time.Second)
}

// Anchor gives the day from which the period of a Pulse counts back: the one before the schedule's own, which is over.
func Anchor(s feedback.Schedule, due time.Time) time.Time {
	loc, err := zone(s.Zone)
	if err != nil {
		loc = time.UTC
	}
	year, month, day := due.In(loc).Date()
	return time.Date(year, month, day-1, 12, 0, 0, 0, time.UTC)
}
