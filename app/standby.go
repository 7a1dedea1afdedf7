package app

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"github.com/fleetscore/fleetscore/ledger"
	"github.com/fleetscore/fleetscore/web"
)

const (
	// standbyEvery is how often a process that stands by asks whether it may begin.
	standbyEvery = time.Second
	// remindEvery is how often it says so in the log.
	remindEvery = 10 * time.Minute
)

// ledgerPlace is where the ledger is.
func (a *App) ledgerPlace() string {
	if url := a.settings().Database; url != "" {
		return url
	}
	return filepath.Join(a.settings().StateDir(), "ledger.db")
}

// openLedger opens the ledger. If that is in a database, and another process has it or
// the database does not answer, this process stands by until it can have it.
func (a *App) openLedger(ctx context.Context) (err error) {
	if a.ledger, err = ledger.Open(ctx, a.ledgerPlace()); !a.canWait(err) {
		return err
	}
	server := web.NewStandby(web.Config{Listen: a.settings().Listen, Log: a.log.With("system", "web")})
	if failed := server.Start(ctx); failed != nil {
		a.log.Warn("standing by without an address of its own; it will have that when it is active", "error", failed)
	}
	defer server.Stop() //nolint:contextcheck // it gives requests a moment also when the context has ended
	if a.opt.Ready != nil {
		a.opt.Ready() // there is no more to wait for
	}
	said, at := "", time.Time{}
	for a.canWait(err) {
		why := waitsFor(err)
		if why != said || time.Since(at) > remindEvery {
			a.log.Info("standing by: "+why, "database", ledger.Shown(a.ledgerPlace()))
			said, at = why, time.Now()
		}
		select {
		case <-time.After(standbyEvery):
		case <-ctx.Done():
			return ctx.Err()
		}
		a.ledger, err = ledger.Open(ctx, a.ledgerPlace())
	}
	if err == nil {
		a.log.Info("taking over")
	}
	return err
}

// canWait reports whether it may help to wait.
func (a *App) canWait(err error) bool {
	return ledger.IsURL(a.ledgerPlace()) && (errors.Is(err, ledger.ErrLocked) || errors.Is(err, ledger.ErrAway))
}

func waitsFor(err error) string {
	var locked *ledger.LockedError
	if errors.As(err, &locked) {
		return locked.By + " has it"
	}
	return err.Error()
}

// watchEvery is how often the service looks whether it still has the ledger.
const watchEvery = time.Second

// watchLedger waits until ctx ends, or another process has the ledger: then it says so.
func (a *App) watchLedger(ctx context.Context) error {
	away := false
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-a.ledger.Lost():
			return fmt.Errorf("this process is not the active one any more: %w; started again, it stands by", a.ledger.Held())
		case <-time.After(watchEvery):
		}
		switch err := a.ledger.Held(); {
		case err != nil && !away:
			a.log.Warn("runs and windows wait", "error", err)
		case err == nil && away:
			a.log.Info("the database answers again, and nobody has taken over: runs and windows go on")
		default:
			continue
		}
		away = !away
	}
}
