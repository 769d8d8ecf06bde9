package app

import (
	"context"
	"fmt"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"earshot/postgres"
)

// foldEvery is how often the schedule looks whether a part of the index is due.
const foldEvery = time.Minute

// fold builds the parts of the index that are due, one after the other. While the queue is at work it builds one alone, and
// only where so many excerpts came that they make a whole one: a part takes a core of the database for some seconds.
func (a *App) fold(ctx context.Context) error {
	for {
		f := postgres.DefaultFolding(a.models.embedder.Model())
		status, err := a.Queue.Status(ctx)
		if err != nil {
			return err
		}
		if !status.Drained() {
			f.Least = f.Most
		}
		began := a.now()
		done, err := a.Store.FoldVectors(ctx, f)
		if err != nil || done.Excerpts == 0 {
			return err
		}
		a.log.Info("built a part of the index", "workspace", done.Workspace, "excerpts", done.Excerpts,
			"took", a.now().Sub(began).Round(time.Millisecond))
		if !status.Drained() {
			return nil
		}
	}
}

// indexMetrics shows at each scrape how far the index lags, for the workspaces that have one or are due for one.
type indexMetrics struct {
	app     *App
	indexed *prometheus.Desc
	lag     *prometheus.Desc
	age     *prometheus.Desc
}

func newIndexMetrics(a *App) *indexMetrics {
	desc := func(name, help string) *prometheus.Desc {
		return prometheus.NewDesc("earshot_index_"+name, help, []string{"workspace"}, nil)
	}
	return &indexMetrics{
		app:     a,
		indexed: desc("excerpts", "Excerpts that the index of their vectors holds."),
		lag:     desc("lag_excerpts", "Analysed excerpts that the index does not hold yet; a search scans them."),
		age:     desc("lag_seconds", "Seconds since the oldest of them was analysed; 0 where there is none."),
	}
}

// Describe implements prometheus.Collector.
func (m *indexMetrics) Describe(to chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{m.indexed, m.lag, m.age} {
		to <- d
	}
}

// Collect implements prometheus.Collector. Where the database is away it shows nothing, as bookMetrics does.
func (m *indexMetrics) Collect(to chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), scrapeTimeout)
	defer cancel()
	states, err := m.app.Store.IndexStates(ctx, postgres.DefaultFolding(m.app.models.embedder.Model()))
	if err != nil {
		return
	}
	for _, s := range states {
		to <- prometheus.MustNewConstMetric(m.indexed, prometheus.GaugeValue, float64(s.Indexed), s.Workspace)
		to <- prometheus.MustNewConstMetric(m.lag, prometheus.GaugeValue, float64(s.Behind), s.Workspace)
		to <- prometheus.MustNewConstMetric(m.age, prometheus.GaugeValue, s.Oldest, s.Workspace)
	}
}

// index says how far the index lags behind what was analysed, over all workspaces.
func (d *doctor) index(ctx context.Context, a *App) {
	f := postgres.DefaultFolding(a.models.embedder.Model())
	states, err := a.Store.IndexStates(ctx, f)
	if err != nil {
		d.add("index", Broken, "", err)
		return
	}
	parts, indexed, behind, due := 0, 0, 0, 0
	for _, s := range states {
		parts, indexed, behind = parts+s.Parts, indexed+s.Indexed, behind+s.Behind
		if s.Behind >= f.Least {
			due++
		}
	}
	found := fmt.Sprintf("%d excerpts (parts: %d), %d after them that a search scans", indexed, parts, behind)
	switch {
	case len(states) == 0:
		d.add("index", Fine, fmt.Sprintf("none is needed: a search scans fewer than %d excerpts of each workspace", f.Least), nil)
	case due > 0:
		d.add("index", Warning, found, nil, "earshot serve builds the next part when its queue is idle; until then searches take longer")
	default:
		d.add("index", Fine, found, nil)
	}
}
