package web

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"earshot/deliver"
	"earshot/feedback"
)

// Schedules say who gets Pulses and alerts, and when.
type Schedules interface {
	Schedules(ctx context.Context, workspace string) ([]feedback.Schedule, error)
	// AddSchedule checks a schedule and keeps it. Its errors are Invalid, or Conflict for too many.
	AddSchedule(ctx context.Context, s feedback.Schedule) (feedback.Schedule, error)
	// RemoveSchedule and PauseSchedule fail with NotFound.
	RemoveSchedule(ctx context.Context, workspace string, id int) error
	PauseSchedule(ctx context.Context, workspace string, id int, paused bool) error
}

// Outbox is the record of what was sent.
type Outbox interface {
	Deliveries(ctx context.Context, workspace string, limit int) ([]feedback.Delivery, error)
}

// scheduleBody is a schedule as the API gives it: of the address of a webhook, which is a secret, only the host.
type scheduleBody struct {
	ID      string    `json:"id" doc:"For instance S1"`
	Cadence string    `json:"cadence" enum:"weekly,monthly,alerts"`
	Weekday string    `json:"weekday,omitempty" doc:"Of a weekly schedule"`
	Day     int       `json:"day,omitempty" doc:"Of a monthly schedule; in a shorter month its last day counts"`
	At      string    `json:"at,omitempty" doc:"The time of the day in the zone, as 08:00"`
	Zone    string    `json:"zone" doc:"Of the IANA database"`
	Period  string    `json:"period,omitempty" doc:"Of the Pulse, counted back from the day on which it is due"`
	Targets []string  `json:"targets" doc:"With their secrets left out"`
	Paused  bool      `json:"paused"`
	Next    time.Time `json:"next,omitzero" doc:"When it is due next"`
}

func (s *Server) bodyOfSchedule(sc feedback.Schedule) scheduleBody {
	b := scheduleBody{ID: feedback.ScheduleName(sc.ID), Cadence: string(sc.Cadence), Zone: sc.Zone, Period: sc.Period, Targets: []string{}, Paused: sc.Paused}
	for _, t := range sc.Targets {
		b.Targets = append(b.Targets, feedback.MaskTarget(t))
	}
	if sc.Cadence != feedback.OnAlert {
		b.At = fmt.Sprintf("%02d:%02d", sc.Minute/60, sc.Minute%60)
	}
	switch sc.Cadence {
	case feedback.Weekly:
		b.Weekday = strings.ToLower(sc.Weekday.String())
	case feedback.Monthly:
		b.Day = sc.Day
	}
	if !sc.Paused {
		b.Next = deliver.Next(sc, s.cfg.Now())
	}
	return b
}

type schedulesBody struct {
	Schedules []scheduleBody `json:"schedules"`
}

type newSchedule struct {
	Cadence string   `json:"cadence" enum:"weekly,monthly,alerts"`
	Weekday string   `json:"weekday,omitempty" enum:"monday,tuesday,wednesday,thursday,friday,saturday,sunday" doc:"Of a weekly schedule"`
	Day     int      `json:"day,omitempty" minimum:"1" maximum:"31" doc:"Of a monthly schedule"`
	At      string   `json:"at,omitempty" pattern:"^([01][0-9]|2[0-3]):[0-5][0-9]$" default:"08:00"`
	Zone    string   `json:"zone" maxLength:"60" doc:"For instance Europe/Berlin"`
	Period  string   `json:"period,omitempty" maxLength:"40" default:"week" doc:"7d, 30d, week, month or quarter"`
	Targets []string `json:"targets" minItems:"1" maxItems:"20" doc:"As docs/delivery.md has them"`
}

type deliveriesBody struct {
	Deliveries []deliveryBody `json:"deliveries" doc:"The latest first"`
}

type deliveryBody struct {
	ID        string    `json:"id" doc:"The same for every repeat"`
	Schedule  string    `json:"schedule,omitempty" doc:"Left out of one that a person sent"`
	Kind      string    `json:"kind" enum:"pulse,alert,test"`
	Subject   string    `json:"subject,omitempty" doc:"The id of the Pulse, or of the alert with its revision"`
	Target    string    `json:"target" doc:"With its secret left out"`
	Due       time.Time `json:"due"`
	State     string    `json:"state" enum:"waiting,sending,sent,failed,unknown"`
	Attempts  int       `json:"attempts"`
	UpdatedAt time.Time `json:"updated_at"`
	Error     string    `json:"error,omitempty"`
}

