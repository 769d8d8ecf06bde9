package queue

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"earshot/feedback"

	"github.com/nats-io/nats.go"
)

func TestServerKeepsMessagesOverARestart(t *testing.T) {
	dir := t.TempDir()
	s := startServer(t, dir)
	conn := open(t, s, StreamsConfig{})
	publish(t, conn, "a", "b", "c")
	conn.Close()
	s.Stop()

	conn = open(t, startServer(t, dir), StreamsConfig{})
	if got := received(t, conn).Pending; got != 3 {
		t.Fatalf("%d messages after the restart, want 3", got)
	}
}

func TestServerKeepsWhatItAcknowledgedWhenKilled(t *testing.T) {
	dir := t.TempDir()
	h := startHelper(t, dir)
	const n = 50
	for i := range n {
		line := fmt.Sprint("line-", i)
		h.say(line)
		h.expect(line)
	}
	h.kill()

	conn := open(t, startServer(t, dir), StreamsConfig{})
	var seen record
	run(t, conn, ConsumerConfig{Handler: handlerFunc(func(_ context.Context, b []feedback.Message) []error {
		seen.note(b)
		return make([]error, len(b))
	})})
	drained(t, conn)
	for i := range n {
		if seen.times(fmt.Sprint("line-", i)) != 1 {
			t.Errorf("line-%d was delivered %d times", i, seen.times(fmt.Sprint("line-", i)))
		}
	}
}

func TestServerRefusesAFolderInUse(t *testing.T) {
	dir := t.TempDir()
	h := startHelper(t, dir)
	_, err := StartServer(t.Context(), ServerConfig{Dir: dir, Log: quiet()})
	wantCode(t, err, feedback.Conflict, "another earshot", dir)
	h.kill()
	startServer(t, dir) // the lock ended with the process
}

func TestServerRefusesWhatItCannotUse(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	defer taken.Close()
	file := filepath.Join(t.TempDir(), "file")
	must(t, os.WriteFile(file, nil, 0o600))
	for name, tc := range map[string]struct {
		cfg   ServerConfig
		code  feedback.Code
		words string
	}{
		"taken port":          {ServerConfig{Dir: t.TempDir(), Listen: taken.Addr().String()}, feedback.Conflict, "is taken"},
		"no address":          {ServerConfig{Dir: t.TempDir(), Listen: "nonsense"}, feedback.Invalid, "host:port"},
		"port out of range":   {ServerConfig{Dir: t.TempDir(), Listen: "127.0.0.1:70000"}, feedback.Invalid, "host:port"},
		"foreign address":     {ServerConfig{Dir: t.TempDir(), Listen: "192.0.2.1:4222"}, feedback.Invalid, "cannot listen"},
		"folder below a file": {ServerConfig{Dir: filepath.Join(file, "queue")}, feedback.Invalid, "cannot be written"},
		"folder is a device":  {ServerConfig{Dir: "/dev/null/queue"}, feedback.Invalid, "choose another"},
	} {
		t.Run(name, func(t *testing.T) {
			tc.cfg.Log = quiet()
			_, err := StartServer(t.Context(), tc.cfg)
			wantCode(t, err, tc.code, tc.words)
		})
	}
}

func TestServerThatFailedToStartLetsTheFolderGo(t *testing.T) {
	dir := t.TempDir()
	must(t, os.WriteFile(filepath.Join(dir, "jetstream"), nil, 0o600)) // where the server wants a folder
	_, err := StartServer(t.Context(), ServerConfig{Dir: dir, Log: quiet()})
	wantCode(t, err, feedback.Internal, "start the queue")
	must(t, os.Remove(filepath.Join(dir, "jetstream")))
	startServer(t, dir)
}

func TestAttachReachesAServerOfAnotherProcess(t *testing.T) {
	dir := t.TempDir()
	h := startHelper(t, dir)
	info, err := os.Stat(filepath.Join(dir, endpointFile))
	must(t, err)
	if info.Mode().Perm() != 0o600 {
		t.Errorf("endpoint.json has mode %v: it holds the token", info.Mode())
	}
	conn, err := Attach(t.Context(), dir, Options{Log: quiet()})
	must(t, err)
	defer conn.Close()
	for _, err := range conn.PublishReceived(t.Context(), "acme", "csv", numbered("x", 10)) {
		must(t, err)
	}
	if got := received(t, conn).Messages; got != 10 {
		t.Errorf("%d messages, want 10", got)
	}
	h.kill()
	_, err = Attach(t.Context(), dir, Options{Log: quiet()}) // endpoint.json is still there
	wantCode(t, err, feedback.NotFound, "no earshot runs", "earshot serve")
}

