package postgres

import (
	"errors"
	"io"
	"net"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"earshot/feedback"
)

// codes maps SQLSTATE, by its class or whole, to the code of the error. A whole code wins over its class.
var codes = map[string]feedback.Code{
	"08":    feedback.Unavailable, // connection exception
	"22":    feedback.Invalid,     // data exception
	"23":    feedback.Conflict,    // integrity constraint violation
	"28":    feedback.Unavailable, // invalid authorization
	"3D000": feedback.Unavailable, // the database does not exist
	"40":    feedback.Unavailable, // serialization failure, deadlock: again
	"42501": feedback.Unavailable, // insufficient privilege
	"53":    feedback.Unavailable, // out of disk, memory or connections
	"55P03": feedback.Unavailable, // lock not available
	"57":    feedback.Unavailable, // shut down, cancelled
	"58":    feedback.Unavailable, // system error, I/O
}

// hints say what to do about the failures that an operator meets.
var hints = map[string]string{
	"28":    "check the user and the password in EARSHOT_DATABASE_URL",
	"3D000": "create it, or correct its name in EARSHOT_DATABASE_URL",
	"42501": "give the database's user the right to do it",
	"53100": "the database's disk is full: free some space, nothing is lost",
	"53300": "the database has no connection left: raise max_connections or lower EARSHOT_DATABASE_CONNECTIONS",
}

// coded maps err to an error of package feedback that says what was being done. An error that has a code keeps it.
func coded(doing string, err error) error {
	if err == nil {
		return nil
	}
	var have *feedback.Error
	if errors.As(err, &have) {
		return err
	}
	if errors.Is(err, pgx.ErrNoRows) {
		return feedback.Errorf(feedback.NotFound, "%s: there is none", doing)
	}
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		// The server's detail may quote a row, and with it feedback: only its message and state are passed on.
		e := feedback.Errorf(lookup(codes, pg.Code, feedback.Internal), "%s: %s (SQLSTATE %s)", doing, pg.Message, pg.Code)
		e.Hint = lookup(hints, pg.Code, "")
		return e
	}
	var connect *pgconn.ConnectError
	if errors.As(err, &connect) {
		return feedback.Errorf(feedback.Unavailable, "%s: the database at %s does not answer", doing, address(connect)).
			WithHint("start it, or correct EARSHOT_DATABASE_URL")
	}
	if transient(err) {
		return feedback.Errorf(feedback.Unavailable, "%s: %w", doing, err)
	}
	return feedback.Errorf(feedback.ErrorCode(err), "%s: %w", doing, err)
}

func lookup[T any](table map[string]T, state string, otherwise T) T {
	if v, ok := table[state]; ok {
		return v
	}
	if len(state) >= 2 {
		if v, ok := table[state[:2]]; ok {
			return v
		}
	}
	return otherwise
}

// transient says whether the connection, not the statement, failed.
func transient(err error) bool {
	var network net.Error
	return errors.As(err, &network) || pgconn.SafeToRetry(err) || pgconn.Timeout(err) ||
		errors.Is(err, pgconn.ErrConnClosed) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
}

func address(e *pgconn.ConnectError) string {
	if e.Config == nil || e.Config.Host == "" {
		return "its address"
	}
	return e.Config.Host
}
