package ledger

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"io"
	"net"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
)

// isAway reports whether an error is of a server that is gone, going or busy, or of
// the connection to it: it may be well in a moment.
func isAway(err error) bool {
	if errors.Is(err, ErrLost) || errors.Is(err, context.Canceled) {
		return false
	}
	if errors.Is(err, ErrAway) || errors.Is(err, ErrLocked) || errors.Is(err, driver.ErrBadConn) || errors.Is(err, sql.ErrConnDone) ||
		errors.Is(err, pgconn.ErrConnClosed) {
		return true
	}
	var problem *pgconn.PgError
	if errors.As(err, &problem) {
		return isPassing(problem.Code)
	}
	var connect *pgconn.ConnectError
	var network net.Error
	return errors.As(err, &connect) || errors.As(err, &network) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) ||
		pgconn.SafeToRetry(err) || errors.Is(err, context.DeadlineExceeded)
}

// isPassing is of the codes that a server gives: the connection (08), what ended it
// (57P; 25P03 and 57P05 are its own time limits), conflicts (40), too many connections.
func isPassing(code string) bool {
	switch code {
	case "25P03", "53300", "55P03", "25006": // 25006: it has become a replica
		return true
	}
	return strings.HasPrefix(code, "08") || strings.HasPrefix(code, "57P") || strings.HasPrefix(code, "40")
}
