package web

import (
	"compress/gzip"
	"errors"
	"io"
	"net/http"
	"os"
	"strings"
	"time"

	"earshot/feedback"
)

// body is the body of a request as its rows are read: unpacked, counted, and given time for as long as it comes.
type body struct {
	wire  *wire
	plain io.Reader
	limit int64 // of what is unpacked
	read  int64
}

// openBody gives the body of a request, which may be gzip. Its error is Invalid for any other encoding.
func (s *Server) openBody(w http.ResponseWriter, r *http.Request) (*body, error) {
	b := &body{limit: s.cfg.MaxBytes, wire: &wire{
		from: http.MaxBytesReader(w, r.Body, s.cfg.MaxBytes), control: http.NewResponseController(w),
	}}
	switch encoding := strings.ToLower(r.Header.Get("Content-Encoding")); encoding {
	case "", "identity":
		b.plain = b.wire
	case "gzip", "x-gzip":
		unpacked, err := gzip.NewReader(b.wire)
		if err != nil {
			return nil, b.fault(err)
		}
		b.plain = unpacked
	default:
		return nil, feedback.Errorf(feedback.Invalid, "the body is compressed in a way that is not known here").
			WithHint("use gzip, or no Content-Encoding")
	}
	return b, nil
}

// Read implements io.Reader. What a small body unpacks to counts against the same limit, so a bomb ends there.
func (b *body) Read(p []byte) (int, error) {
	if b.read > b.limit {
		return 0, &http.MaxBytesError{Limit: b.limit}
	}
	n, err := b.plain.Read(p)
	b.read += int64(n)
	return n, err
}

// fault words an error of reading the body.
func (b *body) fault(err error) error {
	var over *http.MaxBytesError
	var coded *feedback.Error
	switch {
	case errors.As(err, &over):
		return feedback.Errorf(feedback.TooLarge, "the request is over the limit of %d bytes", b.limit).
			WithHint("send it in several requests")
	case errors.As(err, &coded) && coded.Code != feedback.Internal:
		return err
	case errors.Is(err, gzip.ErrHeader), errors.Is(err, gzip.ErrChecksum):
		return feedback.Errorf(feedback.Invalid, "the body says that it is gzip, and is not")
	}
	return feedback.Errorf(feedback.Invalid, "the request broke off after %d bytes", b.wire.read)
}

// bodyPatience is how long a body may pause, and may come at less than slowest, in bytes a second, altogether.
const (
	bodyPatience = readTimeout
	slowest      = 8 << 10
)

// wire reads from the connection. A long body may take its time as long as it goes on, and not drop by drop: a client would
// keep the connection for days.
type wire struct {
	from    io.Reader
	control *http.ResponseController
	read    int64
	waited  time.Duration // for the client: the time that its rows take to be put on disk is not its own
	next    time.Time     // when the deadline is worth moving again
}

func (w *wire) Read(p []byte) (int, error) {
	if w.waited > bodyPatience+time.Duration(w.read/slowest)*time.Second {
		return 0, os.ErrDeadlineExceeded
	}
	// A connection's deadlines are by the clock of the machine, whatever time the pages are told.
	if now := time.Now(); now.After(w.next) {
		// A writer that knows no deadlines, as in a test, has none to move.
		_ = w.control.SetReadDeadline(now.Add(bodyPatience))
		_ = w.control.SetWriteDeadline(now.Add(bodyPatience + writeTimeout))
		w.next = now.Add(time.Second)
	}
	began := time.Now()
	n, err := w.from.Read(p)
	w.read, w.waited = w.read+int64(n), w.waited+time.Since(began)
	return n, err
}
