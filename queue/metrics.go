package queue

import "github.com/prometheus/client_golang/prometheus"

// Metrics are the figures of all consumers of a process, by stage.
type Metrics struct {
	messages *prometheus.CounterVec
	panics   *prometheus.CounterVec
	seconds  *prometheus.HistogramVec
	size     *prometheus.HistogramVec
	pending  *prometheus.GaugeVec
	paused   *prometheus.GaugeVec
}

// NewMetrics registers the queue's figures with reg. It panics where they are registered already, as [prometheus]
// does: make one for a process.
func NewMetrics(reg prometheus.Registerer) *Metrics {
	m := newMetrics()
	reg.MustRegister(m.messages, m.panics, m.seconds, m.size, m.pending, m.paused)
	return m
}

func newMetrics() *Metrics {
	stage := []string{"stage"}
	return &Metrics{
		messages: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "earshot_queue_messages_total",
			Help: "Deliveries by what became of them: done, buried (dead letter), later (something was away), retry (failed).",
		}, []string{"stage", "verdict"}),
		panics: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "earshot_queue_panics_total",
			Help: "Calls of a stage that panicked.",
		}, stage),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name:    "earshot_queue_batch_seconds",
			Help:    "Time from a pulled batch to its last acknowledgement.",
			Buckets: prometheus.ExponentialBuckets(0.002, 2.5, 12),
		}, stage),
		size: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name:    "earshot_queue_batch_messages",
			Help:    "Messages in a pulled batch.",
			Buckets: prometheus.ExponentialBuckets(1, 3, 8),
		}, stage),
		pending: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "earshot_queue_pending_messages",
			Help: "Messages not delivered yet, as of the last delivery.",
		}, stage),
		paused: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "earshot_queue_paused",
			Help: "1 while pulling pauses because something the stage needs is away.",
		}, stage),
	}
}
