package report

import (
	"cmp"
	"maps"
	"math"
	"slices"
	"strings"
	"time"

	"earshot/feedback"
)

// The thresholds of alerts. A watch looks every hour, so that what a look may claim by chance is far below [Alpha]: of
// quiet fortnights no more than one in twenty shall raise any alert.
const (
	spikeAlpha    = 0.001 // the q-value at which a spike is raised
	severeAlpha   = 0.001
	accountAlpha  = 0.005
	lastingAlpha  = 0.05 // the p-value up to which an alert that stands goes on
	minHistory    = 14   // days of history under which no topic is tested
	minSpikeDay   = 6    // items within a day under which nothing is a spike
	minSpikeDays  = 8    // items within the window
	spikeRatio    = 2    // times what is usual under which nothing is a spike, however sure it is
	minSpeakers   = 3    // different people behind a spike: one who writes eight times is none
	minSevere     = 3    // severe excerpts
	minVictims    = 2    // different people behind them
	newTopicDays  = 14   // the age up to which a topic is new
	minNegative   = 3    // negative excerpts of an account in the window
	minPast       = 5    // excerpts of an account before it
	turnedPart    = 0.6  // of an account's excerpts in the window that are negative
	bigShare      = 0.01 // of all ARR: from here on an account is large
	largestAlways = 10   // accounts that are large in any case
)

// suspect is a subject that was tested.
type suspect struct {
	kind    feedback.AlertKind
	subject string
	name    string
	numbers feedback.AlertNumbers
	enough  bool // support to be raised
	holds   bool // support to go on
	quotes  []feedback.Quote
}

// Detect finds what cannot wait for the next Pulse: a topic's spike, severe reports that bunch or make a new topic, a large
// account that turned negative. Counts are tested exactly (Poisson counts given their sum, Fisher for an account against
// its own history), corrected over all subjects of a kind. open are the alerts that stand; it gives those that are
// raised, go on or end at this look, each with a verified sentence. A subject has one alert while it lasts. It is a function
// of what it is given.
func Detect(w feedback.Watch, open []feedback.Alert) []feedback.Alert {
	found := map[string]suspect{}
	for _, s := range slices.Concat(spikes(w), severities(w), turned(w)) {
		key := string(s.kind) + " " + s.subject
		if before, ok := found[key]; !ok || s.numbers.P < before.numbers.P {
			found[key] = s
		}
	}
	alerts := []feedback.Alert{}
	standing := map[string]bool{}
	for _, a := range open {
		key := string(a.Kind) + " " + a.Subject
		standing[a.Subject] = true
		s, ok := found[key]
		a.UpdatedAt = w.At
		if !ok || !s.holds || s.numbers.P > lastingAlpha {
			a.Open, a.ClosedAt = false, w.At
			alerts = append(alerts, a)
			continue
		}
		if a.Peak = max(a.Peak, s.numbers.Now); s.numbers.Now >= 2*a.Told {
			a.Revision, a.Told = a.Revision+1, s.numbers.Now
		}
		alerts = append(alerts, describe(a, w, s))
	}
	for _, key := range slices.Sorted(maps.Keys(found)) { // of one subject what is severe comes before its spike
		s := found[key]
		if standing[s.subject] || !s.enough || s.numbers.Q > alertAlpha[s.kind] {
			continue
		}
		standing[s.subject] = true
		a := feedback.Alert{ID: feedback.AlertID(w.Workspace, s.kind, s.subject, w.At), Workspace: w.Workspace, Kind: s.kind, Subject: s.subject, Open: true,
			Revision: 1, Peak: s.numbers.Now, Told: s.numbers.Now, OpenedAt: w.At, UpdatedAt: w.At}
		alerts = append(alerts, describe(a, w, s))
	}
	return alerts
}

var alertAlpha = map[feedback.AlertKind]float64{feedback.AlertSpike: spikeAlpha, feedback.AlertSevere: severeAlpha, feedback.AlertAccount: accountAlpha}

// correctSuspects fills in the q-values of one family. What was not worth testing counts as tested: to leave it out
// because its count is low would be to choose the tests by their outcome.
func correctSuspects(list []suspect) []suspect {
	p := make([]float64, len(list))
	for i := range list {
		p[i] = list[i].numbers.P
	}
	for i, q := range benjaminiHochberg(p) {
		list[i].numbers.P, list[i].numbers.Q = round(p[i]), round(q)
	}
	return list
}

// history is how many trailing days before the window the workspace has, at most all that are watched.
func history(w feedback.Watch) int {
	if w.Oldest.IsZero() {
		return 0
	}
	days := int(w.At.Sub(w.Oldest).Hours()/24) - feedback.WatchDays
	return max(0, min(feedback.WatchBefore, days))
}

func topicRef(id feedback.ClusterID) string {
	if id == 0 {
		return unassigned
	}
	return id.String()
}

// unassigned is the subject that stands for what is in no topic.
const unassigned = "unassigned"

