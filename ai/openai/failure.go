package openai

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"

	"earshot/feedback"

	goopenai "github.com/sashabaranov/go-openai"
)

// failure gives an error of go-openai a code and a hint, and keeps nothing of its text: servers repeat parts of keys and
// of what they were sent.
func (c client) failure(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return feedback.Errorf(feedback.Unavailable, "ask the model server at %s: %w", c.host, context.Cause(ctx))
	}
	if status := statusOf(err); status != 0 {
		return c.refusal(status)
	}
	var network net.Error
	var syntax *json.SyntaxError
	var shape *json.UnmarshalTypeError
	switch {
	case errors.Is(err, context.DeadlineExceeded) || errors.As(err, &network) && network.Timeout():
		return feedback.Errorf(feedback.Unavailable, "the model server at %s did not answer within %s", c.host, c.timeout)
	case errors.As(err, &syntax) || errors.As(err, &shape):
		return feedback.Errorf(feedback.Invalid, "what answers at %s does not speak OpenAI's API", c.host).
			WithHint("check EARSHOT_OPENAI_BASE_URL; it usually ends in /v1")
	case errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF):
		return feedback.Errorf(feedback.Unavailable, "the model server at %s broke off its answer", c.host)
	}
	return feedback.Errorf(feedback.Unavailable, "the model server at %s cannot be reached", c.host).
		WithHint("check EARSHOT_OPENAI_BASE_URL and the network")
}

func statusOf(err error) int {
	var api *goopenai.APIError
	if errors.As(err, &api) {
		return api.HTTPStatusCode
	}
	var request *goopenai.RequestError
	if errors.As(err, &request) {
		return request.HTTPStatusCode
	}
	return 0
}

// refusal is the error for a status.
func (c client) refusal(status int) error {
	switch {
	case status == http.StatusUnauthorized || status == http.StatusForbidden:
		return feedback.Errorf(feedback.Invalid, "the model server at %s refused the key (status %d)", c.host, status).
			WithHint("check EARSHOT_OPENAI_API_KEY, and that it may use the model %q", c.model)
	case status == http.StatusNotFound:
		return feedback.Errorf(feedback.Invalid, "the model server at %s knows no model %q, or has no such address (status 404)", c.host, c.model).
			WithHint("check %s and EARSHOT_OPENAI_BASE_URL, which usually ends in /v1", c.setting)
	case status == http.StatusRequestEntityTooLarge:
		return feedback.Errorf(feedback.TooLarge, "the model server at %s found the request too large", c.host)
	case status == http.StatusTooManyRequests:
		return feedback.Errorf(feedback.Unavailable, "the model server at %s asks for fewer calls, or its quota is spent (status 429)", c.host)
	case status == http.StatusRequestTimeout || status == http.StatusConflict || status >= 500:
		return feedback.Errorf(feedback.Unavailable, "the model server at %s is in trouble (status %d)", c.host, status)
	}
	return feedback.Errorf(feedback.Invalid, "the model server at %s refused the request (status %d)", c.host, status).
		WithHint("check that %s names a model for this use", c.setting)
}
