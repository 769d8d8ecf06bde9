package web

import (
	"cmp"
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"earshot/feedback"
)

// decisionIn is a decision as a program sends it.
type decisionIn struct {
	Kind     feedback.DecisionKind `json:"kind" enum:"rename,rename_theme,pin,move,apart,merge,split,hide,unhide,confirm,confirm_link,reject_link" doc:"What is decided"`
	Cluster  string                `json:"cluster,omitempty" maxLength:"12" doc:"What it is about; of a move where to, of a merge what stands on"`
	Other    string                `json:"other,omitempty" maxLength:"12" doc:"Of a merge what ends in the cluster, of apart the other one"`
	Theme    string                `json:"theme,omitempty" maxLength:"12" doc:"Of rename_theme"`
	Excerpts []string              `json:"excerpts,omitempty" maxItems:"10000" doc:"Of pin, move and split; or the two of apart"`
	Part     int                   `json:"part,omitempty" minimum:"1" doc:"Of split: a proposed part instead of excerpts"`
	Feature  string                `json:"feature,omitempty" maxLength:"200" doc:"Of confirm_link and reject_link: its id"`
	Name     string                `json:"name,omitempty" maxLength:"480" doc:"Of rename, rename_theme and split"`
	Actor    string                `json:"actor,omitempty" maxLength:"320" doc:"Who decides, for the log; \"api\" where it is left out"`
	Note     string                `json:"note,omitempty" maxLength:"2000" doc:"Why, for the log"`
}

// decidedBy says who decides and why.
type decidedBy struct {
	Actor string `json:"actor,omitempty" maxLength:"320" doc:"Who decides, for the log; \"api\" where it is left out"`
	Note  string `json:"note,omitempty" maxLength:"2000" doc:"Why, for the log"`
}

// caller names who decides where a program does not say.
const caller = "api"

// decisionBody is a decision in the log.
type decisionBody struct {
	ID       int                   `json:"id"`
	Kind     feedback.DecisionKind `json:"kind"`
	What     string                `json:"what" doc:"The same in words"`
	Actor    string                `json:"actor"`
	Note     string                `json:"note,omitempty"`
	At       time.Time             `json:"at"`
	Run      int                   `json:"run" doc:"The run that stood then"`
	Cluster  string                `json:"cluster,omitempty"`
	Now      string                `json:"now,omitempty" doc:"What became of the cluster; left out where it ended in nothing"`
	Other    string                `json:"other,omitempty"`
	Theme    string                `json:"theme,omitempty"`
	Feature  string                `json:"feature,omitempty"`
	Name     string                `json:"name,omitempty"`
	Was      string                `json:"was,omitempty" doc:"The name or the state of the link before"`
	Excerpts []string              `json:"excerpts,omitempty" doc:"At most ten of those that it names or moved"`
	Count    int                   `json:"excerpt_count,omitempty"`
	Gone     int                   `json:"gone,omitempty" doc:"Excerpts of it that are no longer there: it has no object for them"`
	Undoes   int                   `json:"undoes,omitempty"`
	UndoneBy int                   `json:"undone_by,omitempty"`
}

func bodyOfDecision(d feedback.Decision) decisionBody {
	body := decisionBody{ID: d.ID, Kind: d.Kind, What: d.String(), Actor: d.Actor, Note: d.Note, At: d.At.UTC(), Run: d.Run,
		Feature: d.Feature, Name: d.Name, Was: d.Was, Count: d.Named, Gone: d.Gone, Undoes: d.Undoes, UndoneBy: d.UndoneBy}
	for _, id := range []struct {
		of feedback.ClusterID
		to *string
	}{{d.Cluster, &body.Cluster}, {d.Other, &body.Other}, {d.Now, &body.Now}} {
		if id.of != 0 {
			*id.to = id.of.String()
		}
	}
	if d.Theme != 0 {
		body.Theme = d.Theme.String()
	}
	for _, e := range d.Excerpts[:min(len(d.Excerpts), 10)] {
		body.Excerpts = append(body.Excerpts, e.String())
	}
	return body
}

type decisionsBody struct {
	Decisions []decisionBody `json:"decisions" doc:"The latest first"`
	Before    int            `json:"next_before,omitempty" doc:"Where the log goes on; left out at the end"`
}

type partBody struct {
	Part     int      `json:"part" doc:"From 1, the largest first"`
	Name     string   `json:"name"`
	Summary  string   `json:"summary"`
	Keywords []string `json:"keywords"`
	Excerpts int      `json:"excerpts"`
}

type partsBody struct {
	Parts []partBody `json:"parts"`
}

// decisionsAPI adds the part of the API that decides.
func (s *Server) decisionsAPI(api huma.API) {
	errors := []int{http.StatusBadRequest, http.StatusNotFound, http.StatusConflict, http.StatusServiceUnavailable}
	huma.Register(api, huma.Operation{OperationID: "decide", Method: http.MethodPost, Path: "/v1/decisions", Summary: "Decide about clusters",
		Description:   "The decision takes effect at once and holds in every later run. An error of 409 names what forbids it.",
		DefaultStatus: http.StatusCreated, Errors: errors}, answer(s, s.decide))
	huma.Register(api, huma.Operation{OperationID: "undo-decision", Method: http.MethodPost, Path: "/v1/decisions/{id}/undo",
		Summary: "Take back a decision", DefaultStatus: http.StatusCreated, Errors: errors}, answer(s, s.undo))
	huma.Register(api, huma.Operation{OperationID: "list-decisions", Method: http.MethodGet, Path: "/v1/decisions",
		Summary: "The log of what people decided", Errors: errors}, answer(s, s.listDecisions))
	huma.Register(api, huma.Operation{OperationID: "propose-parts", Method: http.MethodGet, Path: "/v1/clusters/{id}/parts",
		Summary: "The parts into which a cluster would fall", Errors: errors}, answer(s, s.listParts))
}

