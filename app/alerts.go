package app

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"earshot/feedback"
	"earshot/report"
)

// alertEvery is how often the schedule looks for alerts. What a look may claim by chance is set with this in mind.
const alertEvery = time.Hour

// maxOpenAlerts is the most alerts of a workspace that stand at a time and are looked at.
const maxOpenAlerts = 1000

// lookForAlerts looks for alerts in every workspace that was heard of late. What fails in one keeps no other from its look.
func (a *App) lookForAlerts(ctx context.Context) error {
	now := a.now()
	workspaces, err := a.Store.Watched(ctx, now.AddDate(0, 0, -feedback.AccountDays))
	if err != nil {
		return err
	}
	var errs []error
	for _, workspace := range workspaces {
		// Another process may have raised the same at this moment; then it stands already.
		if _, err := a.CheckAlerts(ctx, workspace, now); err != nil && feedback.ErrorCode(err) != feedback.Conflict {
			errs = append(errs, fmt.Errorf("workspace %q: %w", workspace, err))
		}
	}
	return errors.Join(errs...)
}

// CheckAlerts looks for alerts in the days up to a moment, keeps what it finds and plans its delivery to whoever asked for
// alerts. It gives the alerts that were raised, go on or ended.
func (a *App) CheckAlerts(ctx context.Context, workspace string, at time.Time) ([]feedback.Alert, error) {
	open, err := a.Store.Alerts(ctx, workspace, true, maxOpenAlerts)
	if err != nil {
		return nil, err
	}
	facts, err := a.Store.Watch(ctx, workspace, at)
	if err != nil {
		return nil, err
	}
	alerts := report.Detect(facts, open)
	if len(alerts) == 0 {
		return alerts, nil
	}
	schedules, err := a.Store.Schedules(ctx, workspace)
	if err != nil {
		return nil, err
	}
	if err := a.Store.SaveAlerts(ctx, alerts, planAlerts(alerts, open, schedules, a.now())); err != nil {
		return nil, err
	}
	for _, alert := range alerts {
		a.log.InfoContext(ctx, "an alert", "workspace", workspace, "alert", alert.ID, "kind", alert.Kind, "subject", alert.Subject, "open", alert.Open,
			"revision", alert.Revision, "count", alert.Numbers.Now, "q", alert.Numbers.Q)
	}
	return alerts, nil
}

// planAlerts says what of alerts goes to whom: each when it is raised, when it has doubled, and when it is over.
func planAlerts(alerts, before []feedback.Alert, schedules []feedback.Schedule, now time.Time) []feedback.Delivery {
	told := map[feedback.ID]int{}
	for _, b := range before {
		told[b.ID] = b.Revision
	}
	var list []feedback.Delivery
	for _, alert := range alerts {
		if alert.Open && told[alert.ID] == alert.Revision {
			continue
		}
		about := fmt.Sprintf("%s#%d", alert.ID, alert.Revision)
		if !alert.Open {
			about = alert.ID.String() + "#over"
		}
		for _, s := range schedules {
			if s.Cadence != feedback.OnAlert || s.Paused {
				continue
			}
			for _, target := range s.Targets {
				list = append(list, feedback.Delivery{ID: feedback.DeliveryID(s.Workspace, s.ID, about, target), Workspace: s.Workspace, Schedule: s.ID,
					Kind: feedback.DeliverAlert, Target: target, Due: alert.UpdatedAt, Subject: about, UpdatedAt: now})
			}
		}
	}
	return list
}

// alert makes the parcel of an alert, as it stands when it is sent.
func (c contents) alert(ctx context.Context, d feedback.Delivery, to feedback.Target, p *feedback.Parcel) error {
	text, revision, _ := strings.Cut(d.Subject, "#")
	id, err := feedback.ParseID(text)
	if err != nil {
		return err
	}
	alert, err := c.app.Store.AlertByID(ctx, d.Workspace, id)
	if err != nil {
		return err
	}
	if err := report.CheckAlert(alert); err != nil {
		return err
	}
	link := c.app.link(d.Workspace, "/alerts")
	switch to.Kind {
	case feedback.TargetMail:
		from, err := mailFrom(c.app.Config)
		if err != nil {
			return err
		}
		p.Body, err = report.AlertMail(alert, report.MailOptions{From: from, To: to.To, Date: d.Due, ID: messageID(d, from.Address), Link: link})
		return err
	case feedback.TargetSlack:
		p.Body, err = report.AlertSlack(alert, link)
		return err
	}
	data, err := report.AlertJSON(alert, link)
	p.Body = data
	p.Files = []feedback.ParcelFile{{Name: "alert-" + alert.OpenedAt.Format("2006-01-02") + "-" + text[:8] + "-" + revision + ".json", Data: data}}
	return err
}

// Alerts gives the alerts of a workspace, those that stand first, at most limit of them.
func (a *App) Alerts(ctx context.Context, workspace string, openOnly bool, limit int) ([]feedback.Alert, error) {
	return a.Store.Alerts(ctx, workspace, openOnly, limit)
}
