package chaos

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"

	"github.com/jackc/pgx/v5"

	"earshot/internal/localpg"
)

// Apart is a site whose Postgres and NATS run beside it, each behind a proxy, as an operator's servers would.
type Apart struct {
	*Site
	Database *Proxy
	NATS     *Proxy

	dir     string
	cluster *localpg.Cluster
	server  *process
	listen  string
	token   string
}

// NewApart starts the servers, and not yet Earshot.
func NewApart(ctx context.Context, dir string) (_ *Apart, err error) {
	a := &Apart{dir: dir, token: rand.Text()}
	defer func() {
		if err != nil {
			a.Close()
		}
	}()
	if err := a.StartDatabase(ctx); err != nil {
		return nil, err
	}
	if err := a.cluster.CreateDatabase(ctx, "earshot"); err != nil {
		return nil, err
	}
	if a.listen, err = freeAddress(); err != nil {
		return nil, err
	}
	if err := a.StartNATS(ctx); err != nil {
		return nil, err
	}
	cfg, err := pgx.ParseConfig(a.cluster.URL("earshot"))
	if err != nil {
		return nil, err
	}
	socket := filepath.Join(cfg.Host, fmt.Sprintf(".s.PGSQL.%d", cfg.Port))
	if a.Database, err = NewProxy(func() (net.Conn, error) { return net.Dial("unix", socket) }); err != nil {
		return nil, err
	}
	if a.NATS, err = NewProxy(func() (net.Conn, error) { return net.Dial("tcp", a.listen) }); err != nil {
		return nil, err
	}
	host, port, _ := net.SplitHostPort(a.Database.Address())
	database := url.URL{Scheme: "postgres", User: url.User(cfg.User), Host: net.JoinHostPort(host, port), Path: "/earshot", RawQuery: "sslmode=disable"}
	nats := url.URL{Scheme: "nats", User: url.User(a.token), Host: a.NATS.Address()}
	a.Site, err = NewSite(dir, "EARSHOT_DATABASE_URL="+database.String(), "EARSHOT_NATS_URL="+nats.String())
	return a, err
}

// StartDatabase starts Postgres where it does not run.
func (a *Apart) StartDatabase(ctx context.Context) error {
	var err error
	a.cluster, err = localpg.Start(ctx, localpg.Config{Dir: filepath.Join(a.dir, "postgres")})
	return err
}

// StopDatabase ends Postgres as pg_ctl stop -m immediate does.
func (a *Apart) StopDatabase(ctx context.Context) error {
	text, err := os.ReadFile(filepath.Join(a.cluster.Dir(), "pgdata", "postmaster.pid"))
	if err != nil {
		return err
	}
	pid, err := strconv.Atoi(strings.SplitN(string(text), "\n", 2)[0])
	if err != nil {
		return err
	}
	if err := syscall.Kill(pid, syscall.SIGQUIT); err != nil {
		return err
	}
	<-a.cluster.Done()
	return a.cluster.Stop(ctx) // lets go of the folder
}

// StartNATS starts the NATS server where it does not run.
func (a *Apart) StartNATS(ctx context.Context) error {
	var err error
	a.server, err = spawn(ctx, "nats", filepath.Join(a.dir, "nats.log"), []string{
		natsDirVar + "=" + filepath.Join(a.dir, "nats"), natsVar + "=" + a.listen, tokenVar + "=" + a.token})
	if err == nil && a.server.died() {
		err = errors.New("the NATS server ended at its start; see " + filepath.Join(a.dir, "nats.log"))
	}
	return err
}

// StopNATS ends the NATS server with SIGKILL.
func (a *Apart) StopNATS() {
	a.server.kill()
	a.server = nil
}

// Close ends everything.
func (a *Apart) Close() {
	if a.Site != nil {
		a.Site.Close()
	}
	for _, p := range []*Proxy{a.Database, a.NATS} {
		if p != nil {
			p.Close()
		}
	}
	a.server.kill()
	if a.cluster != nil {
		_ = a.cluster.Stop(context.Background())
	}
}
