package localpg

import (
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// port is part of the socket's name. It is fixed, and no TCP port is opened.
const port = 5432

// maxSocketPath is what macOS holds; Linux holds 107.
const maxSocketPath = 103

// socketDir makes the folder of the server's socket: inside the cluster's, or for a long path in a folder for temporary
// files under a name that the cluster's path gives.
func socketDir(place string, account account) (string, error) {
	inside := filepath.Join(place, "run")
	if fitsSocket(inside) {
		return inside, account.mkdir(inside)
	}
	hash := sha256.Sum256([]byte(place))
	outside := filepath.Join(os.TempDir(), fmt.Sprintf("earshot-%x", hash[:6]))
	if !fitsSocket(outside) || account.credential != nil { // root's TMPDIR may be closed to the server's account
		outside = filepath.Join("/tmp", filepath.Base(outside))
	}
	return outside, account.mkdir(outside)
}

// fitsSocket tells whether a socket in dir can be opened, and written into the comma-separated lists that the server's
// setting and the URL of a connection take it in.
func fitsSocket(dir string) bool {
	longest := filepath.Join(dir, fmt.Sprintf(".s.PGSQL.%d", port))
	return len(longest) <= maxSocketPath && !strings.ContainsAny(dir, `,"`)
}

func modified(path string) time.Time {
	info, err := os.Stat(path)
	if err != nil {
		return time.Time{}
	}
	return info.ModTime()
}
