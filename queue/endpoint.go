package queue

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"earshot/feedback"
)

const (
	endpointFile = "endpoint.json"
	lockFile     = "lock"
	attachWait   = 5 * time.Second
	attachPoll   = 25 * time.Millisecond
)

// endpoint is what endpoint.json says.
type endpoint struct {
	URL   string `json:"url"`
	Token string `json:"token"`
}

// claim makes dir, tries whether it can be written, and locks it for this process. The lock ends with the process,
// however that ends.
func claim(dir string) (*os.File, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, codedFile(dir, err)
	}
	lock, err := os.OpenFile(filepath.Join(dir, lockFile), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, codedFile(dir, err)
	}
	err = syscall.Flock(int(lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		err = feedback.Errorf(feedback.Conflict, "another earshot uses the data folder %s", dir).
			WithHint("stop it, or choose another data folder")
	} else if err != nil {
		err = codedFile(dir, err)
	} else if err = tryWrite(dir); err != nil {
		err = codedFile(dir, err)
	}
	if err != nil {
		_ = lock.Close()
		return nil, err
	}
	return lock, nil
}

// tryWrite finds a full disk before the server does, which would only say so in its log.
func tryWrite(dir string) error {
	f, err := os.CreateTemp(dir, "probe-*")
	if err != nil {
		return err
	}
	_, err = f.Write(make([]byte, 64<<10))
	if err == nil {
		err = f.Sync()
	}
	return errors.Join(err, f.Close(), os.Remove(f.Name()))
}

// held says whether a living process has the lock of dir.
func held(dir string) bool {
	f, err := os.Open(filepath.Join(dir, lockFile))
	if err != nil {
		return false
	}
	defer f.Close()
	return errors.Is(syscall.Flock(int(f.Fd()), syscall.LOCK_SH|syscall.LOCK_NB), syscall.EWOULDBLOCK)
}

func writeEndpoint(dir string, e endpoint) error {
	text, err := json.Marshal(e)
	if err != nil {
		return feedback.Errorf(feedback.Internal, "write %s: %w", endpointFile, err)
	}
	f, err := os.CreateTemp(dir, "endpoint-*") // 0600, and whole when it gets its name
	if err != nil {
		return codedFile(dir, err)
	}
	_, err = f.Write(text)
	if err = errors.Join(err, f.Close()); err == nil {
		err = os.Rename(f.Name(), filepath.Join(dir, endpointFile))
	}
	if err != nil {
		_ = os.Remove(f.Name())
		return codedFile(dir, err)
	}
	return nil
}

func removeEndpoint(dir string) { _ = os.Remove(filepath.Join(dir, endpointFile)) }

// Attach connects to the server that another process runs on dir. A server that is just starting is waited for, five
// seconds at most.
//
// Errors: NotFound where no process runs one there, also where a killed one left its address behind: start one with
// [StartServer] then; Unavailable where one runs and does not answer.
func Attach(ctx context.Context, dir string, opts Options) (*Conn, error) {
	deadline, cancel := context.WithTimeout(ctx, attachWait)
	defer cancel()
	for {
		if !held(dir) {
			return nil, feedback.Errorf(feedback.NotFound, "no earshot runs on the data folder %s", dir).
				WithHint("start one with: earshot serve")
		}
		e, err := readEndpoint(dir)
		if err == nil {
			opts.Token = e.Token
			var conn *Conn
			if conn, err = Connect(deadline, e.URL, opts); err == nil {
				return conn, nil
			}
		} else if !errors.Is(err, fs.ErrNotExist) {
			return nil, codedFile(dir, err)
		}
		select {
		case <-time.After(attachPoll):
		case <-deadline.Done():
			return nil, feedback.Errorf(feedback.Unavailable, "the earshot that uses %s does not answer: %w", dir, err).
				WithHint("is it just starting, or stopping?")
		}
	}
}

func readEndpoint(dir string) (endpoint, error) {
	var e endpoint
	text, err := os.ReadFile(filepath.Join(dir, endpointFile))
	if err != nil {
		return e, err
	}
	return e, json.Unmarshal(text, &e)
}
