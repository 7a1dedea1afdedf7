package run

import (
	"errors"
	"fmt"

	"github.com/fleetscore/fleetscore/fleet"
	"github.com/fleetscore/fleetscore/ledger"
)

// lostCommit finds the commit of a scheduled run's interval by a run that the ledger
// does not know: an older ledger was put back, which fires its intervals again.
func (d *driver) lostCommit() (*fleet.Commit, error) {
	if d.run.Origin != ledger.Scheduled {
		return nil, nil // who asks for a run wants one
	}
	last, err := d.lastRev(d.ctx, d.job, d.run.Interval)
	if err != nil || last == 0 {
		return nil, err
	}
	c, err := ReadCommit(d.ctx, d.cfg.Store, fleet.CommitKey(d.job, d.run.Interval, last))
	var damage *Damage
	if errors.As(err, &damage) {
		return nil, nil // this run commits the next revision
	}
	if err != nil {
		return nil, fmt.Errorf("reading the commit that is there: %w", err)
	}
	if _, err = d.cfg.Ledger.Run(d.ctx, c.Run); errors.Is(err, ledger.ErrNotFound) {
		return c, nil
	}
	return nil, err
}

// takeOver ends the run as the commit says that is there.
func (d *driver) takeOver(c *fleet.Commit) error {
	d.run.Rev, d.run.Tasks, d.run.TasksDone = c.Rev, len(c.Tasks), len(c.Tasks)
	d.run.Note = fmt.Sprintf("not scored again: run %s, which the ledger does not know any more, has committed revision %d", c.Run, c.Rev)
	return d.conclude(c)
}