// scheduleAPI adds the schedules and the record of deliveries to the API.
func (s *Server) scheduleAPI(api huma.API) {
	op := func(id, method, path, summary string, status int) huma.Operation {
		return huma.Operation{OperationID: id, Method: method, Path: path, Summary: summary, DefaultStatus: status, MaxBodyBytes: 64 << 10,
			Errors: []int{http.StatusBadRequest, http.StatusNotFound, http.StatusConflict, http.StatusServiceUnavailable}}
	}
	huma.Register(api, op("list-schedules", http.MethodGet, "/v1/schedules", "Who gets Pulses and alerts, and when", http.StatusOK), answer(s, s.listSchedules))
	huma.Register(api, op("add-schedule", http.MethodPost, "/v1/schedules", "Send to somebody from now on", http.StatusCreated), answer(s, s.addSchedule))
	huma.Register(api, op("remove-schedule", http.MethodDelete, "/v1/schedules/{id}", "Send to them no more", http.StatusNoContent), within(s, s.removeSchedule))
	huma.Register(api, op("pause-schedule", http.MethodPost, "/v1/schedules/{id}/pause", "Send nothing until it is resumed", http.StatusNoContent),
		within(s, s.pauseSchedule(true)))
	huma.Register(api, op("resume-schedule", http.MethodPost, "/v1/schedules/{id}/resume", "Go on; what was due meanwhile is not made up for", http.StatusNoContent),
		within(s, s.pauseSchedule(false)))
	huma.Register(api, op("list-deliveries", http.MethodGet, "/v1/deliveries", "What was sent, and what came of it", http.StatusOK), answer(s, s.listDeliveries))
}

type oneSchedule struct {
	in
	ID string `path:"id" maxLength:"12" doc:"For instance S1"`
}

func (s *Server) listSchedules(ctx context.Context, workspace string, _ *in) (schedulesBody, error) {
	list, err := s.cfg.Schedules.Schedules(ctx, workspace)
	if err != nil {
		return schedulesBody{}, err
	}
	body := schedulesBody{Schedules: []scheduleBody{}}
	for _, sc := range list {
		body.Schedules = append(body.Schedules, s.bodyOfSchedule(sc))
	}
	return body, nil
}

func (s *Server) addSchedule(ctx context.Context, workspace string, q *struct {
	in
	Body newSchedule
}) (scheduleBody, error) {
	b := q.Body
	sc := feedback.Schedule{Workspace: workspace, Cadence: feedback.Cadence(b.Cadence), Day: max(1, b.Day), Zone: b.Zone, Period: b.Period, Targets: b.Targets}
	if at, err := time.Parse("15:04", b.At); err == nil {
		sc.Minute = at.Hour()*60 + at.Minute()
	}
	for day := time.Sunday; day <= time.Saturday; day++ {
		if strings.EqualFold(day.String(), b.Weekday) {
			sc.Weekday = day
		}
	}
	switch {
	case sc.Cadence == feedback.Weekly && b.Weekday == "":
		return scheduleBody{}, feedback.Errorf(feedback.Invalid, "a weekly schedule needs its weekday")
	case sc.Cadence == feedback.Monthly && b.Day == 0:
		return scheduleBody{}, feedback.Errorf(feedback.Invalid, "a monthly schedule needs its day")
	}
	sc, err := s.cfg.Schedules.AddSchedule(ctx, sc)
	return s.bodyOfSchedule(sc), err
}

// id reads which schedule is meant.
func (q *oneSchedule) id() (int, error) {
	id, err := strconv.Atoi(strings.TrimPrefix(strings.ToUpper(q.ID), "S"))
	if err != nil || id < 1 {
		return 0, feedback.Errorf(feedback.Invalid, "%.12q is no schedule: schedules are called S1, S2 and so on", q.ID)
	}
	return id, nil
}

func (s *Server) removeSchedule(ctx context.Context, workspace string, q *oneSchedule) (*struct{}, error) {
	id, err := q.id()
	if err == nil {
		err = s.cfg.Schedules.RemoveSchedule(ctx, workspace, id)
	}
	return nil, err
}

func (s *Server) pauseSchedule(paused bool) func(context.Context, string, *oneSchedule) (*struct{}, error) {
	return func(ctx context.Context, workspace string, q *oneSchedule) (*struct{}, error) {
		id, err := q.id()
		if err == nil {
			err = s.cfg.Schedules.PauseSchedule(ctx, workspace, id, paused)
		}
		return nil, err
	}
}

func (s *Server) listDeliveries(ctx context.Context, workspace string, q *struct {
	in
	Limit int `query:"limit" minimum:"1" maximum:"1000" default:"50"`
}) (deliveriesBody, error) {
	list, err := s.cfg.Outbox.Deliveries(ctx, workspace, q.Limit)
	if err != nil {
		return deliveriesBody{}, err
	}
	body := deliveriesBody{Deliveries: []deliveryBody{}}
	for _, d := range list {
		b := deliveryBody{ID: d.ID.String(), Kind: string(d.Kind), Subject: d.Subject, Target: feedback.MaskTarget(d.Target), Due: d.Due, State: string(d.State),
			Attempts: d.Attempts, UpdatedAt: d.UpdatedAt, Error: d.Error}
		if d.Schedule > 0 {
			b.Schedule = feedback.ScheduleName(d.Schedule)
		}
		body.Deliveries = append(body.Deliveries, b)
	}
	return body, nil
}
