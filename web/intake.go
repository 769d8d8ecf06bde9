package web

import (
	"cmp"
	"context"
	"net/http"

	"earshot/feedback"
)

// The limits of one request for intake, beside [Config.MaxBytes].
const (
	MaxRows    = 1_000_000 // rows
	MaxResults = 10_000    // rows whose results are listed one by one; of those after them only what was not taken

	chunkRows  = 1000     // that go to the queue at once
	chunkBytes = 16 << 20 // of them
)

// Receipt is the answer to POST /v1/feedback. Rows are in the order in which they were sent.
type Receipt struct {
	Accepted int `json:"accepted" doc:"Rows that are on disk and will be analysed"`
	Rejected int `json:"rejected" doc:"Rows that were not taken"`
	// Results of the first MaxResults rows, and of further ones that were not taken, as many again.
	Results []RowReceipt `json:"results" doc:"One for each of the first 10,000 rows; after these, one for each row that was not taken, 10,000 at most"`
	Columns []Column     `json:"columns,omitempty" doc:"What the columns of a CSV body were taken for"`
	Error   *Problem     `json:"error,omitempty" doc:"Why the request was not read to its end: rows after the last result were not looked at"`
}

// RowReceipt says what became of one row.
type RowReceipt struct {
	Row   int      `json:"row" doc:"Line of the body, or the element of an array, from 1"`
	ID    string   `json:"id,omitempty" doc:"Of the item, where the row has an external_id: the same one always gets the same id"`
	Error *Problem `json:"error,omitempty" doc:"Why the row was not taken"`
}

// Column says what a column of a CSV body was taken for.
type Column struct {
	Name  string `json:"name"`
	Field string `json:"field,omitempty" doc:"The field of an item; left out for an attribute"`
}

// intakeWords is the description of POST /v1/feedback in the API's own words.
const intakeWords = "Takes one item or a JSON array of items (application/json), one item a line (application/x-ndjson), or a table " +
	"with a row of names (text/csv), whose columns are guessed or named by the query: text, id, time, customer and so on. " +
	"The body may be gzip. It is read as a stream, and rows are put on disk as they come. " +
	"202: every row is on disk, or is wrong for good and says why; rows that are wrong do not hold up the others. " +
	"400: no row could be taken. 413: the request is over a limit, which the message names. " +
	"503: the queue is full or away and at least one good row was not taken; send the whole request again after " +
	"Retry-After: what was accepted already is not doubled. " +
	"A row is checked here for its form and size alone; its other fields are checked when it is ingested, and a row " +
	"that fails there is kept among the dead letters."

// takeFeedback answers POST /v1/feedback.
func (s *Server) takeFeedback(w http.ResponseWriter, r *http.Request) {
	workspace, source := s.addressed(r)
	if err := cmp.Or(feedback.CheckWorkspace(workspace), feedback.CheckSource(source)); err != nil {
		s.fail(w, r, err)
		return
	}
	in := &intake{server: s, workspace: workspace, source: source}
	err := in.read(w, r)
	if in.refused > 0 {
		s.cfg.Books.CountRejected(context.WithoutCancel(r.Context()), workspace, source, in.refused)
	}
	if err != nil && len(in.receipt.Results) == 0 {
		s.fail(w, r, err)
		return
	}
	status := in.status()
	if err != nil {
		in.receipt.Error = problemOf(err)
		s.logFault(r, in.receipt.Error, err)
		status = in.receipt.Error.GetStatus()
	}
	if status == http.StatusServiceUnavailable {
		w.Header().Set("Retry-After", retryAfter)
	}
	writeJSON(w, status, in.receipt)
}

// addressed gives the workspace and the source that a request is for.
func (s *Server) addressed(r *http.Request) (workspace, source string) {
	query := r.URL.Query()
	workspace = cmp.Or(query.Get("workspace"), r.Header.Get("Earshot-Workspace"), s.cfg.Workspace)
	source = cmp.Or(query.Get("source"), r.Header.Get("Earshot-Source"), "api")
	return workspace, source
}

// incoming is one row of a request: what is to be sent, or why it is not.
type incoming struct {
	number   int
	source   string
	external string
	data     []byte
	problem  *Problem
}

