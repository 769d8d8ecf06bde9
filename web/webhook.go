package web

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"time"

	"golang.org/x/time/rate"

	"earshot/feedback"
	"earshot/ingest/importer"
)

// MaxHook is the most bytes that the body of a webhook's delivery may have.
const MaxHook = feedback.MaxMessage

// Hook names the webhooks of one vendor for one workspace.
type Hook struct{ Vendor, Workspace string }

// Deliveries remembers which deliveries of webhooks were taken, for all processes.
type Deliveries interface {
	// ClaimDelivery takes a delivery until the lease ends. It fails with Conflict for one that was taken for good, and with
	// Unavailable for one that another request is at.
	ClaimDelivery(ctx context.Context, workspace string, id [32]byte, now, lease, expires time.Time) error
	// SettleDelivery takes it for good.
	SettleDelivery(ctx context.Context, workspace string, id [32]byte) error
	// ReleaseDelivery lets it be sent again at once.
	ReleaseDelivery(ctx context.Context, workspace string, id [32]byte) error
}

// HookReceipt is the answer to a delivery.
type HookReceipt struct {
	Accepted int `json:"accepted" doc:"Items that are on disk; 0 for an event that holds no customer's words"`
}

// hookLease is how long a request may take a delivery; after it a repeat is let in, as the request must have died.
const hookLease = time.Minute

// Forged deliveries that are counted in the books: so many a second, and at once. What comes faster is refused unseen by
// the database.
const (
	forgedEach  = 10
	forgedBurst = 100
)

// webhooks takes what vendors send.
type webhooks struct {
	server *Server
	forged *rate.Limiter
}

func (s *Server) hooks(mux *http.ServeMux) {
	h := &webhooks{server: s, forged: rate.NewLimiter(forgedEach, forgedBurst)}
	mux.HandleFunc("POST /v1/webhooks/{vendor}/{workspace}", func(w http.ResponseWriter, r *http.Request) {
		vendor := r.PathValue("vendor")
		if vendor == importer.Contract { // it says in the path what its source is
			h.nothing(w, r)
			return
		}
		h.take(w, r, Hook{vendor, r.PathValue("workspace")}, vendor)
	})
	mux.HandleFunc("POST /v1/webhooks/generic/{workspace}/{source}", func(w http.ResponseWriter, r *http.Request) {
		source := r.PathValue("source")
		if feedback.CheckSource(source) != nil {
			h.nothing(w, r)
			return
		}
		h.take(w, r, Hook{importer.Contract, r.PathValue("workspace")}, source)
	})
	// Intercom asks with it whether an address is there.
	mux.HandleFunc("HEAD /v1/webhooks/{vendor}/{workspace}", func(w http.ResponseWriter, r *http.Request) {
		if len(s.cfg.Hooks[Hook{r.PathValue("vendor"), r.PathValue("workspace")}]) == 0 {
			h.nothing(w, r)
		}
	})
}

// nothing answers for a webhook that nobody configured.
func (h *webhooks) nothing(w http.ResponseWriter, r *http.Request) {
	h.server.fail(w, r, feedback.Errorf(feedback.NotFound, "there is nothing at this address"))
}

