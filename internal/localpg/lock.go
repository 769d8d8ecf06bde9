package localpg

import (
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"

	"earshot/feedback"
)

var errLocked = errors.New("locked by another process")

// lock claims a folder for this process. The claim ends with the process, however it ends, for the kernel holds it; the
// file stays, and names the last owner.
func lock(dir string) (*os.File, error) {
	path := filepath.Join(dir, "lock")
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, folderError(dir, err)
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		f.Close()
		if errors.Is(err, syscall.EWOULDBLOCK) {
			return nil, errLocked
		}
		return nil, feedback.Errorf(feedback.Unavailable, "lock %s: %w", path, err).WithHint("choose a data folder on a local disk")
	}
	// A folder of an ordinary user must stay usable to them after root has run once.
	if info, err := os.Stat(dir); err == nil && os.Geteuid() == 0 {
		stat := info.Sys().(*syscall.Stat_t)
		_ = f.Chown(int(stat.Uid), int(stat.Gid))
	}
	if err := f.Truncate(0); err == nil {
		_, err = f.WriteAt([]byte(strconv.Itoa(os.Getpid())+"\n"), 0)
		if err != nil {
			f.Close()
			return nil, folderError(dir, err)
		}
	}
	return f, nil
}

// conflict says that another process holds the folder.
func conflict(dir string) error {
	who := "another process"
	if b, err := os.ReadFile(filepath.Join(dir, "lock")); err == nil && len(b) > 0 {
		who += " (pid " + strings.TrimSpace(string(b)) + ")"
	}
	return feedback.Errorf(feedback.Conflict, "the database in %s is in use by %s", dir, who).
		WithHint("stop that one, or choose another data folder")
}
