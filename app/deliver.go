package app

import (
	"context"
	"encoding/json"
	"net/url"
	"path"
	"strings"
	"time"

	"earshot/courier"
	"earshot/deliver"
	"earshot/feedback"
	"earshot/report"
)

// deliveries gives the stage that sends what is due.
func (a *App) deliveries() (*deliver.Stage, error) {
	carrier, err := a.courier()
	if err != nil {
		return nil, err
	}
	return deliver.New(deliver.Config{Store: a.Store, Content: contents{a}, Courier: carrier, Now: a.now, Log: a.log})
}

// Deliver plans what is due and sends what waits, once.
func (a *App) Deliver(ctx context.Context) error {
	stage, err := a.deliveries()
	if err != nil {
		return err
	}
	return stage.Tick(ctx)
}

// courier gives what carries, as the settings say.
func (a *App) courier() (*courier.Courier, error) {
	from, err := mailFrom(a.Config)
	if err != nil {
		return nil, err
	}
	if u, err := url.Parse(a.Config.PublicURL); a.Config.PublicURL != "" && (err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "") {
		return nil, feedback.Errorf(feedback.Invalid, "setting EARSHOT_PUBLIC_URL is no address").WithHint("write https://earshot.example.com")
	}
	return courier.New(courier.Config{Folder: a.Config.DeliveryDir, SMTP: a.Config.SMTPURL, From: from, Key: a.Config.DeliverySecret,
		Hosts: a.Config.DeliveryHosts, Now: a.now})
}

// contents makes what deliveries carry.
type contents struct{ app *App }

// Period reads the schedule's period as it is on the day on which it is due.
func (c contents) Period(s feedback.Schedule, due time.Time) (string, error) {
	p, err := report.ParsePeriod(s.Period, deliver.Anchor(s, due))
	if err != nil {
		return "", err
	}
	return p.Start.Format(time.DateOnly) + ".." + p.End.Format(time.DateOnly), nil
}

// Parcel gives the Pulse or the alert of a delivery in the form of its target.
func (c contents) Parcel(ctx context.Context, d feedback.Delivery, to feedback.Target) (feedback.Parcel, error) {
	p := feedback.Parcel{ID: d.ID, Kind: d.Kind, About: d.Subject}
	var err error
	if d.Kind == feedback.DeliverAlert {
		err = c.alert(ctx, d, to, &p)
	} else {
		err = c.pulse(ctx, d, to, &p)
	}
	return p, err
}

func (c contents) pulse(ctx context.Context, d feedback.Delivery, to feedback.Target, p *feedback.Parcel) error {
	doc, id, err := c.document(ctx, d)
	if err != nil {
		return err
	}
	p.About = id
	link, mark := c.app.link(d.Workspace, "/pulses/"+id), ""
	if d.Kind == feedback.DeliverTest {
		mark = "Test"
	}
	switch to.Kind {
	case feedback.TargetFile:
		for _, format := range to.Formats {
			files, err := Render(ctx, c.app.Config, doc, format, report.Audience(to.Audience))
			if err != nil {
				return err
			}
			for _, f := range files {
				p.Files = append(p.Files, feedback.ParcelFile{Name: datedName(doc, f.Name, mark), Data: f.Data})
			}
		}
	case feedback.TargetMail:
		from, err := mailFrom(c.app.Config)
		if err != nil {
			return err
		}
		p.Body, err = report.Mail(doc, report.MailOptions{From: from, To: to.To, Date: d.Due, ID: messageID(d, from.Address), Link: link, Mark: mark})
		return err
	case feedback.TargetSlack:
		p.Body, err = report.Slack(doc, report.SlackOptions{Link: link, Mark: mark})
		return err
	default:
		digest := report.Short(doc, id, link)
		digest.Test = mark != ""
		p.Body, err = json.Marshal(digest)
	}
	return err
}

// document gives the Pulse of a delivery: the one that it names, or the one of its period, which is written now.
func (c contents) document(ctx context.Context, d feedback.Delivery) (*report.Document, string, error) {
	if d.Subject == "" {
		doc, err := c.app.Report(ctx, d.Workspace, d.Period, "")
		if err != nil {
			return nil, "", err
		}
		kept, err := report.Keep(doc, c.app.now())
		if err != nil {
			return nil, "", err
		}
		if d.Subject, err = c.app.Store.SetSubject(ctx, d, kept.ID); err != nil {
			return nil, "", err
		}
		if d.Subject == kept.ID {
			return doc, kept.ID, nil
		}
	}
	pulse, err := c.app.Store.PulseByID(ctx, d.Workspace, d.Subject)
	if err != nil {
		return nil, "", err
	}
	doc, err := report.ParseDocument(pulse.Document)
	return doc, pulse.ID, err
}

// datedName is what a Pulse is called among those of other periods.
func datedName(doc *report.Document, name, mark string) string {
	span := doc.Snapshot.Period
	name = "pulse-" + span.Start.Format(time.DateOnly) + "-to-" + span.End.AddDate(0, 0, -1).Format(time.DateOnly) + strings.TrimPrefix(name, "pulse")
	if mark != "" {
		name = strings.ToLower(mark) + "-" + name
	}
	return name
}

// messageID is the same for every repeat of a delivery.
func messageID(d feedback.Delivery, from string) string {
	_, host, _ := strings.Cut(from, "@")
	return d.ID.String() + "@" + host
}

// link gives the address of a page for its readers; "" where nobody said under which one they reach it.
func (a *App) link(workspace, page string) string {
	u, err := url.Parse(a.Config.PublicURL)
	if err != nil || a.Config.PublicURL == "" {
		return ""
	}
	u.Path = path.Join("/", u.Path, page)
	if workspace != a.Config.Workspace {
		u.RawQuery = url.Values{"workspace": {workspace}}.Encode()
	}
	return u.String()
}

