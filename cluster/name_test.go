package cluster_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"

	"earshot/cluster"
	"earshot/feedback"
)

// written gives each group of texts a topic of its own, so that the words alone decide the names.
func written(groups ...[]string) []feedback.Point {
	var out []feedback.Point
	for topic, texts := range groups {
		for n, text := range texts {
			p := point(topic, n, 0.6)
			p.Text = text
			p.Excerpt = feedback.ExcerptID(p.Item, text, 0)
			out = append(out, p)
		}
	}
	return out
}

func TestNamesAreReadableVerbatimAndDistinct(t *testing.T) {
	m := &memory{points: written(
		[]string{"I was charged twice for the annual plan", "Charged twice again this month!", "We got charged twice on Monday", "Why was I charged twice?", "charged twice, please refund"},
		[]string{"The annual plan is too expensive", "Price of the annual plan went up", "Is there a discount on the annual plan?", "the annual plan costs too much"},
		[]string{"Die Anmeldung mit SSO geht nicht", "Bitte die Anmeldung mit SSO reparieren", "Seit Montag ist die Anmeldung mit SSO kaputt", "Keine Anmeldung mit SSO möglich"},
		[]string{"No puedo exportar las facturas", "Las facturas no se pueden exportar a PDF", "Quiero exportar las facturas del año", "exportar facturas falla siempre"},
		[]string{"L'application mobile plante au démarrage", "Elle plante au démarrage sur mon téléphone", "Ça plante au démarrage depuis mardi", "plante au démarrage, merci de corriger"},
	)}
	r := run(t, m)
	if len(r.Clusters) != 5 {
		t.Fatalf("%d clusters", len(r.Clusters))
	}
	for _, c := range r.Clusters {
		var texts []string
		for _, a := range r.Assignments {
			if a.Cluster == c.ID {
				at := slices.IndexFunc(m.points, func(p feedback.Point) bool { return p.Excerpt == a.Excerpt })
				texts = append(texts, m.points[at].Text)
			}
		}
		all := strings.Join(texts, "\n")
		for _, k := range c.Keywords {
			if !strings.Contains(all, k) {
				t.Errorf("keyword %q of %s stands in none of its excerpts", k, c.Name)
			}
		}
		if quoted := strings.Trim(c.Summary, "“”"); !slices.Contains(texts, quoted) {
			t.Errorf("summary %q quotes none of its excerpts", c.Summary)
		}
	}
	var got []string
	for _, c := range r.Clusters {
		got = append(got, c.Name)
	}
	slices.Sort(got)
	want := []string{"Anmeldung mit SSO", "Annual plan", "Charged twice", "Exportar las facturas", "Plante au démarrage"}
	if !slices.Equal(got, want) {
		t.Errorf("names %q, want %q", got, want)
	}
}

func TestClustersThatSayTheSameStillHaveTheirOwnNames(t *testing.T) {
	same := []string{"Great app", "great app", "Great app!", "great App"}
	m := &memory{points: written(same, same, same, []string{"?", "!!", "…", "-"})}
	r := run(t, m) // check wants distinct names
	if len(r.Clusters) != 4 {
		t.Fatalf("%d clusters", len(r.Clusters))
	}
}

func TestALongExcerptIsQuotedByItsBeginning(t *testing.T) {
	long := strings.Repeat("the exported file has the wrong columns ", 10) + "\nand more"
	r := run(t, &memory{points: written([]string{long, long + "a", long + "b", long + "c"})})
	s := r.Clusters[0].Summary
	if !strings.HasSuffix(s, " …”") || !strings.HasPrefix(long, strings.TrimSuffix(strings.TrimPrefix(s, "“"), " …”")) || len([]rune(s)) > 150 {
		t.Errorf("summary %q", s)
	}
}

