package web

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"html/template"
	"net/http"
	"net/url"

	"earshot/feedback"
	"earshot/report"
)

//go:embed assets
var assets embed.FS

// pages answers what people look at.
type pages struct {
	server    *Server
	templates map[string]*template.Template
	style     []byte
	styleHref string
}

// pageNames are the templates, each of which defines "content" for base.html.
var pageNames = []string{"clusters", "cluster", "decisions", "parts", "search", "excerpt", "features", "alerts", "first", "problem", "archive", "check",
	"runs", "run", "unassigned", "theme"}

func newPages(s *Server) (*pages, error) {
	own, err := assets.ReadFile("assets/style.css")
	if err != nil {
		return nil, err
	}
	style := append([]byte(report.Palette()), own...)
	sum := sha256.Sum256(style)
	p := &pages{server: s, style: style, templates: make(map[string]*template.Template),
		// The address changes with the content, so that a browser may keep it for good.
		styleHref: "/assets/style.css?v=" + hex.EncodeToString(sum[:6])}
	for _, name := range pageNames {
		t, err := template.New(name).Funcs(template.FuncMap{"placing": placing}).ParseFS(assets, "assets/base.html", "assets/"+name+".html")
		if err != nil {
			return nil, err
		}
		p.templates[name] = t
	}
	return p, nil
}

func (p *pages) register(mux *http.ServeMux) {
	mux.HandleFunc("GET /assets/style.css", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/css; charset=utf-8")
		w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
		_, _ = w.Write(p.style) // the client may be gone, and then nobody is left to tell
	})
	for pattern, answer := range map[string]func(http.ResponseWriter, *http.Request, frame) error{
		"GET /{$}":                      p.home,
		"GET /pulses":                   p.archive,
		"GET /pulses/{id}":              p.pulse,
		"GET /pulses/{id}/check":        p.checkPulse,
		"GET /clusters":                 p.clusters,
		"GET /clusters/{id}":            p.cluster,
		"GET /excerpts/{id}":            p.excerpt,
		"GET /search":                   p.search,
		"GET /features":                 p.features,
		"GET /alerts":                   p.alerts,
		"GET /decisions":                p.decisions,
		"GET /clusters/{id}/parts":      p.parts,
		"POST /clusters/{id}/decisions": p.decide,
		"POST /decisions/{id}/undo":     p.undo,
		"GET /themes/{id}":              p.theme,
		"GET /unassigned":               p.unassigned,
		"GET /runs":                     p.runs,
		"GET /runs/{id}":                p.run,
		"POST /runs/{id}/apply":         p.decideRun(p.server.cfg.Steering.ApplyRun),
		"POST /runs/{id}/discard":       p.decideRun(p.server.cfg.Steering.DiscardRun),
		"POST /runs/rollback":           p.rollback,
	} {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
			f, err := p.frame(r)
			if err == nil {
				err = answer(w, r, f)
			}
			if err != nil {
				p.server.fail(w, r, err)
			}
		})
	}
}

// frame is what every page has around its content.
type frame struct {
	Title     string
	Style     string
	Workspace string
	Nav       []anchor
	named     string // the workspace, where it is not the server's own: links keep it
}

// anchor is a link of a list.
type anchor struct {
	Text, Href, Note string
	Here             bool
}

func (p *pages) frame(r *http.Request) (frame, error) {
	f := frame{Style: p.styleHref, Workspace: p.server.cfg.Workspace}
	if w := r.URL.Query().Get("workspace"); w != "" && w != f.Workspace {
		if err := feedback.CheckWorkspace(w); err != nil {
			return frame{}, err
		}
		f.Workspace, f.named = w, w
	}
	for _, a := range []anchor{{Text: "Pulse", Href: "/"}, {Text: "Topics", Href: "/clusters"}, {Text: "Features", Href: "/features"}, {Text: "Alerts", Href: "/alerts"}, {Text: "Decisions", Href: "/decisions"}, {Text: "Runs", Href: "/runs"}, {Text: "Search", Href: "/search"}, {Text: "Archive", Href: "/pulses"}} {
		a.Here, a.Href = r.URL.Path == a.Href, f.href(a.Href)
		f.Nav = append(f.Nav, a)
	}
	return f, nil
}

