package web

import (
	"cmp"
	"encoding/json"
	"errors"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"earshot/feedback"
)

// statuses is the one table from an error's code to the HTTP status.
var statuses = map[feedback.Code]int{
	feedback.Invalid:     http.StatusBadRequest,
	feedback.TooLarge:    http.StatusRequestEntityTooLarge,
	feedback.NotFound:    http.StatusNotFound,
	feedback.Conflict:    http.StatusConflict,
	feedback.Unavailable: http.StatusServiceUnavailable,
	feedback.Internal:    http.StatusInternalServerError,
}

// retryAfter is how many seconds a client waits before it asks again for what was unavailable.
const retryAfter = "5"

// Problem is the body of every error of the API.
type Problem struct {
	Code    feedback.Code `json:"code" enum:"invalid,too_large,not_found,conflict,unavailable,internal" doc:"What kind of failure it is"`
	Message string        `json:"message" doc:"What was wrong, and where"`
	Hint    string        `json:"hint,omitempty" doc:"What to do about it"`
	Field   string        `json:"field,omitempty" doc:"The field of the row that is wrong"`
}

// Error gives the message.
func (p *Problem) Error() string { return p.Message }

// GetStatus gives the HTTP status that belongs to the code.
func (p *Problem) GetStatus() int { return statuses[p.Code] }

// problemOf says what a client may know of err. Of a fault of Earshot's own it learns that there was one: its text may
// hold anything, and is in the log.
func problemOf(err error) *Problem {
	var known *Problem
	if errors.As(err, &known) {
		return known
	}
	code := feedback.ErrorCode(err)
	if _, ok := statuses[code]; !ok {
		code = feedback.Internal
	}
	if code == feedback.Internal {
		return &Problem{Code: code, Message: "something went wrong inside Earshot", Hint: "the server's log says what, under the request's id"}
	}
	p := &Problem{Code: code, Message: err.Error()}
	var coded *feedback.Error
	if errors.As(err, &coded) && coded.Hint != "" {
		p.Hint = coded.Hint
		p.Message = strings.Replace(p.Message, " ("+coded.Hint+")", "", 1)
	}
	return p
}

// Huma words its own refusals, of parameters that cannot be read, through this one variable.
func init() {
	huma.NewError = func(status int, message string, errs ...error) huma.StatusError {
		p := &Problem{Code: feedback.Internal, Message: message}
		for code, s := range statuses {
			if s == status {
				p.Code = code
			}
		}
		if status >= 400 && status < 500 && p.Code == feedback.Internal {
			p.Code = feedback.Invalid
		}
		var details []string
		for _, err := range errs {
			var d *huma.ErrorDetail
			switch {
			case errors.As(err, &d):
				p.Field = cmp.Or(p.Field, d.Location)
				details = append(details, d.Location+": "+d.Message)
			case err != nil && p.Code != feedback.Internal:
				details = append(details, err.Error())
			}
		}
		p.Hint = strings.Join(details, "; ")
		return p
	}
}

// fail answers with an error: JSON below /v1/, a page elsewhere. A fault of Earshot's own is logged here, where it ends.
func (s *Server) fail(w http.ResponseWriter, r *http.Request, err error) {
	p := problemOf(err)
	s.logFault(r, p, err)
	if p.Code == feedback.Unavailable {
		w.Header().Set("Retry-After", retryAfter)
	}
	if strings.HasPrefix(r.URL.Path, "/v1/") {
		writeJSON(w, p.GetStatus(), p)
		return
	}
	s.pages.problem(w, r, p)
}

func (s *Server) logFault(r *http.Request, p *Problem, err error) {
	if p.Code == feedback.Internal {
		s.cfg.Log.ErrorContext(r.Context(), "a request failed", "request", requestID(r.Context()), "error", err)
	}
}

func writeJSON(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v) // the client may be gone, and then nobody is left to tell
}