func TestAttachFindsNoServer(t *testing.T) {
	dir := t.TempDir()
	_, err := Attach(t.Context(), dir, Options{Log: quiet()})
	wantCode(t, err, feedback.NotFound)
	startServer(t, dir).Stop()
	_, err = Attach(t.Context(), dir, Options{Log: quiet()})
	wantCode(t, err, feedback.NotFound)
	if _, err := os.Stat(filepath.Join(dir, endpointFile)); err == nil {
		t.Error("Stop left endpoint.json behind")
	}
}

func TestServerAsksForItsToken(t *testing.T) {
	dir := t.TempDir()
	s := startServer(t, dir)
	for name, token := range map[string]string{"none": "", "wrong": "guess"} {
		_, err := Connect(t.Context(), s.URL(), Options{Token: token, Log: quiet()})
		wantCode(t, err, feedback.Invalid, "credentials")
		if err == nil {
			t.Errorf("token %s was let in", name)
		}
	}
	var e endpoint
	text, err := os.ReadFile(filepath.Join(dir, endpointFile))
	must(t, err)
	must(t, json.Unmarshal(text, &e))
	conn, err := Connect(t.Context(), e.URL, Options{Token: e.Token, Log: quiet()})
	must(t, err)
	conn.Close()
}

func TestConnectToAServerByAddress(t *testing.T) {
	s, err := StartServer(t.Context(), ServerConfig{Dir: t.TempDir(), Token: "known", Log: quiet()})
	must(t, err)
	defer s.Stop()
	// One of the two addresses is dead: the other is enough.
	conn, err := Connect(t.Context(), "nats://127.0.0.1:1, "+s.URL(), Options{Token: "known", Log: quiet()})
	must(t, err)
	defer conn.Close()
	must(t, conn.EnsureStreams(t.Context(), StreamsConfig{}))
	must(t, conn.Check(t.Context()))
	publish(t, conn, "a")
	wantCode(t, conn.EnsureStreams(t.Context(), StreamsConfig{Replicas: 3}), feedback.Invalid, "replica")
}

func TestConnectSaysWhatIsWrong(t *testing.T) {
	for name, tc := range map[string]struct {
		url  string
		opts Options
		code feedback.Code
	}{
		"nobody there":        {"nats://someone:secret@127.0.0.1:1", Options{}, feedback.Unavailable},
		"no address":          {"", Options{}, feedback.Invalid},
		"unreadable address":  {"nats://%zz", Options{}, feedback.Invalid},
		"no credentials file": {"nats://127.0.0.1:1", Options{Credentials: "/nonexistent.creds"}, feedback.Invalid},
	} {
		t.Run(name, func(t *testing.T) {
			tc.opts.Log = quiet()
			_, err := Connect(t.Context(), tc.url, tc.opts)
			wantCode(t, err, tc.code)
			if text := err.Error(); strings.Contains(text, "secret") {
				t.Errorf("error %q holds the password", text)
			}
		})
	}
}

func TestConnRegainsItsServer(t *testing.T) {
	dir := t.TempDir()
	s, err := StartServer(t.Context(), ServerConfig{Dir: dir, Token: "known", Log: quiet()})
	must(t, err)
	address := s.URL()
	conn, err := Connect(t.Context(), address, Options{Token: "known", Log: quiet()})
	must(t, err)
	defer conn.Close()
	must(t, conn.EnsureStreams(t.Context(), StreamsConfig{}))
	var seen record
	run(t, conn, ConsumerConfig{Handler: handlerFunc(func(_ context.Context, b []feedback.Message) []error {
		seen.note(b)
		return make([]error, len(b))
	})})
	publish(t, conn, "before")
	drained(t, conn)

	s.Stop()
	eventually(t, "the connection is lost", func() bool { return conn.nc.Status() == nats.RECONNECTING })
	wantCode(t, conn.PublishReceived(t.Context(), "acme", "csv", [][]byte{[]byte("meanwhile")})[0], feedback.Unavailable)
	wantCode(t, conn.PublishReceived(t.Context(), "acme", "csv", numbered("meanwhile", 10))[9], feedback.Unavailable)
	wantCode(t, conn.PublishStored(t.Context(), feedback.Stored{Workspace: "acme"}), feedback.Unavailable)

	s, err = StartServer(t.Context(), ServerConfig{Dir: dir, Listen: address[len("nats://"):], Token: "known", Log: quiet()})
	must(t, err)
	defer s.Stop()
	eventually(t, "the connection is back", func() bool { return conn.Check(t.Context()) == nil })
	publish(t, conn, "after")
	eventually(t, "the consumer works again", func() bool { return seen.times("after") == 1 })
	if seen.times("meanwhile") != 0 {
		t.Error("a message that was refused got through")
	}
}
