package pgtest

import (
	"context"
	"crypto/rand"
	"fmt"
	"net/url"
	"os"
	"reflect"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// Template fills an empty database, whose URL it gets, with what every test starts from.
type Template func(ctx context.Context, url string) error

var (
	// run is in the name of every database that this process makes.
	run     = strings.ToLower(rand.Text()[:10])
	counter atomic.Int64

	templatesMu sync.Mutex
	templates   = map[uintptr]*prepared{}
)

type prepared struct {
	once sync.Once
	name string
	err  error
}

// NewDatabase makes a database for this test alone and gives its URL. It is a copy of the template, which fill prepares at
// the first call with that function; a nil fill gives an empty database. The database is dropped when the test ends,
// with whatever connections are left in it.
func NewDatabase(t testing.TB, fill Template) string {
	t.Helper()
	admin := URL(t)
	source := "template1"
	if fill != nil {
		source = template(t, admin, fill)
	}
	name := newName()
	create(t, admin, name, source)
	t.Cleanup(func() {
		// A cancelled test's context must not keep its database alive.
		ctx, cancel := context.WithTimeout(context.Background(), startTimeout)
		defer cancel()
		if err := execute(ctx, admin, "DROP DATABASE IF EXISTS "+name+" WITH (FORCE)"); err != nil {
			t.Errorf("drop the test's database: %v", err)
		}
	})
	return withDatabase(admin, name)
}

// template gives the name of the database that fill has prepared. Functions are told apart by their code, so a closure
// counts as one template whatever it has captured.
func template(t testing.TB, admin string, fill Template) string {
	t.Helper()
	templatesMu.Lock()
	key := reflect.ValueOf(fill).Pointer()
	p := templates[key]
	if p == nil {
		p = &prepared{}
		templates[key] = p
	}
	templatesMu.Unlock()
	p.once.Do(func() {
		p.name = newName()
		create(t, admin, p.name, "template1")
		p.err = fill(context.Background(), withDatabase(admin, p.name))
	})
	if p.err != nil {
		t.Fatalf("prepare the test database: %v", p.err)
	}
	return p.name
}

func newName() string { return fmt.Sprintf("%s%s_%d", namePrefix, run, counter.Add(1)) }

func create(t testing.TB, admin, name, source string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), startTimeout)
	defer cancel()
	if err := copyDatabase(ctx, admin, name, source); err != nil {
		t.Fatalf("make the test's database: %v", err)
	}
}

func copyDatabase(ctx context.Context, admin, name, source string) error {
	conn, err := pgx.Connect(ctx, admin)
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	statement := fmt.Sprintf("CREATE DATABASE %s TEMPLATE %s", name, source)
	if !strings.HasPrefix(conn.PgConn().ParameterStatus("server_version"), "14") {
		// Without syncs this takes 20 ms; the default, through the log, takes 150. PostgreSQL 14 knows no other way.
		statement += " STRATEGY FILE_COPY"
	}
	_, err = conn.Exec(ctx, statement)
	return err
}

func execute(ctx context.Context, at, statement string) error {
	conn, err := pgx.Connect(ctx, at)
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	_, err = conn.Exec(ctx, statement)
	return err
}

func withDatabase(admin, name string) string {
	u, err := url.Parse(admin)
	if err != nil {
		return admin
	}
	u.Path = "/" + name
	return u.String()
}

const (
	namePrefix = "earshot_test_"
	// lockSpace keeps the advisory locks of test runs apart from those of anything else on the server.
	lockSpace = 1164010355
)

// claim marks the databases of this process as in use, for as long as it lives, and drops those of processes that are
// gone. Only a server that is not this process's own can hold any.
func claim(ctx context.Context, at string) error {
	if os.Getenv("EARSHOT_TEST_DATABASE_URL") == "" {
		return nil
	}
	conn, err := pgx.Connect(ctx, at) // never closed: its session holds the lock
	if err != nil {
		return err
	}
	const take = "SELECT pg_advisory_lock($1, hashtext($2))"
	if _, err := conn.Exec(ctx, take, lockSpace, run); err != nil {
		return fmt.Errorf("claim the databases of this run: %w", err)
	}
	const list = "SELECT datname FROM pg_database WHERE starts_with(datname, $1)"
	rows, _ := conn.Query(ctx, list, namePrefix)
	names, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return fmt.Errorf("list test databases: %w", err)
	}
	for _, name := range names {
		owner, _, _ := strings.Cut(strings.TrimPrefix(name, namePrefix), "_")
		if owner == run {
			continue
		}
		if err := dropAbandoned(ctx, conn, name, owner); err != nil {
			return fmt.Errorf("drop %s of an earlier run: %w", name, err)
		}
	}
	go keepAlive(conn)
	return nil
}

func dropAbandoned(ctx context.Context, conn *pgx.Conn, name, owner string) error {
	var free bool
	const try = "SELECT pg_try_advisory_lock($1, hashtext($2))"
	if err := conn.QueryRow(ctx, try, lockSpace, owner).Scan(&free); err != nil || !free {
		return err
	}
	if _, err := conn.Exec(ctx, "DROP DATABASE IF EXISTS "+pgx.Identifier{name}.Sanitize()+" WITH (FORCE)"); err != nil {
		return err
	}
	_, err := conn.Exec(ctx, "SELECT pg_advisory_unlock($1, hashtext($2))", lockSpace, owner)
	return err
}

// keepAlive holds the session of claim against a server that ends idle ones.
func keepAlive(conn *pgx.Conn) {
	for range time.Tick(time.Minute) {
		if conn.Ping(context.Background()) != nil {
			return
		}
	}
}
