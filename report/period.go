package report

import (
	"strconv"
	"strings"
	"time"

	"earshot/feedback"
)

// maxDays is the longest period of a Pulse: ten years.
const maxDays = 3653

const periodHint = "write 30d, week, month, quarter, or 2026-09-01..2026-10-01 (the second date is not part of the period)"

// ParsePeriod reads how a person names a period, in UTC:
//
//	30d                      the 30 days that end with the day of the newest feedback
//	week                     the last whole week, Monday to Sunday
//	month                    the last whole calendar month
//	quarter                  the last whole calendar quarter
//	2026-09-01..2026-10-01   from the first date up to the second, which is not part of it
//
// The words count back from the end of newest's day and not from the clock: a file of last year's feedback has a last
// month too. A month that is over on newest's day is whole. The errors are Invalid.
func ParsePeriod(s string, newest time.Time) (feedback.Period, error) {
	s = strings.TrimSpace(strings.ToLower(s))
	end := day(newest).AddDate(0, 0, 1)
	switch {
	case absolute(s):
		return parseDates(s)
	case s == "week":
		end = end.AddDate(0, 0, -(int(end.Weekday())+6)%7)
		return feedback.Period{Start: end.AddDate(0, 0, -7), End: end}, nil
	case s == "month":
		end = time.Date(end.Year(), end.Month(), 1, 0, 0, 0, 0, time.UTC)
		return feedback.Period{Start: end.AddDate(0, -1, 0), End: end}, nil
	case s == "quarter":
		end = time.Date(end.Year(), end.Month()-(end.Month()-1)%3, 1, 0, 0, 0, 0, time.UTC)
		return feedback.Period{Start: end.AddDate(0, -3, 0), End: end}, nil
	case strings.HasSuffix(s, "d"):
		n, err := strconv.Atoi(strings.TrimSuffix(s, "d"))
		if err != nil {
			break
		}
		if n < 1 || n > maxDays {
			return feedback.Period{}, feedback.Errorf(feedback.Invalid, "a period of %d days is not between 1 and %d", n, maxDays)
		}
		return feedback.Period{Start: end.AddDate(0, 0, -n), End: end}, nil
	}
	return feedback.Period{}, feedback.Errorf(feedback.Invalid, "%.40q names no period", s).WithHint(periodHint)
}

// absolute says whether a period is given by its dates.
func absolute(s string) bool { return strings.Contains(s, "..") }

func parseDates(s string) (feedback.Period, error) {
	from, to, _ := strings.Cut(s, "..")
	var p feedback.Period
	for _, side := range []struct {
		text string
		into *time.Time
	}{{from, &p.Start}, {to, &p.End}} {
		t, err := time.Parse(time.DateOnly, strings.TrimSpace(side.text))
		if err != nil {
			return p, feedback.Errorf(feedback.Invalid, "%.40q in the period is no date", side.text).WithHint(periodHint)
		}
		*side.into = t
	}
	switch {
	case p.End.Equal(p.Start):
		return p, feedback.Errorf(feedback.Invalid, "the period ends where it starts, on %s", p.Start.Format(time.DateOnly)).
			WithHint("the second date is not part of the period: for that one day write %s..%s", p.Start.Format(time.DateOnly), p.Start.AddDate(0, 0, 1).Format(time.DateOnly))
	case p.End.Before(p.Start):
		return p, feedback.Errorf(feedback.Invalid, "the period ends on %s, before it starts on %s", p.End.Format(time.DateOnly), p.Start.Format(time.DateOnly)).
			WithHint(periodHint)
	case p.Days() > maxDays:
		return p, feedback.Errorf(feedback.Invalid, "a period of %d days is not between 1 and %d", p.Days(), maxDays)
	}
	return p, nil
}

func day(t time.Time) time.Time {
	t = t.UTC()
	return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC)
}