func TestFloorLetsInMembersAndKeepsOutOthers(t *testing.T) {
	r := run(t, &memory{points: topics(60, 60, 60)})
	for topic := range 3 {
		c := r.Clusters[slices.IndexFunc(r.Clusters, func(c feedback.Cluster) bool { return c.ID == home(t, r, topic, 60) })]
		in, out := 0, 0
		for n := 200; n < 300; n++ {
			if float64(feedback.Dot(point(topic, n, 0.8).Vector, c.Centroid)) >= c.Floor {
				in++
			}
			if float64(feedback.Dot(point((topic+1)%3, n, 0.8).Vector, c.Centroid)) >= c.Floor {
				out++
			}
		}
		if in < 75 || out > 0 {
			t.Errorf("of 100 new excerpts each, %d of %s's own topic and %d of another are over its floor %.2f", in, c.ID, out, c.Floor)
		}
	}
}

func TestNamesThatStandAreNotMadeAnew(t *testing.T) {
	m := &memory{points: topics(30, 25, 20)}
	run(t, m)
	for i := range m.standing.Clusters {
		m.standing.Clusters[i].Name = fmt.Sprintf("Pictures, photos %d", i)
	}
	for i := range m.standing.Themes {
		m.standing.Themes[i].Name = fmt.Sprintf("Photos, search %d", i)
	}
	again := run(t, m)
	for i, c := range again.Clusters {
		if c.Name != fmt.Sprintf("Pictures, photos %d", i) || !strings.HasPrefix(c.ThemeName, "Photos, search ") {
			t.Errorf("%s is called %q under %q", c.ID, c.Name, c.ThemeName)
		}
	}
	// The control: without names that stand they are made.
	for i := range m.standing.Clusters {
		m.standing.Clusters[i].Name = ""
	}
	for _, c := range run(t, m).Clusters {
		if strings.HasPrefix(c.Name, "Pictures") || strings.Contains(c.Name, ",") {
			t.Errorf("%s is called %q", c.ID, c.Name)
		}
	}
}

// namer is a language model that counts its calls.
type namer struct {
	calls int
	name  func(call int) (string, string, error)
}

func (n *namer) NameCluster(_ context.Context, keywords, excerpts []string) (string, string, error) {
	n.calls++
	if len(excerpts) == 0 {
		return "", "", errors.New("no excerpts")
	}
	return n.name(n.calls)
}

func TestALanguageModelNamesNewClustersOnce(t *testing.T) {
	n := &namer{name: func(call int) (string, string, error) { return fmt.Sprintf(" Name\n%d ", call), "It says\nthis", nil }}
	m := &memory{points: topics(30, 25, 20)}
	with := func(c *cluster.Config) { c.Namer = n }
	first := run(t, m, with)
	for i, c := range first.Clusters {
		if c.Name != fmt.Sprintf("Name %d", i+1) || c.Summary != "It says this" {
			t.Errorf("%s: %q, %q", c.ID, c.Name, c.Summary)
		}
	}
	second := run(t, m, with)
	if n.calls != 3 {
		t.Errorf("%d calls for 3 clusters in two runs", n.calls)
	}
	if second.Clusters[0].Name != "Name 1" || second.Clusters[0].Summary != "It says this" {
		t.Errorf("%+v", second.Clusters[0])
	}
}

func TestALanguageModelThatFailsOrRepeatsItselfIsDoneWithout(t *testing.T) {
	for name, answer := range map[string]func(int) (string, string, error){
		"fails":   func(int) (string, string, error) { return "", "", errors.New("out of budget") },
		"repeats": func(int) (string, string, error) { return "Feedback", "", nil },
		"empty":   func(int) (string, string, error) { return " ", "", nil },
	} {
		var log bytes.Buffer
		n := &namer{name: answer}
		r := run(t, &memory{points: topics(30, 25, 20)}, func(c *cluster.Config) {
			c.Namer = n
			c.Log = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelWarn}))
		})
		if len(r.Clusters) != 3 || !strings.EqualFold(r.Clusters[2].Name, topicWords[2]) {
			t.Errorf("%s: %+v", name, r.Clusters)
		}
		if name == "fails" && (n.calls != 1 || strings.Count(log.String(), "\n") != 1) {
			t.Errorf("%d calls, logged %q", n.calls, log.String())
		}
	}
}
