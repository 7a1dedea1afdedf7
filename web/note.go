package web

import (
	"context"
	"net/http"

	"github.com/fleetscore/fleetscore/ledger"
)

// note writes a change to the audit trail. The change has been made: that the
// request ends, or the trail cannot be written, does not undo it.
func (s *Server) note(ctx context.Context, action, subject, detail string) {
	by := callerOf(ctx)
	e := ledger.Entry{Time: s.cfg.Now().UTC(), Who: by.Name, From: by.from, Action: action, Subject: subject, Detail: detail}
	s.cfg.Log.Info("told by API", "who", e.Who, "from", e.From, "action", action, "subject", subject, "detail", detail)
	if err := s.cfg.Ledger.Note(context.WithoutCancel(ctx), e); err != nil {
		s.cfg.Log.Error("the audit trail cannot be written", "error", err, "who", e.Who, "action", action, "subject", subject)
	}
}

// isRequest reports that nothing was done, as the request was not right.
func isRequest(err error) bool {
	if err == nil {
		return false
	}
	p, _ := problemOf(err)
	return p.Status < http.StatusInternalServerError
}

// broken says in the trail that something was only begun, perhaps.
func broken(err error) string {
	if err == nil {
		return ""
	}
	return "; it failed, and may have been done in part"
}