func (s *Server) decide(ctx context.Context, workspace string, q *struct {
	in
	Body decisionIn
}) (decisionBody, error) {
	d, err := q.Body.decision()
	if err != nil {
		return decisionBody{}, err
	}
	return s.made(ctx, workspace, d, q.Body.Part)
}

// decision reads the ids. Its errors are Invalid.
func (b decisionIn) decision() (feedback.Decision, error) {
	d := feedback.Decision{Kind: b.Kind, Feature: b.Feature, Name: b.Name, Actor: cmp.Or(b.Actor, caller), Note: b.Note}
	var err error
	for _, id := range []struct {
		text string
		to   *feedback.ClusterID
	}{{b.Cluster, &d.Cluster}, {b.Other, &d.Other}} {
		if id.text == "" {
			continue
		}
		if *id.to, err = feedback.ParseClusterID(id.text); err != nil {
			return d, err
		}
	}
	if b.Theme != "" {
		if d.Theme, err = feedback.ParseThemeID(b.Theme); err != nil {
			return d, err
		}
	}
	d.Excerpts = make([]feedback.ID, len(b.Excerpts))
	for i, text := range b.Excerpts {
		if d.Excerpts[i], err = feedback.ParseID(text); err != nil {
			return d, err
		}
	}
	return d, nil
}

// made makes a decision; of a split with a part it takes that part's excerpts.
func (s *Server) made(ctx context.Context, workspace string, d feedback.Decision, part int) (decisionBody, error) {
	if d.Kind == feedback.DecideSplit && part > 0 && len(d.Excerpts) == 0 {
		parts, err := s.cfg.Decisions.Parts(ctx, workspace, d.Cluster)
		if err != nil {
			return decisionBody{}, err
		}
		if part > len(parts) {
			return decisionBody{}, feedback.Errorf(feedback.NotFound, "%s has no part %d", d.Cluster, part)
		}
		d.Excerpts = parts[part-1].Excerpts
	}
	done, err := s.cfg.Decisions.Decide(ctx, workspace, d)
	return bodyOfDecision(done), err
}

func (s *Server) undo(ctx context.Context, workspace string, q *struct {
	in
	ID   int `path:"id" minimum:"1" maximum:"2147483647"`
	Body decidedBy
}) (decisionBody, error) {
	return s.made(ctx, workspace, feedback.Decision{Kind: feedback.DecideUndo, Undoes: q.ID, Actor: cmp.Or(q.Body.Actor, caller), Note: q.Body.Note}, 0)
}

func (s *Server) listDecisions(ctx context.Context, workspace string, q *struct {
	in
	Cluster string `query:"cluster" maxLength:"12" doc:"Only those about this cluster"`
	Before  int    `query:"before" minimum:"0" maximum:"2147483647" doc:"Only those before this one"`
	Limit   int    `query:"limit" minimum:"1" maximum:"200" default:"50"`
}) (decisionsBody, error) {
	var id feedback.ClusterID
	var err error
	if q.Cluster != "" {
		if id, err = feedback.ParseClusterID(q.Cluster); err != nil {
			return decisionsBody{}, err
		}
	}
	log, err := s.cfg.Decisions.Decisions(ctx, workspace, id, q.Before, q.Limit)
	if err != nil {
		return decisionsBody{}, err
	}
	body := decisionsBody{Decisions: make([]decisionBody, len(log))}
	for i, d := range log {
		body.Decisions[i] = bodyOfDecision(d)
	}
	if len(log) == q.Limit && log[len(log)-1].ID > 1 {
		body.Before = log[len(log)-1].ID
	}
	return body, nil
}

func (s *Server) listParts(ctx context.Context, workspace string, q *struct {
	in
	ID string `path:"id" doc:"For instance C12"`
}) (partsBody, error) {
	id, err := feedback.ParseClusterID(q.ID)
	if err != nil {
		return partsBody{}, err
	}
	parts, err := s.cfg.Decisions.Parts(ctx, workspace, id)
	if err != nil {
		return partsBody{}, err
	}
	body := partsBody{Parts: make([]partBody, len(parts))}
	for i, p := range parts {
		body.Parts[i] = partBody{Part: i + 1, Name: p.Name, Summary: p.Summary, Keywords: orEmpty(p.Keywords), Excerpts: len(p.Excerpts)}
	}
	return body, nil
}

// number reads a form's number; 0 where it is left out. Its errors are Invalid.
func number(text string) (int, error) {
	if text == "" {
		return 0, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 {
		return 0, feedback.Errorf(feedback.Invalid, "a number of the form cannot be read")
	}
	return n, nil
}
