package classify

import (
	"crypto/sha256"
	"encoding/hex"
	"io/fs"
	"sync"
)

// Labels is a digest of the model and the lexicon behind sentiment, kind and severity: two programs of one value hold the
// same.
var Labels = sync.OnceValue(func() string {
	hash := sha256.New()
	hash.Write(modelBytes)
	err := fs.WalkDir(lexiconFiles, ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		data, err := lexiconFiles.ReadFile(path)
		hash.Write([]byte(path))
		hash.Write(data)
		return err
	})
	if err != nil {
		panic(err) // the files are within the program
	}
	return hex.EncodeToString(hash.Sum(nil)[:5])
})
