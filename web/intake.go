package web

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"strings"
	"unicode/utf8"

	"earshot/feedback"
)

// MaxRows is the most rows that one request may hold.
const MaxRows = 10_000

// Receipt is the answer to POST /v1/feedback. Rows are in the order in which they were sent.
type Receipt struct {
	Accepted int          `json:"accepted" doc:"Rows that are on disk and will be analysed"`
	Rejected int          `json:"rejected" doc:"Rows that were not taken"`
	Results  []RowReceipt `json:"results"`
}

// RowReceipt says what became of one row.
type RowReceipt struct {
	Row   int      `json:"row" doc:"Line of the body, from 1"`
	ID    string   `json:"id,omitempty" doc:"Of the item, where the row has an external_id: the same one always gets the same id"`
	Error *Problem `json:"error,omitempty" doc:"Why the row was not taken"`
}

// intakeWords is the description of POST /v1/feedback in the API's own words.
const intakeWords = "Takes one item (application/json) or one a line (application/x-ndjson). " +
	"202: every row is on disk, or is wrong for good and says why; rows that are wrong do not hold up the others. " +
	"400: no row could be taken. 413: the request is over a limit. " +
	"503: the queue is full or away and at least one good row was not taken; send the whole request again after " +
	"Retry-After: what was accepted already is not doubled. " +
	"A row is checked here for its form and size alone; its other fields are checked when it is ingested, and a row " +
	"that fails there is kept among the dead letters."

// row is one line of a request: what was sent, and the receipt that it will get.
type row struct {
	data    []byte
	receipt RowReceipt
}

// takeFeedback answers POST /v1/feedback.
func (s *Server) takeFeedback(w http.ResponseWriter, r *http.Request) {
	workspace, source := s.addressed(r)
	if err := cmp.Or(feedback.CheckWorkspace(workspace), feedback.CheckSource(source)); err != nil {
		s.fail(w, r, err)
		return
	}
	rows, err := s.readRows(w, r)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	var good [][]byte
	var at []int
	for i := range rows {
		external, problem := checkRow(rows[i].data)
		if problem != nil {
			rows[i].receipt.Error = problem
			continue
		}
		if external != "" {
			rows[i].receipt.ID = feedback.ItemID(workspace, source, external).String()
		}
		good, at = append(good, rows[i].data), append(at, i)
	}
	if len(good) > 0 {
		for i, err := range s.publish(r.Context(), workspace, source, good) {
			if err != nil {
				p := problemOf(err)
				s.logFault(r, p, err)
				rows[at[i]].receipt.ID, rows[at[i]].receipt.Error = "", p
			}
		}
	}
	receipt := Receipt{Results: make([]RowReceipt, len(rows))}
	for i := range rows {
		receipt.Results[i] = rows[i].receipt
		if rows[i].receipt.Error == nil {
			receipt.Accepted++
		} else {
			receipt.Rejected++
		}
	}
	status := statusOf(receipt)
	if status == http.StatusServiceUnavailable {
		w.Header().Set("Retry-After", retryAfter)
	}
	writeJSON(w, status, receipt)
}

// addressed gives the workspace and the source that a request is for.
func (s *Server) addressed(r *http.Request) (workspace, source string) {
	query := r.URL.Query()
	workspace = cmp.Or(query.Get("workspace"), r.Header.Get("Earshot-Workspace"), s.cfg.Workspace)
	source = cmp.Or(query.Get("source"), r.Header.Get("Earshot-Source"), "api")
	return workspace, source
}

// publish makes sure that there is one verdict a row: a queue that says too little has said that it has nothing.
func (s *Server) publish(ctx context.Context, workspace, source string, data [][]byte) []error {
	errs := s.cfg.Queue.PublishReceived(ctx, workspace, source, data)
	for len(errs) < len(data) {
		errs = append(errs, feedback.Errorf(feedback.Internal, "the queue gave %d verdicts for %d messages", len(errs), len(data)))
	}
	return errs[:len(data)]
}

// statusOf is the status of the whole request. A client that reads no more than the status loses nothing: 202 means that
// sending any of it again would change nothing.
func statusOf(receipt Receipt) int {
	worst := 0
	for _, r := range receipt.Results {
		if r.Error == nil {
			continue
		}
		switch status := r.Error.GetStatus(); {
		case status >= 500:
			return max(status, http.StatusServiceUnavailable)
		default:
			worst = max(worst, status)
		}
	}
	if receipt.Accepted > 0 {
		return http.StatusAccepted
	}
	return worst
}

