package app

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// shelf is a [cluster.Shelf] in a folder that holds the files of one key at a time: saving under one forgets the others.
type shelf struct{ folder string }

func (s shelf) path(key string) string { return filepath.Join(s.folder, filepath.Base(key)) }

func (s shelf) Load(key string) ([]byte, error) {
	data, err := os.ReadFile(s.path(key))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return data, err
}

func (s shelf) Save(key string, data []byte) error {
	if err := os.RemoveAll(s.folder); err != nil {
		return err
	}
	if err := os.MkdirAll(s.folder, 0o700); err != nil {
		return err
	}
	// A crash leaves the file under its other name, which nobody asks for.
	half := s.path(key) + ".half"
	if err := os.WriteFile(half, data, 0o600); err != nil {
		return err
	}
	return os.Rename(half, s.path(key))
}

func (s shelf) Drop(key string) error {
	err := os.Remove(s.path(key))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}
