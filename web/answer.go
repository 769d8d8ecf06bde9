package web

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"earshot/feedback"
)

// in is the part of every query that names the workspace.
type in struct {
	Workspace string `query:"workspace" doc:"The workspace; the server's own where it is left out" maxLength:"63"`
}

func (q *in) named() string { return q.Workspace }

// out is an answer in JSON.
type out[T any] struct{ Body T }

// within makes a handler of the API of what answers in one workspace: it reads which one a query means, and words what goes
// wrong.
func within[Q, O any, P interface {
	*Q
	named() string
}](s *Server, do func(ctx context.Context, workspace string, q P) (*O, error)) func(context.Context, P) (*O, error) {
	return func(ctx context.Context, q P) (*O, error) {
		workspace, err := s.workspace(q.named())
		if err != nil {
			return nil, s.refuse(ctx, err)
		}
		answer, err := do(ctx, workspace, q)
		if err != nil {
			return nil, s.refuse(ctx, err)
		}
		return answer, nil
	}
}

// answer is within for what gives the body of the answer alone.
func answer[Q, B any, P interface {
	*Q
	named() string
}](s *Server, do func(ctx context.Context, workspace string, q P) (B, error)) func(context.Context, P) (*out[B], error) {
	return within(s, func(ctx context.Context, workspace string, q P) (*out[B], error) {
		body, err := do(ctx, workspace, q)
		return &out[B]{Body: body}, err
	})
}

func (s *Server) workspace(named string) (string, error) {
	if named == "" {
		named = s.cfg.Workspace
	}
	return named, feedback.CheckWorkspace(named)
}

// refuse turns an error into the API's, and logs a fault of Earshot's own.
func (s *Server) refuse(ctx context.Context, err error) error {
	p := problemOf(err)
	if p.Code == feedback.Internal {
		s.cfg.Log.ErrorContext(ctx, "a request failed", "request", requestID(ctx), "error", err)
	}
	if p.Code == feedback.Unavailable {
		return huma.ErrorWithHeaders(p, http.Header{"Retry-After": {retryAfter}})
	}
	return p
}

// orEmpty gives a list that is [] in JSON and never null.
func orEmpty[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}