// spikes tests every topic's last day and last three days against its trailing weeks. What counts as usual grows with the
// other topics' feedback: on the day after a holiday or a mail to all customers everything is more.
func spikes(w feedback.Watch) []suspect {
	past := history(w)
	if past < minHistory {
		return nil
	}
	total := make([]int, feedback.WatchDays+feedback.WatchBefore)
	for _, t := range w.Topics {
		for i, n := range t.Items {
			total[i] += n
		}
	}
	burst := watchDispersion(w, total, past)
	var list []suspect
	for _, t := range w.Topics {
		if t.Cluster == 0 {
			continue // what is in no topic has nothing in common
		}
		before := sum(t.Items[feedback.WatchDays : feedback.WatchDays+past])
		for _, days := range []int{1, feedback.WatchDays} {
			now, least := sum(t.Items[:days]), minSpikeDays
			if days == 1 {
				least = minSpikeDay
			}
			others := float64(sum(total[:days]) - now)
			othersBefore := float64(sum(total[feedback.WatchDays:feedback.WatchDays+past]) - before)
			share := float64(days) / float64(days+past)
			if others+othersBefore > 0 {
				share = max(share, others/(others+othersBefore))
			}
			s := suspect{kind: feedback.AlertSpike, subject: topicRef(t.Cluster), name: t.Name, quotes: t.Quotes,
				numbers: feedback.AlertNumbers{Now: now, Days: days, Before: before, BeforeDays: past, FirstSeen: t.FirstSeen.UTC(), Method: methodPoisson, P: 1}}
			usual := float64(before) * share / (1 - share)
			s.enough = now >= least && t.Speakers >= minSpeakers && float64(now) >= spikeRatio*usual
			s.holds = 2*now >= least
			if s.holds && share < 1 {
				k, n := int(float64(now)/burst), int(math.Ceil(float64(before)/burst))
				s.numbers.P = atLeast(k, k+n, share)
			}
			list = append(list, s)
		}
	}
	return correctSuspects(list)
}

// watchDispersion says how much more the topics vary from day to day than plain sampling, over the trailing days.
func watchDispersion(w feedback.Watch, total []int, past int) float64 {
	var series [][]int
	for _, t := range w.Topics {
		series = append(series, t.Items[feedback.WatchDays:feedback.WatchDays+past])
	}
	return dispersion(series, total[feedback.WatchDays:feedback.WatchDays+past])
}

// severities tests the severe excerpts of every topic, and of what is in none: of a standing one against its trailing
// weeks, of a new one against the part that is severe elsewhere.
func severities(w feedback.Watch) []suspect {
	past := history(w)
	if past < minHistory {
		return nil
	}
	all, severe := 0, 0
	for _, t := range w.Topics {
		all, severe = all+sum(t.Excerpts), severe+sum(t.Severe)
	}
	var list []suspect
	for _, t := range w.Topics {
		n := feedback.AlertNumbers{Now: sum(t.Severe[:feedback.WatchDays]), Of: sum(t.Excerpts[:feedback.WatchDays]), Days: feedback.WatchDays,
			Before: sum(t.Severe[feedback.WatchDays : feedback.WatchDays+past]), BeforeOf: sum(t.Excerpts[feedback.WatchDays : feedback.WatchDays+past]),
			BeforeDays: past, FirstSeen: t.FirstSeen.UTC(), Method: methodPoisson}
		n.P = atLeast(n.Now, n.Now+n.Before, float64(n.Days)/float64(n.Days+past))
		if t.Cluster != 0 && t.FirstSeen.After(w.At.AddDate(0, 0, -newTopicDays)) {
			n.Now, n.Of, n.Days, n.Before, n.BeforeOf, n.New, n.Method = sum(t.Severe), sum(t.Excerpts), newTopicDays, 0, 0, true, methodBinomial
			usual := float64(severe-n.Now+1) / float64(all-n.Of+2) // never nothing, however little was heard (Laplace)
			n.P = atLeast(n.Now, n.Of, usual)
		}
		s := suspect{kind: feedback.AlertSevere, subject: topicRef(t.Cluster), name: t.Name, quotes: t.Quotes, numbers: n,
			enough: n.Now >= minSevere && t.Victims >= minVictims, holds: n.Now > 0}
		list = append(list, s)
	}
	return correctSuspects(list)
}

