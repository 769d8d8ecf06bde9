package localpg

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"earshot/feedback"
)

const (
	pgdataName   = "pgdata"
	initPrefix   = "init-"
	locationName = "location"
	originName   = "origin"
	elsewhere    = "/var/lib/earshot"
)

// prepare makes dir, so that the server's account may pass through it.
func prepare(dir string) (string, error) {
	mode := os.FileMode(0o700)
	if os.Geteuid() == 0 {
		mode = 0o711
	}
	if err := os.MkdirAll(filepath.Dir(dir), 0o755); err != nil {
		return "", folderError(dir, err)
	}
	if err := os.Mkdir(dir, mode); err != nil && !os.IsExist(err) {
		return "", folderError(dir, err)
	}
	real, err := filepath.EvalSymlinks(dir)
	if err != nil {
		return "", folderError(dir, err)
	}
	if !isDir(real) {
		return "", folderError(dir, syscall.ENOTDIR)
	}
	return real, nil
}

// locate gives the folder where the cluster of dir lies, or would.
func locate(dir string) (string, error) {
	b, err := os.ReadFile(filepath.Join(dir, locationName))
	if os.IsNotExist(err) {
		return filepath.EvalSymlinks(dir)
	}
	if err != nil {
		return "", folderError(dir, err)
	}
	return strings.TrimSpace(string(b)), nil
}

// settle decides where the cluster of dir lies and which account runs it. The caller holds the lock on dir.
func settle(dir string, cfg Config, in Installation) (string, account, error) {
	place, err := locate(dir)
	if err != nil {
		return "", account{}, err
	}
	if pgdata := filepath.Join(place, pgdataName); exists(pgdata) {
		owner, err := ownerAccount(pgdata)
		if err != nil {
			return "", account{}, err
		}
		if err := owner.canRun(in); err != nil {
			return "", account{}, err
		}
		if ok, err := owner.canEnter(in, place); err != nil {
			return "", account{}, folderError(place, err)
		} else if !ok {
			return "", account{}, feedback.Errorf(feedback.Unavailable, "the account %s, which runs the database, can't enter %s any more", owner.name, place).
				WithHint("make the folders above it passable: chmod o+x")
		}
		return place, owner, nil
	}

	account, err := newAccount(cfg.Account)
	if err != nil {
		return "", account, err
	}
	if err := account.canRun(in); err != nil {
		return "", account, err
	}
	ok, err := account.canEnter(in, dir)
	if err != nil {
		return "", account, folderError(dir, err)
	}
	if ok {
		// What pointed to a cluster that is gone would only mislead.
		if err := os.Remove(filepath.Join(dir, locationName)); err != nil && !os.IsNotExist(err) {
			return "", account, folderError(dir, err)
		}
		return dir, account, nil
	}
	if place == dir || !isDir(place) {
		place, err = moveOut(dir, cfg.Log)
	}
	return place, account, err
}

// moveOut makes a folder outside dir for a cluster whose account can't enter dir, and notes it there. Folders that an
// earlier dir of the same path left are data that somebody may still want: the newest is kept, so that they do not pile up.
func moveOut(dir string, log *slog.Logger) (string, error) {
	if err := os.MkdirAll(elsewhere, 0o755); err != nil {
		return "", folderError(elsewhere, err)
	}
	removeTemporary()
	hash := sha256.Sum256([]byte(dir))
	name := fmt.Sprintf("%x", hash[:6])
	older, _ := filepath.Glob(filepath.Join(elsewhere, name+"-*"))
	slices.SortFunc(older, func(a, b string) int { return modified(b).Compare(modified(a)) })
	for i, path := range older {
		if i == 0 {
			log.Warn("an earlier database of this folder is kept until the next one is made", "folder", dir, "kept", path)
			continue
		}
		if err := remove(path); err != nil {
			return "", folderError(path, err)
		}
	}
	place, err := os.MkdirTemp(elsewhere, name+"-")
	if err != nil {
		return "", folderError(elsewhere, err)
	}
	if err := os.Chmod(place, 0o711); err != nil {
		return "", folderError(place, err)
	}
	if err := os.WriteFile(filepath.Join(place, originName), []byte(dir+"\n"), 0o644); err != nil {
		return "", folderError(place, err)
	}
	if err := os.WriteFile(filepath.Join(dir, locationName), []byte(place+"\n"), 0o644); err != nil {
		return "", folderError(dir, err)
	}
	return place, nil
}

// removeTemporary removes the clusters of folders that lay among the system's temporary files and are gone: nobody can
// want those again.
func removeTemporary() {
	places, _ := filepath.Glob(filepath.Join(elsewhere, "*"))
	for _, place := range places {
		b, err := os.ReadFile(filepath.Join(place, originName))
		if err != nil {
			continue
		}
		origin := strings.TrimSpace(string(b))
		if (within(origin, "/tmp") || within(origin, os.TempDir())) && !exists(origin) {
			_ = remove(place)
		}
	}
}

// remove deletes a folder under elsewhere unless a process holds it.
func remove(place string) error {
	held, err := lock(place)
	if err != nil {
		return nil
	}
	defer held.Close()
	return os.RemoveAll(place)
}

// folderError says in one line why a folder can't be used.
func folderError(dir string, err error) error {
	var coded *feedback.Error
	if errors.As(err, &coded) {
		return err
	}
	what := feedback.Errorf(feedback.Unavailable, "the database folder %s can't be used: %w", dir, err)
	switch {
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		return what.WithHint("free some space there, or choose another data folder")
	case errors.Is(err, syscall.EACCES), errors.Is(err, syscall.EPERM), errors.Is(err, syscall.EROFS):
		return what.WithHint("make it writable for the account that runs earshot, or choose another data folder")
	}
	return what.WithHint("choose another data folder")
}
