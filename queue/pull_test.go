package queue

import (
	"testing"

	"earshot/feedback"
)

func TestPullEndTellsNothingMoreFromTrouble(t *testing.T) {
	for _, tc := range []struct {
		status, description string
		code                feedback.Code
	}{
		{"404", "No Messages", ""},
		{"408", "Request Timeout", ""},
		{"409", "Message Size Exceeds MaxBytes", ""},
		{"409", "Consumer Deleted", feedback.NotFound},
		{"503", "", feedback.NotFound},
		{"409", "Leadership Change", feedback.Unavailable},
		{"409", "Server Shutdown", feedback.Unavailable},
		{"400", "Bad Request", feedback.Unavailable},
		{"", "", feedback.Unavailable},
	} {
		if got := feedback.ErrorCode(pullEnd(tc.status, tc.description)); got != tc.code {
			t.Errorf("%s %s: code %q, want %q", tc.status, tc.description, got, tc.code)
		}
	}
	if err := pullEnd("408", "Requests Pending"); err != errBusy {
		t.Errorf("got %v", err)
	}
}

func FuzzNames(f *testing.F) {
	for _, rest := range []string{"acme.csv", "acme", ".", "", "acme.", "acme.csv.x", "ACME.csv", "a*.>"} {
		f.Add(true, rest)
		f.Add(false, rest)
	}
	f.Fuzz(func(t *testing.T, received bool, rest string) {
		prefix := storedPrefix
		if received {
			prefix = receivedPrefix
		}
		workspace, source, err := names(prefix, prefix+rest)
		if err != nil {
			if feedback.ErrorCode(err) != feedback.Invalid {
				t.Fatalf("code of %v", err)
			}
			return
		}
		want := workspace
		if received {
			want += "." + source
		} else if source != "" {
			t.Fatalf("%q was read with a source %q", rest, source)
		}
		if rest != want || feedback.CheckWorkspace(workspace) != nil {
			t.Fatalf("%q was read as workspace %q, source %q", rest, workspace, source)
		}
	})
}

func TestBackoffDoublesUpToItsMax(t *testing.T) {
	b := Backoff{Min: 100, Max: 1000}
	for n, want := range map[int]int64{1: 100, 2: 200, 3: 400, 4: 800, 5: 1000, 1 << 30: 1000} {
		for range 100 {
			if got := int64(b.after(n)); got > want || got < want/2 {
				t.Fatalf("wait %d after %d failures, want %d to %d", got, n, want/2, want)
			}
		}
	}
}
