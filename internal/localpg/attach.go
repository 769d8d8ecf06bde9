package localpg

import (
	"context"
	"errors"
	"io/fs"
	"path/filepath"
	"time"

	"github.com/jackc/pgx/v5"
)

// Attach gives the cluster of cfg.Dir when another process runs it, and false when none does or it does not answer.
func Attach(ctx context.Context, cfg Config) (*Cluster, bool, error) {
	cfg, err := cfg.withDefaults()
	if err != nil {
		return nil, false, err
	}
	dir, err := filepath.EvalSymlinks(cfg.Dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, false, nil
	}
	if err != nil {
		return nil, false, folderError(cfg.Dir, err)
	}
	place, err := locate(dir)
	if err != nil {
		return nil, false, err
	}
	pgdata := filepath.Join(place, pgdataName)
	file, err := readPidFile(pgdata)
	if errors.Is(err, fs.ErrPermission) {
		_, err = ownerAccount(pgdata)
		return nil, false, err
	}
	if err != nil || !file.ready || !alive(file.pid) {
		return nil, false, nil
	}
	c := &Cluster{
		dir:      dir,
		place:    place,
		sockets:  file.socketDir,
		attached: true,
		pid:      file.pid,
		log:      cfg.Log,
		done:     make(chan struct{}),
		stopping: make(chan struct{}),
	}
	conn, err := pgx.Connect(ctx, c.URL("postgres"))
	if err != nil {
		return nil, false, ctx.Err()
	}
	defer conn.Close(ctx)
	var serves string
	const asked = "SELECT current_setting('data_directory'), split_part(current_setting('server_version'), ' ', 1)"
	if err := conn.QueryRow(ctx, asked).Scan(&serves, &c.version); err != nil || serves != pgdata {
		return nil, false, ctx.Err()
	}
	go c.watch()
	return c, true, nil
}

// watch closes done when the server of another process has ended, or this process has let go of it.
func (c *Cluster) watch() {
	defer close(c.done)
	ticker := time.NewTicker(100 * time.Millisecond)
	defer ticker.Stop()
	for alive(c.pid) {
		select {
		case <-c.stopping:
			return
		case <-ticker.C:
		}
	}
}