// turned tests every large account's last fortnight against its own history.
func turned(w feedback.Watch) []suspect {
	accounts := slices.Clone(w.Accounts)
	slices.SortStableFunc(accounts, func(a, b feedback.AccountWatch) int {
		return cmp.Or(cmp.Compare(b.ARR, a.ARR), cmp.Compare(a.ID, b.ID))
	})
	var list []suspect
	for i, a := range accounts {
		if a.ARR <= 0 || i >= largestAlways && a.ARR < bigShare*w.ARR {
			continue
		}
		n := feedback.AlertNumbers{Now: a.Negative, Of: a.Now, Days: feedback.AccountDays, Before: a.BeforeNegative, BeforeOf: a.Before,
			BeforeDays: feedback.AccountPast, ARR: a.ARR, Method: methodFisher, P: 1}
		s := suspect{kind: feedback.AlertAccount, subject: accountRef(a.ID), name: orElse(a.Name, a.ID), quotes: a.Quotes}
		if a.Now > 0 && a.Before >= minPast && part(a.Negative, a.Now) > part(a.BeforeNegative, a.Before) {
			n.P = fisher(a.Negative, a.Now, a.BeforeNegative, a.Before)
			s.enough = a.Negative >= minNegative && part(a.Negative, a.Now) >= turnedPart
			s.holds = a.Negative > 0
		}
		s.numbers = n
		list = append(list, s)
	}
	return correctSuspects(list)
}

// maxAlertQuotes is the most evidence of an alert.
const maxAlertQuotes = 5

// describe gives an alert the numbers, the evidence and the sentence of a look.
func describe(a feedback.Alert, w feedback.Watch, s suspect) feedback.Alert {
	a.Name, a.Numbers = orElse(s.name, s.subject), s.numbers
	a.Evidence = present(slices.Clone(s.quotes[:min(maxAlertQuotes, len(s.quotes))]))
	for i := range a.Evidence {
		a.Evidence[i].OccurredAt = a.Evidence[i].OccurredAt.UTC()
	}
	t, err := alertTeller(a)
	if err != nil {
		return a
	}
	claim := t.alert(a)
	if errs := t.check(claim); len(errs) > 0 {
		return a // without a sentence: what does not verify is not said, and the numbers stand for themselves
	}
	a.Sentence = claim.String()
	a.Claim, _ = canonical(claim)
	return a
}

// alertTeller makes the parts of an alert's sentence: its numbers are the facts, under /alert.
func alertTeller(a feedback.Alert) (*teller, error) {
	day := time.Date(a.UpdatedAt.Year(), a.UpdatedAt.Month(), a.UpdatedAt.Day(), 0, 0, 0, 0, time.UTC)
	s := &feedback.Snapshot{Workspace: a.Workspace, Period: feedback.Period{Start: day.AddDate(0, 0, -feedback.WatchDays), End: day.AddDate(0, 0, 1)}}
	if id, ok := strings.CutPrefix(a.Subject, "account:"); ok {
		s.Accounts = []feedback.AccountFacts{{ID: id, Name: a.Name}}
	} else if id, err := feedback.ParseClusterID(a.Subject); err == nil {
		s.Clusters = []feedback.ClusterFacts{{ID: id, Name: a.Name, Quotes: a.Evidence}}
	}
	tree, err := generic(map[string]any{"alert": a.Numbers})
	if err != nil {
		return nil, feedback.Errorf(feedback.Internal, "encode the alert: %w", err)
	}
	return newTeller(&facts{snapshot: s, statistics: &Statistics{}, tree: tree}), nil
}

// alert says what an alert is about.
func (t *teller) alert(a feedback.Alert) Claim {
	n := func(unit, field string) Part { return t.num(Count, unit, "", "/alert/"+field) }
	days, before := n("day", "days"), n("day", "before_days")
	switch a.Kind {
	case feedback.AlertSpike:
		return say("", t.named(a.Subject), " brought ", n("item", "now"), " within ", days, ", against ", n("item", "before"), " in the ", before, " before")
	case feedback.AlertAccount:
		return say("", t.named(a.Subject), ", at ", t.num(Money, "", "", "/alert/arr"), " of ARR, made ", n("negative point", "now"), " in ", n("excerpt", "of"),
			" within ", days, ", against ", n("negative point", "before"), " in ", n("excerpt", "before_of"), " in the ", before, " before")
	}
	subject := []any{"Unassigned feedback"}
	if a.Subject != unassigned {
		subject = []any{t.named(a.Subject)}
	}
	if a.Numbers.New {
		return say("", subject, ", first heard on ", t.num(Date, "", "", "/alert/first_seen"), ", holds ", n("severe report", "now"), " in ", n("excerpt", "of"))
	}
	return say("", subject, " holds ", n("severe report", "now"), " within ", days, ", against ", n("severe report", "before"), " in the ", before, " before")
}

// CheckAlert verifies an alert's sentence against its numbers, as [Verify] does a Pulse's. Its errors are Invalid.
func CheckAlert(a feedback.Alert) error {
	if a.Sentence == "" {
		return nil
	}
	t, err := alertTeller(a)
	if err != nil {
		return err
	}
	claim, err := alertClaim(a)
	if err != nil {
		return err
	}
	if errs := t.check(claim); len(errs) > 0 {
		return feedback.Errorf(feedback.Invalid, "the alert's sentence does not hold: %w", errs[0])
	}
	if claim.String() != a.Sentence {
		return feedback.Errorf(feedback.Invalid, "the alert's sentence is not the one that was verified")
	}
	return nil
}
