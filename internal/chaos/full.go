package chaos

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

// FullBound is how soon feedback must be taken again once a disk that was full has room.
const FullBound = 15 * time.Second

// FullDisk fills the disk that holds the site's data while feedback comes in, waits until that is refused, frees the disk
// and returns how long it took until feedback was taken again.
func FullDisk(ctx context.Context, site *Site, ledger *Ledger, disk string) (time.Duration, error) {
	if err := site.Start(ctx); err != nil {
		return 0, err
	}
	l := startLoad(ctx, site, ledger, 1)
	took, err := fill(ctx, l, filepath.Join(disk, "ballast"))
	if endErr := l.end(); err == nil {
		err = endErr
	}
	if err == nil {
		err = site.Drain(ctx)
	}
	return took, err
}

func fill(ctx context.Context, l *load, ballast string) (time.Duration, error) {
	if err := wait(ctx, 2*time.Second); err != nil {
		return 0, err
	}
	if err := fillUp(ballast); err != nil {
		return 0, err
	}
	// Until every producer was refused for a while.
	for before, quiet := int64(-1), 0; quiet < 20; quiet++ {
		if now := l.crowd.acknowledged(); now != before {
			before, quiet = now, 0
			if err := fillUp(ballast); err != nil {
				return 0, err
			}
		}
		if err := wait(ctx, 100*time.Millisecond); err != nil {
			return 0, err
		}
	}
	if err := os.Remove(ballast); err != nil {
		return 0, err
	}
	began, before := time.Now(), l.crowd.acknowledged()
	for l.crowd.acknowledged() == before {
		if time.Since(began) > 4*FullBound {
			return 0, errors.New("feedback is not taken again a minute after the disk has room")
		}
		if err := wait(ctx, 50*time.Millisecond); err != nil {
			return 0, err
		}
	}
	return time.Since(began), nil
}

// fillUp writes until the disk takes no more.
func fillUp(path string) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer f.Close()
	for block := make([]byte, 64<<10); ; {
		n, err := f.Write(block)
		if errors.Is(err, syscall.ENOSPC) || n == 0 && err != nil {
			return nil
		}
	}
}
