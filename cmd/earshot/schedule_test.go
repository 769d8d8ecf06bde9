package main

import (
	"errors"
	"testing"
	"time"

	"earshot/feedback"
)

func TestAScheduleIsReadFromItsFlags(t *testing.T) {
	for _, c := range []struct {
		weekly       string
		monthly      int
		alerts       bool
		hour, period string
		want         string
	}{
		{"Monday", 0, false, "08:00", "", "Mondays at 08:00 Europe/Berlin, week"},
		{"sunday", 0, false, "23:59", "30d", "Sundays at 23:59 Europe/Berlin, 30d"},
		{"", 31, false, "7:30", "", "day 31 of each month at 07:30 Europe/Berlin, month"},
		{"", 0, true, "08:00", "", "when there is an alert, "},
	} {
		s, err := readSchedule(c.weekly, c.monthly, c.alerts, c.hour, "Europe/Berlin", c.period)
		if got := when(s) + ", " + s.Period; err != nil || got != c.want {
			t.Errorf("%q %v, want %q", got, err, c.want)
		}
	}
	for _, c := range []struct {
		weekly  string
		monthly int
		alerts  bool
		hour    string
	}{{"", 0, false, "08:00"}, {"monday", 1, false, "08:00"}, {"monday", 0, true, "08:00"}, {"moonday", 0, false, "08:00"}, {"monday", 0, false, "8 am"}} {
		if _, err := readSchedule(c.weekly, c.monthly, c.alerts, c.hour, "UTC", ""); !errors.Is(err, errUsage) {
			t.Errorf("%+v: %v", c, err)
		}
	}
}

func TestASchedulesTargetsAreMasked(t *testing.T) {
	s := feedback.Schedule{ID: 7, Cadence: feedback.Weekly, Zone: "UTC", Targets: []string{"slack:https://hooks.slack.com/services/secret"}}
	j := toScheduleJSON(s, time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC))
	if j.ID != "S7" || j.Targets[0] != "slack:https://hooks.slack.com/…" || j.Next != "2026-06-07T00:00:00Z" {
		t.Errorf("%+v", j)
	}
	for name, want := range map[string]int{"S7": 7, "s12": 12, "3": 3, "S": 0, "S0": 0, "x": 0} {
		if id, err := scheduleID(name); id != want || (err == nil) != (want > 0) {
			t.Errorf("%s: %d %v", name, id, err)
		}
	}
}
