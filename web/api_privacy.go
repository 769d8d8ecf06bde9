package web

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"earshot/feedback"
)

// forgetBody asks for an erasure.
type forgetBody struct {
	Workspace string `json:"workspace,omitempty" doc:"The server's own where it is left out" maxLength:"63"`
	Author    string `json:"author,omitempty" doc:"The author's id or address; all that the person said goes" maxLength:"512"`
	Customer  string `json:"customer,omitempty" doc:"The customer's id; all that the account said goes, and what is known of it" maxLength:"512"`
	Item      string `json:"item,omitempty" doc:"The item's id, or source:external-id" maxLength:"600"`
	By        string `json:"by,omitempty" doc:"Who asks for it; stands on the receipt" maxLength:"200"`
	Copies    bool   `json:"copies,omitempty" doc:"Near-copies that others sent go too"`
	DryRun    bool   `json:"dry_run,omitempty" doc:"Say what would go, and change nothing"`
}

// subject gives the one thing that is to be forgotten.
func (b *forgetBody) subject() (kind feedback.SubjectKind, name string, err error) {
	n := 0
	for k, v := range map[feedback.SubjectKind]string{
		feedback.SubjectAuthor: b.Author, feedback.SubjectCustomer: b.Customer, feedback.SubjectItem: b.Item,
	} {
		if v != "" {
			kind, name = k, v
			n++
		}
	}
	if n != 1 {
		return "", "", feedback.Errorf(feedback.Invalid, "name one of author, customer and item")
	}
	return kind, name, nil
}

type erasuresBody struct {
	Erasures []feedback.Erasure `json:"erasures" doc:"The latest first"`
}

// privacyAPI adds what erases and what says so.
func (s *Server) privacyAPI(api huma.API) {
	huma.Register(api, huma.Operation{
		OperationID: "forget", Method: http.MethodPost, Path: "/v1/forget", Summary: "Erase all that is kept of an author, a customer or an item",
		Description: "Gives the receipt. What was erased is kept out when it is sent again. Doing it twice changes nothing.",
		Errors:      []int{http.StatusBadRequest, http.StatusNotFound, http.StatusServiceUnavailable}, MaxBodyBytes: 16 << 10,
	}, s.forget)
	huma.Register(api, huma.Operation{
		OperationID: "list-erasures", Method: http.MethodGet, Path: "/v1/erasures", Summary: "The receipts of erasures",
		Errors: []int{http.StatusBadRequest, http.StatusServiceUnavailable},
	}, answer(s, s.listErasures))
}

func (s *Server) forget(ctx context.Context, q *struct{ Body forgetBody }) (*out[feedback.Erasure], error) {
	workspace, err := s.workspace(q.Body.Workspace)
	if err != nil {
		return nil, s.refuse(ctx, err)
	}
	kind, name, err := q.Body.subject()
	if err != nil {
		return nil, s.refuse(ctx, err)
	}
	by := q.Body.By
	if by == "" {
		by = "api"
	}
	receipt, err := s.cfg.Privacy.Forget(ctx, workspace, kind, name, by, q.Body.Copies, q.Body.DryRun)
	if err != nil {
		return nil, s.refuse(ctx, err)
	}
	return &out[feedback.Erasure]{Body: receipt}, nil
}

func (s *Server) listErasures(ctx context.Context, workspace string, q *struct {
	in
	Limit int `query:"limit" minimum:"1" maximum:"1000" default:"100"`
}) (erasuresBody, error) {
	list, err := s.cfg.Privacy.Erasures(ctx, workspace, q.Limit)
	return erasuresBody{Erasures: orEmpty(list)}, err
}
