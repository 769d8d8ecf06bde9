package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"earshot/internal/chaos"
)

// full fills the disk of the queue under load, frees it again, and looks that feedback is taken again without help. It
// needs a small disk, and so the right to mount one.
func full(ctx context.Context, dir string, t *table) error {
	small := filepath.Join(dir, "data")
	if err := os.Mkdir(small, 0o711); err != nil {
		return err
	}
	const figure = "the disk full, and freed again"
	mount := exec.CommandContext(ctx, "mount", "-t", "tmpfs", "-o", "size=400m,mode=711", "earshot-chaos", small)
	if out, err := mount.CombinedOutput(); err != nil {
		t.leaveOut(figure, "lost 0, taken again in 15 s", fmt.Sprintf("a disk of 400 MB cannot be mounted here (%.60s)", out))
		return nil
	}
	defer func() { _ = exec.Command("umount", "-l", small).Run() }()
	return alone(dir, t, func(site *chaos.Site, ledger *chaos.Ledger) error {
		took, err := chaos.FullDisk(ctx, site, ledger, small)
		if err != nil {
			return errors.Join(err, ctx.Err())
		}
		t.row(figure+": feedback is taken again", "in 15 s", took.Round(10*time.Millisecond), took <= chaos.FullBound)
		return sound(ctx, t, figure+": what became of all feedback", site, ledger, 0, "")
	})
}
