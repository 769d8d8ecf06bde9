package localpg

import (
	"context"
	"os"
	"path/filepath"
	"runtime"
	"syscall"

	"earshot/feedback"
)

// initialise makes the cluster of place unless it is there. It is made beside its final place and renamed, so that one
// that a crash left half-made is never taken for a good one.
func initialise(ctx context.Context, cfg Config, in Installation, account account, place string) error {
	half, _ := filepath.Glob(filepath.Join(globEscape(place), initPrefix+"*"))
	for _, path := range half {
		if err := os.RemoveAll(path); err != nil {
			return folderError(place, err)
		}
	}
	pgdata := filepath.Join(place, pgdataName)
	if exists(filepath.Join(pgdata, "PG_VERSION")) {
		return nil
	}
	if err := os.Remove(pgdata); err != nil && !os.IsNotExist(err) {
		return feedback.Errorf(feedback.Conflict, "%s holds files that are not a database", pgdata).
			WithHint("move it away, or choose another data folder")
	}
	made, err := os.MkdirTemp(place, initPrefix)
	if err != nil {
		return folderError(place, err)
	}
	defer os.RemoveAll(made)
	if err := account.mkdir(made); err != nil {
		return err
	}
	args := []string{"--pgdata", made, "--username", superuser, "--auth=trust", "--encoding=UTF8"}
	args = append(args, localeArguments(in.Major, runtime.GOOS)...)
	if cfg.Settings["fsync"] == "off" {
		args = append(args, "--no-sync")
	}
	said := &serverLog{log: cfg.Log}
	initdb, err := in.spawn(account, said, syscall.SIGKILL, "initdb", args...)
	if err != nil {
		return feedback.Errorf(feedback.Unavailable, "start %s: %w", filepath.Join(in.Bin, "initdb"), err)
	}
	select {
	case <-initdb.done:
	case <-ctx.Done():
		initdb.signal(syscall.SIGINT)
		<-initdb.done
		return ctx.Err()
	}
	if initdb.err != nil {
		return exitError(place, initdb.err, said)
	}
	if err := os.Rename(made, pgdata); err != nil {
		return folderError(place, err)
	}
	return syncDir(place)
}

// localeArguments choose one that knows letters beyond ASCII, sorts by bytes, and is the same on every machine.
func localeArguments(major int, goos string) []string {
	switch {
	case major >= 17:
		return []string{"--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"}
	case goos == "darwin":
		return []string{"--locale=C", "--lc-ctype=UTF-8"}
	}
	return []string{"--locale=C.UTF-8"}
}

func syncDir(dir string) error {
	f, err := os.Open(dir)
	if err != nil {
		return folderError(dir, err)
	}
	defer f.Close()
	if err := f.Sync(); err != nil {
		return folderError(dir, err)
	}
	return nil
}
