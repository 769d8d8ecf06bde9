package web

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"testing"
	"testing/synctest"
	"time"
)

// dripping gives so many bytes, a few at a time, and lets time pass before each.
type dripping struct {
	left, each int
	pause      time.Duration
}

func (d *dripping) Read(p []byte) (int, error) {
	if d.left == 0 {
		return 0, io.EOF
	}
	time.Sleep(d.pause)
	n := min(d.each, d.left, len(p))
	d.left -= n
	return n, nil
}

func TestABodyMayBeLongAndNotDripForever(t *testing.T) {
	for name, c := range map[string]struct {
		from dripping
		ends bool
	}{
		"at a modem's pace, for an hour": {dripping{32 << 20, 9 << 10, time.Second}, true},
		"with a pause":                   {dripping{2, 1, time.Minute}, true},
		"a byte a minute":                {dripping{60, 1, time.Minute}, false},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				began := time.Now()
				w := &wire{from: &c.from, control: http.NewResponseController(httptest.NewRecorder())}
				_, err := io.Copy(io.Discard, w)
				if ended := err == nil; ended != c.ends || !ended && !errors.Is(err, os.ErrDeadlineExceeded) {
					t.Errorf("after %s: %v", time.Since(began), err)
				}
			})
		})
	}
}
