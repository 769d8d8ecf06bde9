package app

import (
	"net/url"
	"strings"

	"github.com/prometheus/client_golang/prometheus"

	"earshot/feedback"
	"earshot/report"
	"earshot/web"
)

// Pages gives the server of the pages and the API. It needs the queue.
func (a *App) Pages(version string) (*web.Server, error) {
	for _, c := range []prometheus.Collector{newBookMetrics(a), newIndexMetrics(a)} {
		if err := a.Registry.Register(c); err != nil {
			return nil, feedback.Errorf(feedback.Internal, "register the metrics: %w", err)
		}
	}
	hooks, err := a.Config.hooks()
	if err != nil {
		return nil, err
	}
	public, hosts := a.Config.hosts()
	return web.New(web.Config{
		Store: a.Store, Evidence: a.Store, Pulses: a.Store, Facts: a.Store, Queue: a.Queue, Books: a, Search: a, Decisions: a, Privacy: a,
		Schedules: a, Outbox: a, Alerts: a,
		Runs: a.Store, Steering: a, Unassigned: a.Store, Render: render, Ready: a.Ready,
		Registry: a.Registry, Log: a.log, Workspace: a.Config.Workspace, Version: version, Now: a.now,
		Hooks: hooks, Deliveries: a.Store, PublicHost: public, Hosts: hosts,
	})
}

// hosts gives the name under which readers reach the pages, if there is one, and the others that they answer to.
func (c *Config) hosts() (public string, others []string) {
	if u, err := url.Parse(c.PublicURL); err == nil {
		public = u.Hostname()
	}
	for name := range strings.SplitSeq(c.Hosts, ",") {
		if name = strings.TrimSpace(name); name != "" {
			others = append(others, name)
		}
	}
	return public, others
}

// render draws a Pulse that was kept.
func render(p feedback.Pulse, opts report.Options) ([]byte, error) {
	doc, err := report.ParseDocument(p.Document)
	if err != nil {
		return nil, err
	}
	opts.Erased = p.ErasedAt
	return report.HTML(doc, opts)
}
