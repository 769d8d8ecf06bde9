package web

import (
	"cmp"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"earshot/feedback"
)

// formBytes bounds the form of a decision.
const formBytes = 64 << 10

// actorCookie remembers who decided last in this browser, for the next form.
const actorCookie = "earshot-name"

// logSize is how many decisions a page of the log shows.
const logSize = 50

// forms is what the forms of a cluster's page need.
type forms struct {
	Action, Split, Actor string
	Hidden, Confirmed    bool
	OwnName              string
	Others               []option
	Log                  []logLine
	LogHref              string
}

// option is a choice of a form.
type option struct{ Value, Text string }

// logLine is one decision in words.
type logLine struct {
	ID                                int
	When, Date, Who, What, Why, State string
	Undo                              string // where to take it back; "" where it cannot be
	Href                              string
}

// deciding gathers it, for a cluster that stands.
func (p *pages) deciding(r *http.Request, f frame, view feedback.ClusterView) (*forms, error) {
	id := view.Cluster.ID
	log, err := p.server.cfg.Decisions.Decisions(r.Context(), f.Workspace, id, 0, 10)
	if err != nil {
		return nil, err
	}
	d := &forms{Action: f.href("/clusters/" + id.String() + "/decisions"), Split: f.href("/clusters/" + id.String() + "/parts"),
		Actor: actor(r), Hidden: view.Cluster.Hidden, Confirmed: view.Cluster.Confirmed, OwnName: clip(view.Cluster.OwnName, nameLimit),
		Log: logLines(f, log), LogHref: f.href("/decisions", "cluster", id.String())}
	if view.Cluster.Retired {
		return d, nil
	}
	list, err := p.server.cfg.Store.ClusterList(r.Context(), f.Workspace)
	if err != nil {
		return nil, err
	}
	for _, v := range slices.Concat(list.Clusters, list.Hidden) {
		if v.Cluster.ID != id {
			d.Others = append(d.Others, option{v.Cluster.ID.String(), clip(clusterName(v.Cluster.ID, v.Cluster.Name), 60)})
		}
	}
	slices.SortFunc(d.Others, func(a, b option) int { return cmp.Compare(strings.ToLower(a.Text), strings.ToLower(b.Text)) })
	return d, nil
}

// place is what the form of one excerpt needs.
type place struct {
	*forms
	Excerpt string
}

func placing(d *forms, excerpt string) place { return place{d, excerpt} }

func actor(r *http.Request) string {
	c, err := r.Cookie(actorCookie)
	if err != nil {
		return ""
	}
	name, err := url.QueryUnescape(c.Value)
	if err != nil {
		return ""
	}
	return clip(name, feedback.MostActorRunes)
}

func logLines(f frame, log []feedback.Decision) []logLine {
	lines := make([]logLine, len(log))
	for i, d := range log {
		lines[i] = logLine{ID: d.ID, When: d.At.UTC().Format("2006-01-02T15:04:05Z"), Date: date(d.At) + d.At.UTC().Format(", 15:04"), Who: clip(d.Actor, nameLimit),
			What: clip(d.String(), 200), Why: d.Note, State: stateOf(d)}
		if d.UndoneBy == 0 && d.Kind != feedback.DecideUndo {
			lines[i].Undo = f.href("/decisions/" + strconv.Itoa(d.ID) + "/undo")
		}
		if d.Cluster != 0 {
			lines[i].Href = f.href("/clusters/" + d.Cluster.String())
		}
	}
	return lines
}

// stateOf says whether a decision holds.
func stateOf(d feedback.Decision) string {
	switch {
	case d.UndoneBy != 0:
		return fmt.Sprintf("undone by %d", d.UndoneBy)
	case d.Kind == feedback.DecideUndo:
		return ""
	case d.Named > 0 && d.Gone == d.Named:
		return "without object: what it named is gone"
	case d.Cluster != 0 && d.Now == 0:
		return "without object: the topic has ended"
	case d.Gone > 0:
		return "holds; " + plural(d.Gone, "excerpt") + " gone"
	}
	return "holds"
}

// decisions shows the log.
func (p *pages) decisions(w http.ResponseWriter, r *http.Request, f frame) error {
	var id feedback.ClusterID
	title, cluster := "Decisions", r.URL.Query().Get("cluster")
	if cluster != "" {
		var err error
		if id, err = feedback.ParseClusterID(cluster); err != nil {
			return err
		}
		title += " about " + id.String()
	}
	before, err := number(r.URL.Query().Get("before"))
	if err != nil {
		return err
	}
	log, err := p.server.cfg.Decisions.Decisions(r.Context(), f.Workspace, id, before, logSize)
	if err != nil {
		return err
	}
	older := ""
	if len(log) == logSize && log[logSize-1].ID > 1 {
		query := []string{"before", strconv.Itoa(log[logSize-1].ID)}
		if id != 0 {
			query = append(query, "cluster", id.String())
		}
		older = f.href("/decisions", query...)
	}
	f.Title = title
	return p.show(w, http.StatusOK, "decisions", struct {
		frame
		Heading, Actor, Older string
		Log                   []logLine
	}{f, title, actor(r), older, logLines(f, log)})
}

