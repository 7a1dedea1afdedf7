package web

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"

	"github.com/danielgtaylor/huma/v2"
)

// backupType is the content type of a copy of the ledger.
const backupType = "application/vnd.sqlite3"

func (s *Server) backupOperation(api huma.API) {
	registerStream(s, api, operation{id: "backup-ledger", at: "GET " + base + "/ledger/backup", tag: "service", role: Admin, conflicts: true, summary: "A copy of the ledger, as it is at one instant",
		about: "An SQLite database, with a line of its SHA-256 behind its end, for fleetscore restore. It has hashes of tokens, and no secrets. A ledger in PostgreSQL is refused, with the command that backs it up."}, backupType, "The copy", s.backup)
}

func (s *Server) backup(ctx context.Context, _ *struct{}) (func(http.ResponseWriter, *http.Request), error) {
	file, err := s.cfg.Backup(ctx)
	if err != nil {
		return nil, err
	}
	info, err := file.Stat()
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	s.note(ctx, "ledger.backup", "", fmt.Sprintf("%d bytes", info.Size()))
	return func(w http.ResponseWriter, _ *http.Request) {
		defer file.Close()
		w.Header().Set("Content-Length", strconv.FormatInt(info.Size(), 10))
		out := newTimedWriter(w)
		if _, err := io.Copy(out, file); err == nil {
			_ = out.flush() // the client may be gone
		}
	}, nil
}

// Backup makes a copy of the ledger, which is gone when it is closed.
type Backup func(ctx context.Context) (*os.File, error)