// readRows reads the body, within the limits, and cuts it into rows. Empty lines are counted and left out.
func (s *Server) readRows(w http.ResponseWriter, r *http.Request) ([]row, error) {
	many, err := readsMany(r)
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, s.cfg.MaxBytes))
	var over *http.MaxBytesError
	switch {
	case errors.As(err, &over):
		return nil, feedback.Errorf(feedback.TooLarge, "the request is over the limit of %d bytes", s.cfg.MaxBytes).
			WithHint("send it in several requests")
	case err != nil:
		return nil, feedback.Errorf(feedback.Invalid, "the request broke off after %d bytes", len(body))
	case len(bytes.TrimSpace(body)) == 0:
		return nil, feedback.Errorf(feedback.Invalid, "the request has no body").
			WithHint(`send an item, for instance {"body": "The export hangs"}`)
	}
	if !many {
		return []row{{data: body, receipt: RowReceipt{Row: 1}}}, nil
	}
	var rows []row
	number := 0
	for line := range bytes.Lines(body) {
		number++
		if line = bytes.TrimSpace(line); len(line) == 0 {
			continue
		}
		if len(rows) == MaxRows {
			return nil, feedback.Errorf(feedback.TooLarge, "the request is over the limit of %d rows", MaxRows).
				WithHint("send it in several requests")
		}
		rows = append(rows, row{data: line, receipt: RowReceipt{Row: number}})
	}
	return rows, nil
}

// readsMany says whether the request holds one item or one a line.
func readsMany(r *http.Request) (bool, error) {
	if e := r.Header.Get("Content-Encoding"); e != "" && !strings.EqualFold(e, "identity") {
		return false, feedback.Errorf(feedback.Invalid, "the body is compressed").WithHint("send it without Content-Encoding")
	}
	kind := r.Header.Get("Content-Type")
	if kind == "" {
		return false, nil
	}
	media, _, err := mime.ParseMediaType(kind)
	switch {
	case err == nil && (media == "application/json" || media == "application/cloudevents+json"):
		return false, nil
	case err == nil && (media == "application/x-ndjson" || media == "application/ndjson" || media == "application/jsonl"):
		return true, nil
	}
	return false, feedback.Errorf(feedback.Invalid, "the content type of the request is not known").
		WithHint("use application/json for one item, application/x-ndjson for one a line")
}

// envelope is as much of a row as is read here: the body, bare or within a CloudEvents 1.0 envelope.
type envelope struct {
	SpecVersion string          `json:"specversion"`
	Data        json.RawMessage `json:"data"`
	Body        json.RawMessage `json:"body"`
	ExternalID  json.RawMessage `json:"external_id"`
}

// checkRow says what is wrong with a row that is not worth queueing. It gives the row's external id, or "" where it has
// none that stands bare.
func checkRow(data []byte) (external string, problem *Problem) {
	if len(data) > feedback.MaxMessage {
		return "", refused(feedback.TooLarge, "", "the row has %d bytes, over the limit of %d", len(data), feedback.MaxMessage)
	}
	if !utf8.Valid(data) {
		return "", refused(feedback.Invalid, "", "the row is not UTF-8")
	}
	var e envelope
	if err := json.Unmarshal(data, &e); err != nil || bytes.HasPrefix(bytes.TrimSpace(data), []byte("null")) {
		return "", refused(feedback.Invalid, "", "the row is not one JSON object")
	}
	field := "body"
	if e.SpecVersion != "" {
		field = "data.body"
		inner := envelope{}
		if err := json.Unmarshal(e.Data, &inner); err != nil {
			return "", refused(feedback.Invalid, "data", "the event has no data that is a JSON object")
		}
		e.Body, e.ExternalID = inner.Body, nil // an envelope's own id may count too, and ingest knows how
	}
	var body *string
	if len(e.Body) > 0 {
		if err := json.Unmarshal(e.Body, &body); err != nil {
			return "", refused(feedback.Invalid, field, "%s is not a string", field)
		}
	}
	switch {
	case body == nil || strings.TrimSpace(*body) == "":
		return "", refused(feedback.Invalid, field, "%s is missing or empty", field)
	case len(*body) > feedback.MaxBody:
		return "", refused(feedback.TooLarge, field, "%s has %d bytes, over the limit of %d", field, len(*body), feedback.MaxBody)
	}
	if json.Unmarshal(e.ExternalID, &external) != nil {
		external = ""
	}
	return external, nil
}

func refused(code feedback.Code, field, format string, args ...any) *Problem {
	p := problemOf(feedback.Errorf(code, format, args...))
	p.Field = field
	return p
}
