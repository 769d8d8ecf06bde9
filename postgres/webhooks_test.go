package postgres_test

import (
	"crypto/sha256"
	"sync"
	"testing"
	"time"

	"earshot/feedback"
)

func TestADeliveryIsTakenOnceUntilItExpires(t *testing.T) {
	store := open(t)
	id, other := sha256.Sum256([]byte("one")), sha256.Sum256([]byte("two"))
	claim := func(workspace string, id [32]byte, after time.Duration) feedback.Code {
		now := day0.Add(after)
		return feedback.ErrorCode(store.ClaimDelivery(t.Context(), workspace, id, now, now.Add(time.Minute), day0.Add(10*time.Minute)))
	}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	for i, step := range []struct {
		do   func() feedback.Code
		want feedback.Code
	}{
		{func() feedback.Code { return claim("acme", id, 0) }, ""},
		{func() feedback.Code { return claim("acme", id, time.Second) }, feedback.Unavailable},
		{func() feedback.Code { return claim("other", id, time.Second) }, ""},
		{func() feedback.Code { return claim("acme", other, time.Second) }, ""},
		{func() feedback.Code { return claim("acme", id, time.Minute) }, ""}, // its first claimant died
		{func() feedback.Code {
			must(store.ReleaseDelivery(t.Context(), "acme", id))
			return claim("acme", id, time.Minute)
		}, ""},
		{func() feedback.Code {
			must(store.SettleDelivery(t.Context(), "acme", id))
			must(store.ReleaseDelivery(t.Context(), "acme", id))
			return claim("acme", id, 5*time.Minute)
		}, feedback.Conflict},
		{func() feedback.Code { return claim("acme", id, 11*time.Minute) }, ""}, // forgotten: its signature is too old by now
	} {
		if got := step.do(); got != step.want {
			t.Errorf("step %d: %q, want %q", i, got, step.want)
		}
	}
}

func TestOfManyThatClaimOneDeliveryOneHasIt(t *testing.T) {
	store := open(t)
	id := sha256.Sum256([]byte("one"))
	codes := make([]feedback.Code, 16)
	var wg sync.WaitGroup
	for i := range codes {
		wg.Go(func() {
			codes[i] = feedback.ErrorCode(store.ClaimDelivery(t.Context(), "acme", id, day0, day0.Add(time.Minute), day0.Add(time.Hour)))
		})
	}
	wg.Wait()
	taken := 0
	for _, c := range codes {
		switch c {
		case "":
			taken++
		case feedback.Unavailable:
		default:
			t.Errorf("code %q", c)
		}
	}
	if taken != 1 {
		t.Errorf("%d have it", taken)
	}
}
