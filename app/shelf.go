package app

import (
	"cmp"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// What all workspaces together may leave of stopped runs: a million excerpts leave about 200 MB.
const (
	shelfPlaces = 8
	shelfBytes  = 2 << 30
)

// shelf is a [cluster.Shelf] in the place of one workspace, a folder that holds the folder of one run at a time. Where the
// places of all workspaces are too many or too large, those that were written to the longest ago are cleared for it.
type shelf struct {
	folder    string // of all places
	workspace string
	places    int   // the most there may be
	bytes     int64 // the most they may hold together
}

func newShelf(dataDir, workspace string) shelf {
	return shelf{folder: filepath.Join(dataDir, "stopped"), workspace: filepath.Base(workspace), places: shelfPlaces, bytes: shelfBytes}
}

func (s shelf) place() string { return filepath.Join(s.folder, s.workspace) }

func (s shelf) of(run string) string { return filepath.Join(s.place(), filepath.Base(run)) }

func (s shelf) path(run, name string) string { return filepath.Join(s.of(run), filepath.Base(name)) }

func (s shelf) Load(run, name string) ([]byte, error) {
	data, err := os.ReadFile(s.path(run, name))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return data, err
}

func (s shelf) Save(run, name string, data []byte) error {
	if err := os.MkdirAll(s.of(run), 0o700); err != nil {
		return err
	}
	if err := removeAllBut(s.place(), filepath.Base(run)); err != nil {
		return err
	}
	if err := s.makeRoom(int64(len(data))); err != nil {
		return err
	}
	// A crash leaves the file under its other name, which nobody asks for.
	half := s.path(run, name) + ".half"
	if err := os.WriteFile(half, data, 0o600); err != nil {
		return err
	}
	return os.Rename(half, s.path(run, name))
}

func (s shelf) Drop(run string) error {
	if err := os.RemoveAll(s.of(run)); err != nil {
		return err
	}
	_ = os.Remove(s.place()) // unless another run of the workspace has left something there
	return nil
}

func removeAllBut(folder, name string) error {
	kept, err := os.ReadDir(folder)
	if err != nil {
		return err
	}
	for _, other := range kept {
		if other.Name() == name {
			continue
		}
		if err := os.RemoveAll(filepath.Join(folder, other.Name())); err != nil {
			return err
		}
	}
	return nil
}

// makeRoom clears places of other workspaces until so many bytes more are within the bounds.
func (s shelf) makeRoom(more int64) error {
	type place struct {
		name    string
		bytes   int64
		written time.Time
	}
	entries, err := os.ReadDir(s.folder)
	if err != nil {
		return err
	}
	var others []place
	count, bytes := len(entries), more
	for _, entry := range entries {
		p := place{name: entry.Name()}
		if p.bytes, p.written, err = measure(filepath.Join(s.folder, p.name)); err != nil {
			return err
		}
		bytes += p.bytes
		if p.name != s.workspace {
			others = append(others, p)
		}
	}
	slices.SortFunc(others, func(a, b place) int { return cmp.Or(a.written.Compare(b.written), cmp.Compare(a.name, b.name)) })
	for _, p := range others {
		if count <= s.places && bytes <= s.bytes {
			break
		}
		if err := os.RemoveAll(filepath.Join(s.folder, p.name)); err != nil {
			return err
		}
		count, bytes = count-1, bytes-p.bytes
	}
	return nil
}

// measure says how much a place holds and when it was last written to. What another process removes meanwhile is not there.
func measure(place string) (bytes int64, written time.Time, err error) {
	err = filepath.WalkDir(place, func(_ string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			var info fs.FileInfo
			if info, err = entry.Info(); err == nil {
				bytes += info.Size()
				if info.ModTime().After(written) {
					written = info.ModTime()
				}
			}
		}
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		return err
	})
	return bytes, written, err
}
