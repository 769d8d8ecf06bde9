package web

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"earshot/feedback"
)

type runsBody struct {
	Runs []feedback.RunRecord `json:"runs" doc:"The latest first, without the lists of what they change"`
}

type runIn struct {
	in
	ID int `path:"id" minimum:"1" maximum:"2147483647" doc:"Number of the run"`
}

type unassignedBody struct {
	Total      int                      `json:"total" doc:"Analysed excerpts in no cluster"`
	Reasons    map[feedback.Outlier]int `json:"reasons" doc:"Those by reason"`
	Offset     int                      `json:"offset"`
	NextOffset int                      `json:"next_offset,omitempty" doc:"Where the excerpts go on; left out at the end"`
	Excerpts   []hitBody                `json:"excerpts" doc:"The latest first"`
}

type formingBody struct {
	Forming []feedback.Forming `json:"forming" doc:"Groups among the unassigned excerpts that came in a burst, the surest first"`
}

type themeBody struct {
	ID       string        `json:"id"`
	Name     string        `json:"name"`
	Retired  bool          `json:"retired"`
	Items    int           `json:"items"`
	Weekly   []weekBody    `json:"weekly" doc:"Under today's clusters, oldest first"`
	Reported []weekBody    `json:"reported,omitempty" doc:"The same weeks as each was last reported, where that differs"`
	Clusters []clusterBody `json:"clusters" doc:"The most items first"`
}

// apiRuns adds what the API has of runs and of what is in no cluster.
func (s *Server) apiRuns(api huma.API) {
	operation := func(method, id, path, summary string) huma.Operation {
		return huma.Operation{OperationID: id, Method: method, Path: path, Summary: summary,
			Errors: []int{http.StatusBadRequest, http.StatusNotFound, http.StatusConflict, http.StatusServiceUnavailable}}
	}
	get := func(id, path, summary string) huma.Operation { return operation(http.MethodGet, id, path, summary) }
	huma.Register(api, get("list-runs", "/v1/runs", "The latest runs"), answer(s, s.listRuns))
	huma.Register(api, get("get-run", "/v1/runs/{id}", "One run, and what it changes"), answer(s, ofRun(s.cfg.Runs.RunByID)))
	huma.Register(api, get("list-unassigned", "/v1/unassigned", "Excerpts in no cluster, with their reasons"), answer(s, s.listUnassigned))
	huma.Register(api, get("list-forming", "/v1/forming", "What forms among the excerpts in no cluster"), answer(s, s.listForming))
	huma.Register(api, get("get-theme", "/v1/themes/{id}", "One theme and its clusters"), answer(s, s.getTheme))
	post := func(id, path, summary string) huma.Operation { return operation(http.MethodPost, id, path, summary) }
	huma.Register(api, post("apply-run", "/v1/runs/{id}/apply", "Make a preview what stands"), answer(s, ofRun(s.cfg.Steering.ApplyRun)))
	huma.Register(api, post("discard-run", "/v1/runs/{id}/discard", "Give a preview up"), answer(s, ofRun(s.cfg.Steering.DiscardRun)))
	huma.Register(api, post("rollback", "/v1/runs/rollback", "Take back the run that was applied last"), answer(s, s.takeBack))
}

func (s *Server) listRuns(ctx context.Context, workspace string, q *struct {
	in
	Limit int `query:"limit" minimum:"1" maximum:"200" default:"20"`
}) (runsBody, error) {
	runs, err := s.cfg.Runs.Runs(ctx, workspace, q.Limit)
	return runsBody{orEmpty(runs)}, err
}

// ofRun answers with the run that do gives.
func ofRun(do func(context.Context, string, int) (feedback.RunRecord, error)) func(context.Context, string, *runIn) (feedback.RunRecord, error) {
	return func(ctx context.Context, workspace string, q *runIn) (feedback.RunRecord, error) {
		return do(ctx, workspace, q.ID)
	}
}

func (s *Server) takeBack(ctx context.Context, workspace string, _ *in) (feedback.RunRecord, error) {
	return s.cfg.Steering.Rollback(ctx, workspace)
}

func (s *Server) listUnassigned(ctx context.Context, workspace string, q *struct {
	in
	Reason string `query:"reason" enum:"small,far,between,alone,blank,early" doc:"Those of one reason; all where it is left out"`
	Offset int    `query:"offset" minimum:"0" maximum:"10000000"`
	Limit  int    `query:"limit" minimum:"1" maximum:"200" default:"50"`
}) (unassignedBody, error) {
	list, err := s.cfg.Store.ClusterList(ctx, workspace)
	if err != nil {
		return unassignedBody{}, err
	}
	hits, err := s.cfg.Unassigned.UnassignedExcerpts(ctx, workspace, feedback.Outlier(q.Reason), q.Offset, q.Limit+1)
	if err != nil {
		return unassignedBody{}, err
	}
	body := unassignedBody{Total: list.Unassigned, Reasons: list.Outliers, Offset: q.Offset}
	if len(hits) > q.Limit {
		hits, body.NextOffset = hits[:q.Limit], q.Offset+q.Limit
	}
	body.Excerpts = bodiesOfHits(hits)
	return body, nil
}

func (s *Server) listForming(ctx context.Context, workspace string, _ *in) (formingBody, error) {
	forming, err := s.cfg.Unassigned.Forming(ctx, workspace, pageSize)
	return formingBody{orEmpty(forming)}, err
}

func (s *Server) getTheme(ctx context.Context, workspace string, q *struct {
	in
	ID string `path:"id" doc:"For instance T3" maxLength:"20"`
}) (themeBody, error) {
	id, err := feedback.ParseThemeID(q.ID)
	if err != nil {
		return themeBody{}, err
	}
	view, err := s.cfg.Store.ThemeByID(ctx, workspace, id)
	if err != nil {
		return themeBody{}, err
	}
	body := themeBody{ID: id.String(), Name: view.Theme.Name, Retired: view.Retired, Items: view.Items,
		Weekly: bodiesOfWeeks(view.Weekly), Reported: bodiesOfWeeks(view.Reported), Clusters: make([]clusterBody, len(view.Clusters))}
	for i, c := range view.Clusters {
		body.Clusters[i] = bodyOfCluster(c)
	}
	return body, nil
}

func bodiesOfWeeks(weeks []feedback.Week) []weekBody {
	bodies := make([]weekBody, len(weeks))
	for i, w := range weeks {
		bodies[i] = weekBody(w)
	}
	return bodies
}