// AddSchedule checks a schedule and keeps it. It serves from now on. Its errors are Invalid, or Conflict for too many.
func (a *App) AddSchedule(ctx context.Context, s feedback.Schedule) (feedback.Schedule, error) {
	s.CreatedAt = a.now().UTC()
	s.Served = s.CreatedAt
	if s.Cadence == feedback.OnAlert {
		s.Weekday, s.Day, s.Minute, s.Period = 0, 1, 0, ""
	}
	if err := deliver.Check(s); err != nil {
		return s, err
	}
	if s.Cadence != feedback.OnAlert {
		if strings.Contains(s.Period, "..") {
			return s, feedback.Errorf(feedback.Invalid, "a schedule's period is not one of fixed dates").WithHint("write 7d, 30d, week, month or quarter")
		}
		if _, err := report.ParsePeriod(s.Period, s.CreatedAt); err != nil {
			return s, err
		}
	}
	for _, target := range s.Targets {
		if _, err := a.checkTarget(target); err != nil {
			return s, err
		}
	}
	var err error
	s.ID, err = a.Store.AddSchedule(ctx, s)
	return s, err
}

// checkTarget reads a target and sees whether the settings have what it needs.
func (a *App) checkTarget(target string) (feedback.Target, error) {
	to, err := feedback.ParseTarget(target)
	if err != nil {
		return to, err
	}
	if to.Kind == feedback.TargetFile {
		if _, err := ParseFormats(strings.Join(to.Formats, ",")); err != nil {
			return to, err
		}
		if audience := report.Audience(to.Audience); audience != "" && audience != report.Product && audience != report.Executive {
			return to, feedback.Errorf(feedback.Invalid, "there is no audience %.40q", to.Audience).WithHint("write audience=executive or audience=product")
		}
	}
	carrier, err := a.courier()
	if err != nil {
		return to, err
	}
	return to, carrier.Check(to)
}

// Schedules gives the schedules of a workspace.
func (a *App) Schedules(ctx context.Context, workspace string) ([]feedback.Schedule, error) {
	return a.Store.Schedules(ctx, workspace)
}

// RemoveSchedule removes a schedule, or fails with NotFound.
func (a *App) RemoveSchedule(ctx context.Context, workspace string, id int) error {
	return a.Store.RemoveSchedule(ctx, workspace, id)
}

// PauseSchedule stops a schedule or lets it go on, or fails with NotFound.
func (a *App) PauseSchedule(ctx context.Context, workspace string, id int, paused bool) error {
	return a.Store.PauseSchedule(ctx, workspace, id, paused, a.now())
}

// Deliveries gives the record of what was delivered, the latest first.
func (a *App) Deliveries(ctx context.Context, workspace string, limit int) ([]feedback.Delivery, error) {
	return a.Store.Deliveries(ctx, workspace, limit)
}

// SendOptions say how a Pulse is sent by hand.
type SendOptions struct {
	Test  bool // it is marked as a test, and does not count as sent
	Again bool // even where it was sent there before
}

// SendPulse sends a kept Pulse, or the latest where id is "", to one target, now, and records it like any other delivery.
// What could not be sent for a reason that may pass waits in the record, and the schedule tries it again. It fails with
// Conflict when the Pulse was sent there before.
func (a *App) SendPulse(ctx context.Context, workspace, id, target string, opts SendOptions) (feedback.Delivery, error) {
	if _, err := a.checkTarget(target); err != nil {
		return feedback.Delivery{}, err
	}
	find := func() (feedback.Pulse, error) { return a.Store.PulseByID(ctx, workspace, id) }
	if id == "" {
		find = func() (feedback.Pulse, error) { return a.Store.LatestPulse(ctx, workspace) }
	}
	pulse, err := find()
	if err != nil {
		return feedback.Delivery{}, err
	}
	stage, err := a.deliveries()
	if err != nil {
		return feedback.Delivery{}, err
	}
	now := a.now().UTC()
	d := feedback.Delivery{ID: feedback.DeliveryID(workspace, 0, pulse.ID, target), Workspace: workspace, Kind: feedback.DeliverPulse, Target: target,
		Due: now, Subject: pulse.ID, UpdatedAt: now}
	before, err := a.Store.DeliveryByID(ctx, workspace, d.ID)
	switch {
	case err != nil && feedback.ErrorCode(err) != feedback.NotFound:
		return d, err
	case opts.Test:
		d.Kind = feedback.DeliverTest
		fallthrough
	case opts.Again, err == nil && (before.State == feedback.DeliveryFailed || before.State == feedback.DeliveryUnknown):
		d.ID = feedback.DeliveryID(workspace, 0, pulse.ID+"@"+now.Format(time.RFC3339Nano), target)
	case err == nil:
		return before, feedback.Errorf(feedback.Conflict, "Pulse %s went to this target before: it is %s", pulse.ID, before.State).
			WithHint("--again sends it once more")
	}
	if err := a.Store.AddDeliveries(ctx, []feedback.Delivery{d}); err != nil {
		return d, err
	}
	sent, err := stage.Send(ctx, d.ID)
	if err == nil && sent.State != feedback.DeliverySent {
		err = feedback.Errorf(feedback.Invalid, "it was not sent: %s", sent.Error)
		if sent.State == feedback.DeliveryWaiting {
			err = feedback.Errorf(feedback.Unavailable, "it was not sent yet: %s", sent.Error).WithHint("earshot serve tries it again")
		}
	}
	return sent, err
}