// parts shows into which parts a cluster would fall.
func (p *pages) parts(w http.ResponseWriter, r *http.Request, f frame) error {
	id, err := feedback.ParseClusterID(r.PathValue("id"))
	if err != nil {
		return err
	}
	view, err := p.server.cfg.Store.ClusterByID(r.Context(), f.Workspace, id)
	if err != nil {
		return err
	}
	parts, err := p.server.cfg.Decisions.Parts(r.Context(), f.Workspace, id)
	if err != nil {
		return err
	}
	type row struct {
		Part, Size                    int
		Name, Summary, Words, Excerpt string
	}
	var rows []row
	for i, part := range parts {
		rows = append(rows, row{Part: i + 1, Size: len(part.Excerpts), Name: clip(part.Name, nameLimit), Summary: clip(part.Summary, 300),
			Words: clip(strings.Join(part.Keywords, ", "), 200), Excerpt: plural(len(part.Excerpts), "excerpt")})
	}
	name := clusterName(id, view.Cluster.Name)
	f.Title = "Parts of " + clip(name, 60)
	return p.show(w, http.StatusOK, "parts", struct {
		frame
		ID, Name, Back, Action, Actor string
		Parts                         []row
	}{f, id.String(), name, f.href("/clusters/" + id.String()), f.href("/clusters/" + id.String() + "/decisions"), actor(r), rows})
}

// decide takes the form of a cluster's page, and shows the cluster that the decision is about.
func (p *pages) decide(w http.ResponseWriter, r *http.Request, f frame) error {
	id, err := feedback.ParseClusterID(r.PathValue("id"))
	if err != nil {
		return err
	}
	d, err := p.form(w, r)
	if err != nil {
		return err
	}
	in := decisionIn{Kind: feedback.DecisionKind(r.PostForm.Get("kind")), Other: r.PostForm.Get("other"), Name: r.PostForm.Get("name"),
		Feature: r.PostForm.Get("feature"), Excerpts: r.PostForm["excerpt"], Cluster: id.String(), Actor: d.Actor, Note: d.Note}
	show := id
	switch in.Kind {
	case feedback.DecideMove:
		in.Cluster, in.Other = in.Other, ""
	case feedback.DecidePin:
		in.Cluster = ""
	case feedback.DecideRenameTheme:
		in.Cluster, in.Theme = "", r.PostForm.Get("theme")
	case feedback.DecideMerge:
		if r.PostForm.Get("into") != "" { // this one ends in the other
			in.Cluster, in.Other = in.Other, id.String()
		}
	case feedback.DecideUndo:
		return feedback.Errorf(feedback.Invalid, "an undo has a form of its own")
	}
	decision, err := in.decision()
	if err != nil {
		return err
	}
	if in.Kind == feedback.DecideMerge {
		show = decision.Cluster
	}
	if err := p.takePart(r, f, &decision); err != nil {
		return err
	}
	done, err := p.server.cfg.Decisions.Decide(r.Context(), f.Workspace, decision)
	if err != nil {
		return err
	}
	if done.Kind == feedback.DecideSplit {
		show = done.Other
	}
	p.remember(w, d.Actor)
	http.Redirect(w, r, f.href("/clusters/"+show.String())+"#decisions", http.StatusSeeOther)
	return nil
}

// takePart fills in the excerpts of a proposed part, if it is still the one that was shown.
func (p *pages) takePart(r *http.Request, f frame, d *feedback.Decision) error {
	part, err := number(r.PostForm.Get("part"))
	if err != nil || part == 0 || d.Kind != feedback.DecideSplit {
		return err
	}
	size, err := number(r.PostForm.Get("size"))
	if err != nil {
		return err
	}
	parts, err := p.server.cfg.Decisions.Parts(r.Context(), f.Workspace, d.Cluster)
	if err != nil {
		return err
	}
	if part > len(parts) || len(parts[part-1].Excerpts) != size {
		return feedback.Errorf(feedback.Conflict, "%s changed since its parts were shown", d.Cluster).WithHint("look at the parts again")
	}
	d.Excerpts = parts[part-1].Excerpts
	return nil
}

// undo takes the form that takes back a decision, and shows the log.
func (p *pages) undo(w http.ResponseWriter, r *http.Request, f frame) error {
	id, err := number(r.PathValue("id"))
	if err != nil {
		return err
	}
	d, err := p.form(w, r)
	if err != nil {
		return err
	}
	if _, err = p.server.cfg.Decisions.Decide(r.Context(), f.Workspace,
		feedback.Decision{Kind: feedback.DecideUndo, Undoes: id, Actor: d.Actor, Note: d.Note}); err != nil {
		return err
	}
	p.remember(w, d.Actor)
	http.Redirect(w, r, f.href("/decisions"), http.StatusSeeOther)
	return nil
}

// form reads what every form of a decision has.
func (p *pages) form(w http.ResponseWriter, r *http.Request) (decidedBy, error) {
	r.Body = http.MaxBytesReader(w, r.Body, formBytes)
	if err := r.ParseForm(); err != nil {
		return decidedBy{}, feedback.Errorf(feedback.Invalid, "the form cannot be read")
	}
	d := decidedBy{Actor: strings.TrimSpace(r.PostForm.Get("actor")), Note: r.PostForm.Get("note")}
	if d.Actor == "" {
		return d, feedback.Errorf(feedback.Invalid, "the form lacks your name").WithHint("go back and say who decides: the log keeps it")
	}
	return d, nil
}

// remember keeps the name in the browser for the next form.
func (p *pages) remember(w http.ResponseWriter, actor string) {
	http.SetCookie(w, &http.Cookie{Name: actorCookie, Value: url.QueryEscape(clip(actor, feedback.MostActorRunes)), Path: "/",
		MaxAge: 365 * 24 * 3600, HttpOnly: true, SameSite: http.SameSiteStrictMode})
}
