package report

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"earshot/feedback"
)

// spoken is one excerpt of a simulated workspace; hour counts from its beginning.
type spoken struct {
	hour, topic, account int
	severe, negative     bool
}

const (
	simTopics   = 20
	simAccounts = 12
	simDays     = feedback.AccountPast + 2*feedback.AccountDays + 1
)

var simStart = date(2026, 1, 5)

// simulate speaks as a quiet workspace does: every topic has its rate, weekends are half as full as weekdays, some days
// are fuller than others for all topics, every account has its temper, and nothing changes but by chance.
func simulate(seed uint64) []spoken {
	rng := rand.New(rand.NewPCG(seed, 7))
	var rates, tempers []float64
	for range simTopics {
		rates = append(rates, 0.1+5*rng.Float64()*rng.Float64()*rng.Float64())
	}
	for range simAccounts {
		tempers = append(tempers, 0.1+0.7*rng.Float64())
	}
	var all []spoken
	for day := range simDays {
		fullness := 0.7 + 0.6*rng.Float64()
		if day%7 >= 5 {
			fullness /= 2
		}
		for topic, rate := range rates {
			for range poisson(rng, rate*fullness) {
				account := rng.IntN(60) // most speakers are small
				s := spoken{hour: 24*day + rng.IntN(24), topic: topic + 1, account: account, severe: rng.Float64() < 0.04}
				if account < simAccounts {
					s.negative = rng.Float64() < tempers[account]
				} else {
					s.negative = rng.Float64() < 0.4
				}
				all = append(all, s)
			}
		}
	}
	slices.SortStableFunc(all, func(a, b spoken) int { return a.hour - b.hour })
	return all
}

// watchAt gives what is watched at an hour.
func watchAt(all []spoken, hour int) feedback.Watch {
	const spans = feedback.WatchDays + feedback.WatchBefore
	w := feedback.Watch{Workspace: "sim", At: simStart.Add(time.Duration(hour) * time.Hour), Oldest: simStart, ARR: 20e6}
	speakers, victims := make([]map[int]bool, simTopics+2), make([]map[int]bool, simTopics+2)
	for id := range simTopics + 2 {
		w.Topics = append(w.Topics, feedback.TopicWatch{Cluster: feedback.ClusterID(id), Name: fmt.Sprintf("topic %d", id),
			Items: make([]int, spans), Excerpts: make([]int, spans), Severe: make([]int, spans)})
		speakers[id], victims[id] = map[int]bool{}, map[int]bool{}
	}
	for id := range simAccounts {
		w.Accounts = append(w.Accounts, feedback.AccountWatch{ID: fmt.Sprintf("c%02d", id), Name: fmt.Sprintf("Account %d", id), ARR: float64(1e6 - 1000*id)})
	}
	for i, s := range all {
		if s.hour >= hour {
			break
		}
		t := &w.Topics[s.topic]
		if t.FirstSeen.IsZero() {
			t.FirstSeen = simStart.Add(time.Duration(s.hour) * time.Hour)
		}
		span := (hour - 1 - s.hour) / 24
		if span < spans {
			t.Items[span]++
			t.Excerpts[span]++
			if s.severe {
				t.Severe[span]++
			}
			if span < feedback.WatchDays {
				speakers[s.topic][s.account] = true
				id := feedback.ID{byte(i >> 8), byte(i)}
				t.Quotes = append(t.Quotes, feedback.Quote{Excerpt: id, Item: id, End: 8, Text: "so it is", Source: "tickets",
					OccurredAt: simStart.Add(time.Duration(s.hour) * time.Hour)})
			}
			if s.severe && span < newTopicDays {
				victims[s.topic][s.account] = true
			}
		}
		if s.account < simAccounts && span < feedback.AccountDays+feedback.AccountPast {
			a := &w.Accounts[s.account]
			n, bad := &a.Now, &a.Negative
			if span >= feedback.AccountDays {
				n, bad = &a.Before, &a.BeforeNegative
			}
			*n++
			if s.negative {
				*bad++
			}
		}
	}
	for id := range w.Topics {
		w.Topics[id].Speakers, w.Topics[id].Victims = len(speakers[id]), len(victims[id])
	}
	return w
}

