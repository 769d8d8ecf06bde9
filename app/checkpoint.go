package app

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"earshot/feedback"
)

// Checkpoint remembers how many rows of a file are durable, so that an import that was stopped goes on behind them. It is
// for speed alone: what is sent twice is known by its identity and changes nothing.
type Checkpoint struct {
	path string
	kept kept
}

// kept is the checkpoint as it lies in the data folder.
type kept struct {
	Stream int64 `json:"stream"` // of the queue that has the rows: one that is made anew has none of them
	Rows   int   `json:"rows"`
}

// Rows is how many rows from the file's start are durable.
func (c *Checkpoint) Rows() int { return c.kept.Rows }

// identityBytes is how much of a file's start and end makes its identity, with its size and the time of its last change.
const identityBytes = 64 << 10

// Checkpoint finds how far an earlier import of the file into the workspace came, with the same reading of it: how says
// all that decides what its rows are. The queue must be open. A file that changed, another reading, another database or
// queue, and a checkpoint that can't be read have none. Its errors are those of the queue, and Unavailable for a file that
// can't be looked at.
func (a *App) Checkpoint(ctx context.Context, workspace, file, how string) (*Checkpoint, error) {
	identity, err := identify(file)
	if err != nil {
		return nil, feedback.Errorf(feedback.Unavailable, "look at %s: %w", filepath.Base(file), err)
	}
	received, err := a.Queue.Received(ctx)
	if err != nil {
		return nil, err
	}
	h := sha256.New()
	for _, part := range []string{workspace, how, identity, a.Config.DatabaseURL, a.Config.NATSURL} {
		fmt.Fprintf(h, "%d:%s", len(part), part)
	}
	c := &Checkpoint{path: filepath.Join(a.Config.DataDir, "imports", hex.EncodeToString(h.Sum(nil)[:16])+".json")}
	data, err := os.ReadFile(c.path)
	var before kept
	if err == nil && json.Unmarshal(data, &before) == nil && before.Stream == received.Stream && before.Rows > 0 {
		c.kept = before
	}
	c.kept.Stream = received.Stream
	return c, nil
}

// Save says that the first rows of the file are durable. A checkpoint that can't be written costs a later import time,
// and is no reason to fail.
func (c *Checkpoint) Save(rows int) {
	c.kept.Rows = rows
	data, err := json.Marshal(c.kept)
	if err != nil {
		return
	}
	if err := os.MkdirAll(filepath.Dir(c.path), 0o700); err != nil {
		return
	}
	aside := c.path + ".new"
	if os.WriteFile(aside, data, 0o600) == nil {
		_ = os.Rename(aside, c.path)
	}
}

// Forget begins anew, and removes what was kept.
func (c *Checkpoint) Forget() {
	c.kept.Rows = 0
	_ = os.Remove(c.path) // it may never have been written
}

// identify gives what tells one state of a file or folder from another.
func identify(name string) (string, error) {
	info, err := os.Stat(name)
	if err != nil {
		return "", err
	}
	h := sha256.New()
	fmt.Fprintf(h, "%d %d\n", info.Size(), info.ModTime().UnixNano())
	if info.IsDir() {
		err = fs.WalkDir(os.DirFS(name), ".", func(at string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() {
				return err
			}
			info, err := entry.Info()
			if err == nil {
				fmt.Fprintf(h, "%q %d %d\n", at, info.Size(), info.ModTime().UnixNano())
			}
			return err
		})
		return hex.EncodeToString(h.Sum(nil)), err
	}
	f, err := os.Open(name)
	if err != nil {
		return "", err
	}
	defer f.Close()
	for _, part := range []io.Reader{
		io.NewSectionReader(f, 0, identityBytes),
		io.NewSectionReader(f, max(info.Size()-identityBytes, 0), identityBytes),
	} {
		if _, err := io.Copy(h, part); err != nil {
			return "", err
		}
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}