// intake takes the rows of one request.
type intake struct {
	server            *Server
	workspace, source string

	chunk   []incoming
	bytes   int
	receipt Receipt
	worst   int // the highest status of a row that was not taken
	refused int // rows that were wrong for good
}

// read takes rows until the body ends or is over a limit, or the queue takes no more.
func (in *intake) read(w http.ResponseWriter, r *http.Request) error {
	in.receipt.Results = []RowReceipt{}
	body, err := in.server.openBody(w, r)
	if err != nil {
		return err
	}
	rows, err := in.rows(r, body)
	if err != nil {
		return body.fault(err)
	}
	n := 0
	for row, err := range rows {
		if err != nil {
			return cmp.Or(in.flush(r), body.fault(err))
		}
		if n++; n > MaxRows {
			return cmp.Or(in.flush(r), error(feedback.Errorf(feedback.TooLarge, "the request is over the limit of %d rows", MaxRows).
				WithHint("send it in several requests")))
		}
		in.chunk = append(in.chunk, row)
		in.bytes += len(row.data)
		if len(in.chunk) == chunkRows || in.bytes >= chunkBytes {
			if err := in.flush(r); err != nil {
				return err
			}
		}
	}
	if n == 0 {
		return feedback.Errorf(feedback.Invalid, "the request has no row").
			WithHint(`send an item, for instance {"body": "The export hangs"}`)
	}
	return in.flush(r)
}

// flush puts the rows that are held on disk and notes what became of them. Its error is Unavailable when the queue did
// not take one of them: there is no sense in reading on.
func (in *intake) flush(r *http.Request) error {
	bySource := map[string][]int{}
	for i := range in.chunk {
		if in.chunk[i].problem == nil {
			bySource[in.chunk[i].source] = append(bySource[in.chunk[i].source], i)
		}
	}
	var away error
	for source, at := range bySource {
		data := make([][]byte, len(at))
		for k, i := range at {
			data[k] = in.chunk[i].data
		}
		for k, err := range in.server.publish(r.Context(), in.workspace, source, data) {
			if err == nil {
				continue
			}
			row := &in.chunk[at[k]]
			row.problem = problemOf(err)
			in.server.logFault(r, row.problem, err)
			if row.problem.GetStatus() >= http.StatusInternalServerError {
				away = feedback.Errorf(feedback.Unavailable, "%s", row.problem.Message).WithHint("send the whole request again later: nothing is doubled")
			}
		}
	}
	for i := range in.chunk {
		in.note(&in.chunk[i])
	}
	in.chunk, in.bytes = in.chunk[:0], 0
	return away
}

// note adds what became of a row to the receipt.
func (in *intake) note(row *incoming) {
	result := RowReceipt{Row: row.number, Error: row.problem}
	if row.problem == nil {
		in.receipt.Accepted++
		if row.external != "" {
			result.ID = feedback.ItemID(in.workspace, row.source, row.external).String()
		}
	} else {
		in.receipt.Rejected++
		status := row.problem.GetStatus()
		in.worst = max(in.worst, status)
		if status < http.StatusInternalServerError {
			in.refused++
		}
	}
	listed := len(in.receipt.Results)
	if in.receipt.Accepted+in.receipt.Rejected <= MaxResults || row.problem != nil && listed < 2*MaxResults {
		in.receipt.Results = append(in.receipt.Results, result)
	}
}

// status is that of the whole request. A client that reads no more than the status loses nothing: 202 means that sending
// any of it again would change nothing.
func (in *intake) status() int {
	switch {
	case in.worst >= http.StatusInternalServerError:
		return http.StatusServiceUnavailable
	case in.receipt.Accepted > 0:
		return http.StatusAccepted
	}
	return in.worst
}

// publish makes sure that there is one verdict a row: a queue that says too little has said that it has nothing.
func (s *Server) publish(ctx context.Context, workspace, source string, data [][]byte) []error {
	errs := s.cfg.Queue.PublishReceived(ctx, workspace, source, data)
	for len(errs) < len(data) {
		errs = append(errs, feedback.Errorf(feedback.Internal, "the queue gave %d verdicts for %d messages", len(errs), len(data)))
	}
	return errs[:len(data)]
}