// lookFor looks again and again for days, and gives every alert that was raised, as it was last seen.
func lookFor(t *testing.T, all []spoken, fromHour, days, each int) (raised []feedback.Alert) {
	t.Helper()
	var open []feedback.Alert
	seen := map[feedback.ID]feedback.Alert{}
	var order []feedback.ID
	for hour := fromHour; hour < fromHour+24*days; hour += each {
		open = slices.DeleteFunc(open, func(feedback.Alert) bool { return true })
		for _, a := range seen {
			if a.Open {
				open = append(open, a)
			}
		}
		for _, a := range Detect(watchAt(all, hour), open) {
			if err := CheckAlert(a); err != nil || a.Sentence == "" {
				t.Errorf("%s %s: %q %v", a.Kind, a.Subject, a.Sentence, err)
			}
			if _, ok := seen[a.ID]; !ok {
				order = append(order, a.ID)
			}
			seen[a.ID] = a
		}
	}
	for _, id := range order {
		raised = append(raised, seen[id])
	}
	return raised
}

const quietFrom = 24 * (feedback.AccountPast + feedback.AccountDays)

// Two hundred fortnights in which nothing happens, looked at every three hours (neighbouring hours hardly
// differ): at most one in twenty raises anything.
func TestQuietFortnightsRaiseHardlyAnyAlert(t *testing.T) {
	loud, kinds := 0, map[feedback.AlertKind]int{}
	for seed := range uint64(200) {
		raised := lookFor(t, simulate(seed), quietFrom, 14, 3)
		if len(raised) > 0 {
			loud++
			kinds[raised[0].Kind]++
		}
	}
	t.Logf("%d of 200 quiet fortnights raised an alert: %v", loud, kinds)
	if loud > 10 {
		t.Errorf("%d of 200 quiet fortnights raised an alert: %v", loud, kinds)
	}
}

func TestWhatIsPlantedIsFound(t *testing.T) {
	event := quietFrom + 24*4
	for name, c := range map[string]struct {
		plant   func(all []spoken) []spoken
		kind    feedback.AlertKind
		subject string
		says    string
	}{
		"a spike": {func(all []spoken) []spoken {
			for i := range 14 {
				all = append(all, spoken{hour: event + i, topic: 3, account: 20 + i})
			}
			return all
		}, feedback.AlertSpike, "C3", "‘Topic 3’ brought"},
		"severe reports in a new topic": {func(all []spoken) []spoken {
			for i := range 6 {
				all = append(all, spoken{hour: event + 5*i, topic: simTopics + 1, account: 20 + i, severe: i != 2})
			}
			return all
		}, feedback.AlertSevere, fmt.Sprint("C", simTopics+1), "first heard on 23 April, holds"},
		"severe reports in no topic": {func(all []spoken) []spoken {
			for i := range 7 {
				all = append(all, spoken{hour: event + 2*i, topic: 0, account: 20 + i, severe: true})
			}
			return all
		}, feedback.AlertSevere, "unassigned", "Unassigned feedback holds"},
		"a large account that turned": {func(all []spoken) []spoken {
			for i := range all {
				if all[i].account == 5 && all[i].hour < event {
					all[i].negative = i%9 == 0
				}
			}
			for i := range 8 {
				all = append(all, spoken{hour: event + 10*i, topic: 1 + i, account: 5, negative: true})
			}
			return all
		}, feedback.AlertAccount, "account:c05", "Account 5, at 995k of ARR, made"},
	} {
		t.Run(name, func(t *testing.T) {
			all := c.plant(simulate(1000))
			slices.SortStableFunc(all, func(a, b spoken) int { return a.hour - b.hour })
			var found []feedback.Alert
			for _, a := range lookFor(t, all, quietFrom, 14, 1) {
				if a.Kind == c.kind && a.Subject == c.subject {
					found = append(found, a)
				}
			}
			if len(found) != 1 {
				t.Fatalf("raised %d times", len(found))
			}
			a := found[0]
			if !strings.Contains(a.Sentence, c.says) || a.Numbers.Now == 0 || a.Peak < a.Numbers.Now {
				t.Errorf("%q, %+v", a.Sentence, a)
			}
			if opened := int(a.OpenedAt.Sub(simStart).Hours()); opened <= event || opened > event+24*4 {
				t.Errorf("raised %d hours after it began", opened-event)
			}
			if c.kind == feedback.AlertSpike && (a.Open || a.Revision > 3 || a.ClosedAt.Sub(a.OpenedAt) < 24*time.Hour) {
				t.Errorf("it did not end as it should: %+v", a)
			}
		})
	}
}