// take answers one delivery.
func (h *webhooks) take(w http.ResponseWriter, r *http.Request, hook Hook, source string) {
	s := h.server
	secrets := s.cfg.Hooks[hook]
	if len(secrets) == 0 {
		h.nothing(w, r)
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, MaxHook))
	var over *http.MaxBytesError
	switch {
	case errors.As(err, &over):
		if h.forged.AllowN(s.cfg.Now(), 1) { // nobody knows who sent it
			s.cfg.Books.CountRejected(r.Context(), hook.Workspace, source, 1)
		}
		s.fail(w, r, feedback.Errorf(feedback.TooLarge, "the request is over the limit of %d bytes", MaxHook))
		return
	case err != nil:
		s.fail(w, r, feedback.Errorf(feedback.Invalid, "the request broke off after %d bytes", len(body)))
		return
	}
	scheme := schemes[hook.Vendor]
	now := s.cfg.Now()
	mac, expires, ok := scheme.verify(r.Header, body, secrets, now)
	if !ok {
		h.refuse(w, r, hook, source)
		return
	}
	if hook.Vendor == importer.Slack {
		if challenge, asked := importer.SlackChallenge(body); asked {
			writeText(w, http.StatusOK, challenge)
			return
		}
	}
	messages, err := hookMessages(hook.Vendor, body)
	if err != nil {
		s.cfg.Books.CountRejected(r.Context(), hook.Workspace, source, 1)
		s.fail(w, r, err)
		return
	}
	id := sha256.Sum256(append([]byte(hook.Vendor+"\x00"), mac...))
	err = s.cfg.Deliveries.ClaimDelivery(r.Context(), hook.Workspace, id, now, now.Add(hookLease), expires)
	switch feedback.ErrorCode(err) {
	case "":
	case feedback.Conflict:
		h.refuse(w, r, hook, source) // a replay
		return
	default:
		s.fail(w, r, err)
		return
	}
	if err := h.keep(r.Context(), hook, source, id, messages); err != nil {
		s.fail(w, r, err)
		return
	}
	status := http.StatusAccepted
	if len(messages) == 0 {
		status = http.StatusOK
	}
	writeJSON(w, status, HookReceipt{Accepted: len(messages)})
}

// keep puts messages on disk and settles their delivery, or lets it be sent again. The end of that is not bound to the
// request: a claim that stays would hold up the vendor's next attempt.
func (h *webhooks) keep(ctx context.Context, hook Hook, source string, id [32]byte, messages [][]byte) error {
	s := h.server
	var failed error
	if len(messages) > 0 {
		for _, err := range s.publish(ctx, hook.Workspace, source, messages) {
			if err != nil && feedback.ErrorCode(failed) != feedback.Unavailable {
				failed = err
			}
		}
	}
	end, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	if failed == nil {
		return s.cfg.Deliveries.SettleDelivery(end, hook.Workspace, id)
	}
	if err := s.cfg.Deliveries.ReleaseDelivery(end, hook.Workspace, id); err != nil {
		s.cfg.Log.WarnContext(ctx, "a delivery stays claimed for a minute", "vendor", hook.Vendor, "workspace", hook.Workspace, "error", err)
	}
	return failed
}

// hookMessages gives what a payload holds as messages of the contract.
func hookMessages(vendor string, body []byte) ([][]byte, error) {
	items, err := importer.Payload(vendor, body)
	if err != nil {
		return nil, err
	}
	messages := make([][]byte, len(items))
	for i := range items {
		if messages[i], err = json.Marshal(&items[i]); err != nil {
			return nil, feedback.Errorf(feedback.Invalid, "the payload cannot be written as a message: %w", err)
		}
		if len(messages[i]) > feedback.MaxMessage {
			return nil, feedback.Errorf(feedback.TooLarge, "the payload holds a message of more than %d bytes", feedback.MaxMessage)
		}
	}
	return messages, nil
}

// refuse answers what was not signed as it should be, is too old or was taken before, and does not say which.
func (h *webhooks) refuse(w http.ResponseWriter, r *http.Request, hook Hook, source string) {
	s := h.server
	if !h.forged.AllowN(s.cfg.Now(), 1) {
		w.Header().Set("Retry-After", retryAfter)
		writeJSON(w, http.StatusTooManyRequests, &Problem{Code: feedback.Unavailable, Message: "too many requests"})
		return
	}
	s.cfg.Books.CountRejected(r.Context(), hook.Workspace, source, 1)
	s.cfg.Log.WarnContext(r.Context(), "a delivery of a webhook was refused", "request", requestID(r.Context()), "vendor", hook.Vendor,
		"workspace", hook.Workspace)
	writeJSON(w, http.StatusUnauthorized, &Problem{Code: feedback.Invalid, Message: "the request is not signed as it should be"})
}
