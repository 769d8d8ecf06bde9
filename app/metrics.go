package app

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// bookMetrics shows the books at each scrape: what is counted once in the database would be wrong as a sum over the
// processes that did the work.
type bookMetrics struct {
	app         *App
	messages    *prometheus.Desc
	waiting     *prometheus.Desc
	unaccounted *prometheus.Desc
	lost        *prometheus.Desc
}

// scrapeTimeout bounds what a scrape may ask of the database and the queue.
const scrapeTimeout = 5 * time.Second

func newBookMetrics(a *App) *bookMetrics {
	desc := func(name, help string, labels ...string) *prometheus.Desc {
		return prometheus.NewDesc("earshot_books_"+name, help, labels, nil)
	}
	return &bookMetrics{
		app:         a,
		messages:    desc("messages_total", "Messages by what became of them.", "workspace", "source", "outcome"),
		waiting:     desc("waiting", "Messages in the queue without a verdict."),
		unaccounted: desc("unaccounted", "Messages without an outcome that do not wait; 0 whenever none is in flight."),
		lost:        desc("lost_total", "Messages that left the queue without an outcome."),
	}
}

// Describe implements prometheus.Collector.
func (m *bookMetrics) Describe(to chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{m.messages, m.waiting, m.unaccounted, m.lost} {
		to <- d
	}
}

// Collect implements prometheus.Collector. Where the database or the queue is away it shows nothing: both say so
// elsewhere, and a scrape must not fail as a whole.
func (m *bookMetrics) Collect(to chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), scrapeTimeout)
	defer cancel()
	books, err := m.app.Books(ctx)
	if err != nil {
		return
	}
	for _, a := range books.Accounts {
		for outcome, n := range a.Outcomes {
			to <- prometheus.MustNewConstMetric(m.messages, prometheus.CounterValue, float64(n), a.Workspace, a.Source, string(outcome))
		}
	}
	to <- prometheus.MustNewConstMetric(m.waiting, prometheus.GaugeValue, float64(books.Waiting))
	to <- prometheus.MustNewConstMetric(m.lost, prometheus.CounterValue, float64(books.Lost))
	if books.Settled() {
		to <- prometheus.MustNewConstMetric(m.unaccounted, prometheus.GaugeValue, float64(books.Unaccounted))
	}
}