// What looks like an event and is none.
func TestWhatIsNoAlert(t *testing.T) {
	event := quietFrom + 24*4
	for name, plant := range map[string]func(all []spoken) []spoken{
		"one who writes fourteen times": func(all []spoken) []spoken {
			for i := range 14 {
				all = append(all, spoken{hour: event, topic: simTopics + 1, account: 30 + i%2})
			}
			return all
		},
		"everything doubles for two days": func(all []spoken) []spoken {
			for _, s := range slices.Clone(all) {
				if s.hour >= event && s.hour < event+48 {
					s.severe = false
					all = append(all, s)
				}
			}
			return all
		},
		"one severe report": func(all []spoken) []spoken {
			return append(all, spoken{hour: event, topic: 3, account: 40, severe: true})
		},
		"a small account that turned": func(all []spoken) []spoken {
			for i := range 8 {
				all = append(all, spoken{hour: event + 10*i, topic: 1 + i, account: 50, negative: true})
			}
			return all
		},
	} {
		all := plant(simulate(1000))
		slices.SortStableFunc(all, func(a, b spoken) int { return a.hour - b.hour })
		for _, a := range lookFor(t, all, quietFrom, 8, 1) {
			t.Errorf("%s: %s", name, a.Sentence)
		}
	}
	if raised := lookFor(t, simulate(1000), quietFrom, 14, 1); len(raised) > 0 {
		t.Errorf("without any plant: %v", raised[0].Sentence)
	}
}

func TestAYoungWorkspaceRaisesNoSpike(t *testing.T) {
	all := simulate(3)
	for i := range 40 {
		all = append(all, spoken{hour: 24*10 + i/4, topic: 3, account: i})
	}
	slices.SortStableFunc(all, func(a, b spoken) int { return a.hour - b.hour })
	for _, a := range Detect(watchAt(all, 24*11), nil) {
		t.Error(a.Sentence)
	}
	if got := Detect(feedback.Watch{At: simStart}, nil); len(got) != 0 {
		t.Errorf("of nothing: %v", got)
	}
}

func planted(t *testing.T) feedback.Alert {
	t.Helper()
	all := simulate(1000)
	for i := range 14 {
		all = append(all, spoken{hour: quietFrom - 10, topic: 3, account: 20 + i})
	}
	slices.SortStableFunc(all, func(a, b spoken) int { return a.hour - b.hour })
	for _, a := range Detect(watchAt(all, quietFrom), nil) {
		if a.Subject == "C3" {
			return a
		}
	}
	t.Fatal("no alert")
	return feedback.Alert{}
}

