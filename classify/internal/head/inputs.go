package head

import (
	"crypto/sha256"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
)

// InputFiles lists what a model is trained on, beside the word vectors: the labelled texts, the working part of the
// labelled set, and the lexicon.
func InputFiles(texts, work, lexicon string) ([]string, error) {
	files, err := filepath.Glob(filepath.Join(texts, "*.csv"))
	if err != nil {
		return nil, err
	}
	files = append(files, work)
	err = filepath.WalkDir(lexicon, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			files = append(files, path)
		}
		return err
	})
	slices.Sort(files)
	return files, err
}

// Inputs gives the SHA-256 of files, in their order, with their lengths and without their names.
func Inputs(files []string) (sum [32]byte, err error) {
	h := sha256.New()
	for _, file := range files {
		b, err := os.ReadFile(file)
		if err != nil {
			return sum, err
		}
		fmt.Fprintf(h, "%d\n", len(b))
		h.Write(b)
	}
	return [32]byte(h.Sum(nil)), nil
}
