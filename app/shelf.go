package app

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// shelf is a [cluster.Shelf] in a folder that holds the folder of one run at a time.
type shelf struct{ folder string }

func (s shelf) of(run string) string { return filepath.Join(s.folder, filepath.Base(run)) }

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
	kept, err := os.ReadDir(s.folder)
	if err != nil {
		return err
	}
	for _, other := range kept {
		if other.Name() == filepath.Base(run) {
			continue
		}
		if err := os.RemoveAll(filepath.Join(s.folder, other.Name())); err != nil {
			return err
		}
	}
	// A crash leaves the file under its other name, which nobody asks for.
	half := s.path(run, name) + ".half"
	if err := os.WriteFile(half, data, 0o600); err != nil {
		return err
	}
	return os.Rename(half, s.path(run, name))
}

func (s shelf) Drop(run string) error { return os.RemoveAll(s.of(run)) }