func TestAnAlertIsUpdatedAndTellsMoreOnlyWhenItDoubles(t *testing.T) {
	a := planted(t)
	first := a.Numbers.Now
	all := simulate(1000)
	for i := range 14 {
		all = append(all, spoken{hour: quietFrom - 10, topic: 3, account: 20 + i})
	}
	more := slices.Clone(all)
	for i := range 20 {
		more = append(more, spoken{hour: quietFrom, topic: 3, account: 20 + i})
	}
	byHour := func(a, b spoken) int { return a.hour - b.hour }
	slices.SortStableFunc(all, byHour)
	slices.SortStableFunc(more, byHour)
	same := Detect(watchAt(all, quietFrom+1), []feedback.Alert{a})
	if len(same) != 1 || same[0].ID != a.ID || same[0].Revision != 1 || !same[0].Open || !same[0].OpenedAt.Equal(a.OpenedAt) {
		t.Errorf("%+v", same)
	}
	grown := Detect(watchAt(more, quietFrom+1), []feedback.Alert{a})
	if len(grown) != 1 || grown[0].Revision != 2 || grown[0].Peak < 2*first || AlertTitle(grown[0]) != "Spike, grown" {
		t.Errorf("%+v", grown)
	}
}

func TestATopicThatIsSevereAndSpikesHasOneAlert(t *testing.T) {
	all := simulate(1000)
	for i := range 14 {
		all = append(all, spoken{hour: quietFrom - 10, topic: 3, account: 20 + i, severe: true})
	}
	slices.SortStableFunc(all, func(a, b spoken) int { return a.hour - b.hour })
	raised := Detect(watchAt(all, quietFrom), nil)
	if len(raised) != 1 || raised[0].Kind != feedback.AlertSevere || raised[0].Subject != "C3" {
		t.Fatalf("%+v", raised)
	}
	if again := Detect(watchAt(all, quietFrom+1), raised); len(again) != 1 || again[0].ID != raised[0].ID {
		t.Errorf("at the next look: %+v", again)
	}
}

func TestAChangedNumberOrNameOfAnAlertIsCaught(t *testing.T) {
	fine := planted(t)
	if err := CheckAlert(fine); err != nil {
		t.Fatal(err)
	}
	for name, spoil := range map[string]func(*feedback.Alert){
		"a number":   func(a *feedback.Alert) { a.Numbers.Now++ },
		"a baseline": func(a *feedback.Alert) { a.Numbers.Before-- },
		"a name":     func(a *feedback.Alert) { a.Name = "another" },
		"a subject":  func(a *feedback.Alert) { a.Subject = "C4" },
		"a sentence": func(a *feedback.Alert) { a.Sentence += " Really." },
		"a claim": func(a *feedback.Alert) {
			a.Claim = []byte(strings.Replace(string(a.Claim), " brought ", " doubled to ", 1))
		},
	} {
		a := fine
		spoil(&a)
		if err := CheckAlert(a); feedback.ErrorCode(err) != feedback.Invalid {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestAlertsKeepTheFormsOfTheirTargets(t *testing.T) {
	a := planted(t)
	nasty := a
	nasty.Name = "<script>alert(1)</script> <!channel> *x* " + strings.Repeat("long ", 200)
	nasty.Evidence[0].Text = "</bdi><img src=x onerror=alert(1)>\r\n<@U1>"
	nasty = describe(nasty, feedback.Watch{Workspace: "sim", At: a.UpdatedAt}, suspect{name: nasty.Name, subject: a.Subject, numbers: a.Numbers, quotes: nasty.Evidence})
	for _, a := range []feedback.Alert{a, nasty} {
		message, err := AlertSlack(a, "https://earshot.example/alerts")
		if err != nil {
			t.Fatal(err)
		}
		for _, w := range slackBreaks(message) {
			t.Error(w)
		}
		letter, err := AlertMail(a, mailOptions())
		if err != nil {
			t.Fatal(err)
		}
		text, page, _ := readMail(t, letter)
		if strings.Contains(string(page), "<script") || strings.Contains(string(page), "<img") || len(text) == 0 || a.Sentence == "" {
			t.Errorf("%s", page)
		}
		if data, err := AlertJSON(a, ""); err != nil || !strings.Contains(string(data), AlertSchema) {
			t.Errorf("%s %v", data, err)
		}
	}
}
