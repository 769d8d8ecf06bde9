package localpg

import (
	"context"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"earshot/feedback"
)

// How long a server is given for each way to end it.
const (
	fastGrace      = 20 * time.Second
	immediateGrace = 5 * time.Second
	pollEvery      = 5 * time.Millisecond
)

// clearOrphan ends the server that a killed owner left on pgdata, and removes its pid file. The caller holds the lock on
// the cluster, so nobody else is starting one there.
func clearOrphan(ctx context.Context, pgdata string) error {
	file, err := readPidFile(pgdata)
	if os.IsNotExist(err) {
		return nil
	}
	if err != nil {
		return folderError(pgdata, err)
	}
	steps := []struct {
		sig   syscall.Signal
		grace time.Duration
	}{{syscall.SIGINT, fastGrace}, {syscall.SIGQUIT, immediateGrace}, {syscall.SIGKILL, immediateGrace}}
	for _, step := range steps {
		left := serverProcesses(pgdata, file.pid)
		for _, pid := range left {
			// Children follow their master's fast shutdown; on their own they would take the signal for a cancelled query.
			if pid == file.pid || step.sig != syscall.SIGINT {
				_ = syscall.Kill(pid, step.sig)
			}
		}
		gone, err := poll(ctx, step.grace, func() bool { return len(serverProcesses(pgdata, file.pid)) == 0 })
		if err != nil {
			return err
		}
		if gone {
			if err := os.Remove(filepath.Join(pgdata, "postmaster.pid")); err != nil && !os.IsNotExist(err) {
				return folderError(pgdata, err)
			}
			return nil
		}
	}
	return feedback.Errorf(feedback.Conflict, "a PostgreSQL server that an earlier process left on %s does not stop", pgdata).
		WithHint("end it: kill -9 %d", file.pid)
}

// poll waits until ok holds, and tells whether it came to hold within the time.
func poll(ctx context.Context, within time.Duration, ok func() bool) (bool, error) {
	deadline := time.NewTimer(within)
	defer deadline.Stop()
	ticker := time.NewTicker(pollEvery)
	defer ticker.Stop()
	for {
		if ok() {
			return true, nil
		}
		select {
		case <-ctx.Done():
			return false, ctx.Err()
		case <-deadline.C:
			return false, nil
		case <-ticker.C:
		}
	}
}