// href gives the address of a page of the same workspace; the query is names and values by turns.
func (f frame) href(path string, query ...string) string {
	values := make(url.Values)
	for i := 0; i+1 < len(query); i += 2 {
		values.Set(query[i], query[i+1])
	}
	if f.named != "" {
		values.Set("workspace", f.named)
	}
	if len(values) == 0 {
		return path
	}
	return path + "?" + values.Encode()
}

// find is the search box.
type find struct{ Query, Hidden string }

// show draws a page whole before the first byte of it is sent, so that a fault is an error and not half a page.
func (p *pages) show(w http.ResponseWriter, status int, name string, content any) error {
	var page bytes.Buffer
	if err := p.templates[name].ExecuteTemplate(&page, "base", content); err != nil {
		return feedback.Errorf(feedback.Internal, "draw the page %s: %w", name, err)
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-cache")
	w.WriteHeader(status)
	_, _ = page.WriteTo(w) // the client may be gone, and then nobody is left to tell
	return nil
}

// headings say what happened in a person's words.
var headings = map[feedback.Code]string{
	feedback.Invalid:     "That can't be read",
	feedback.TooLarge:    "That is too much at once",
	feedback.NotFound:    "Not found",
	feedback.Conflict:    "That can't be done now",
	feedback.Unavailable: "Not available at the moment",
	feedback.Internal:    "Something went wrong",
}

// problem shows an error.
func (p *pages) problem(w http.ResponseWriter, r *http.Request, of *Problem) {
	f, err := p.frame(r)
	if err != nil {
		f = frame{Style: p.styleHref, Workspace: p.server.cfg.Workspace, Nav: []anchor{{Text: "Pulse", Href: "/"}}}
	}
	f.Title = headings[of.Code]
	err = p.show(w, of.GetStatus(), "problem", struct {
		frame
		Status, Heading, Message, Hint, Request string
	}{f, http.StatusText(of.GetStatus()), headings[of.Code], of.Message, of.Hint, requestID(r.Context())})
	if err != nil {
		p.server.cfg.Log.ErrorContext(r.Context(), "the error page failed", "request", requestID(r.Context()), "error", err)
		writeText(w, http.StatusInternalServerError, "something went wrong inside Earshot\n")
	}
}

// home shows the latest Pulse, or how to come by the first.
func (p *pages) home(w http.ResponseWriter, r *http.Request, f frame) error {
	pulse, err := p.server.cfg.Pulses.LatestPulse(r.Context(), f.Workspace)
	if feedback.ErrorCode(err) != feedback.NotFound {
		return p.showPulse(w, f, pulse, err)
	}
	list, err := p.server.cfg.Store.ClusterList(r.Context(), f.Workspace)
	if err != nil {
		return err
	}
	f.Title = "There is no Pulse yet"
	return p.show(w, http.StatusOK, "first", struct {
		frame
		Intro, Base string
	}{f, standing(list), "http://" + r.Host})
}

func (p *pages) pulse(w http.ResponseWriter, r *http.Request, f frame) error {
	pulse, err := p.server.cfg.Pulses.PulseByID(r.Context(), f.Workspace, r.PathValue("id"))
	return p.showPulse(w, f, pulse, err)
}

func (p *pages) showPulse(w http.ResponseWriter, f frame, pulse feedback.Pulse, err error) error {
	if err != nil {
		return err
	}
	opts := report.Options{BaseURL: "/", Workspace: f.named}
	for _, a := range f.Nav {
		opts.Nav = append(opts.Nav, report.NavLink{Text: a.Text, Href: a.Href, Here: a.Here})
	}
	page, err := p.server.cfg.Render(pulse, opts)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Security-Policy", contentPolicy(styleHashes(page)...))
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-cache")
	_, _ = w.Write(page) // the client may be gone, and then nobody is left to tell
	return nil
}
