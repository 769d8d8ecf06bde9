package web_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"earshot/feedback"
)

func TestForgettingGoesByTheOneSubjectThatIsNamed(t *testing.T) {
	for _, c := range []struct {
		body   string
		status int
		want   string
	}{
		{`{"author":"jane@example.com"}`, http.StatusOK, "forget default author jane@example.com api false false"},
		{`{"customer":"c-1","workspace":"acme","by":"dpo","copies":true,"dry_run":true}`, http.StatusOK, "forget acme customer c-1 dpo true true"},
		{`{"item":"zendesk:1"}`, http.StatusOK, "forget default item zendesk:1 api false false"},
		{`{}`, http.StatusBadRequest, ""},
		{`{"author":"a","item":"b"}`, http.StatusBadRequest, ""},
		{`{"author":"a","workspace":"../x"}`, http.StatusBadRequest, ""},
		{`{"author":"a","everything":true}`, http.StatusBadRequest, ""},
	} {
		f := newFake()
		s := newServer(t, f)
		status, _, answer := ask(t, s, http.MethodPost, "/v1/forget", c.body, "Content-Type", "application/json")
		if status != c.status || c.want != "" && !slices.Equal(f.taken, []string{c.want}) || c.want == "" && len(f.taken) > 0 {
			t.Errorf("%s: %d %v\n%s", c.body, status, f.taken, answer)
		}
	}
}

func TestReceiptsAreListed(t *testing.T) {
	status, _, answer := ask(t, newServer(t, newFake()), http.MethodGet, "/v1/erasures?workspace=acme", "")
	if status != http.StatusOK || !strings.Contains(answer, `"id":3`) {
		t.Errorf("%d %s", status, answer)
	}
}

func TestAPulseThatLostEvidenceSaysSoAndHasAnotherTag(t *testing.T) {
	f := newFake()
	p := feedback.Pulse{ID: "P1", Document: []byte("{}")}
	f.pulses["P1"] = p
	_, whole, _ := ask(t, newServer(t, f), http.MethodGet, "/v1/pulses/P1", "")
	p.ErasedAt = time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC)
	f.pulses["P1"] = p
	_, less, _ := ask(t, newServer(t, f), http.MethodGet, "/v1/pulses/P1", "")
	if whole.Get("Earshot-Evidence-Erased") != "" || less.Get("Earshot-Evidence-Erased") == "" ||
		whole.Get("ETag") == less.Get("ETag") {
		t.Errorf("%v\n%v", whole, less)
	}
}
