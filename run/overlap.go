package run

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/fleetscore/fleetscore/fleet"
	"github.com/fleetscore/fleetscore/ledger"
	"github.com/fleetscore/fleetscore/store"
)

// overlaps is ErrConflict if a run's interval shares time with another that was
// committed, or if active is set is being run: rows would be scored twice. The
// ledger says so of the runs that it has, the store of all that was committed.
func (s *Service) overlaps(ctx context.Context, r ledger.Run, active bool) error {
	other, err := s.cfg.Ledger.Overlapping(ctx, r.Job, r.Interval, active)
	if err == nil {
		return overlapping(r.Interval, other.Interval, "which run "+other.ID+" has scored or is scoring")
	}
	if !errors.Is(err, ledger.ErrNotFound) {
		return err
	}
	// Scheduled runs follow each other; only the first that a ledger knows may meet
	// what another ledger knew.
	if r.Origin == ledger.Scheduled {
		if before, err := s.cfg.Ledger.Runs(ctx, ledger.RunFilter{Job: r.Job, Before: r.ID, Limit: 1}); err != nil || len(before) > 0 {
			return err
		}
	}
	for _, prefix := range commitsNear(r.Job, r.Interval) {
		for info, err := range s.cfg.Store.List(ctx, prefix) {
			if errors.Is(err, store.ErrNotFound) {
				break
			}
			if err != nil {
				return fmt.Errorf("looking for commits of intervals that overlap %s: %w", r.Interval, err)
			}
			_, i, _, err := fleet.ParseCommitKey(info.Key)
			if err == nil && i != r.Interval && i.From.Before(r.Interval.To) && i.To.After(r.Interval.From) {
				return overlapping(r.Interval, i, "of which "+info.Key+" is the commit")
			}
		}
	}
	return nil
}

func overlapping(i, other fleet.Interval, what string) error {
	return fmt.Errorf("%w: %s overlaps %s, %s; rows would count twice", ErrConflict, i, other, what)
}

// commitsNear are prefixes of the commits of intervals that begin in or not long
// before one: not of all, as a job may have a million. What began longer before
// than intervals of such a length usually last is not looked for.
func commitsNear(job string, i fleet.Interval) []string {
	const day = 24 * time.Hour
	step, layout := time.Hour, "20060102T15"
	switch length := i.Length(); {
	case length > 31*day:
		return []string{fleet.CommitPrefix(job)}
	case length > time.Hour:
		step, layout = day, "20060102"
	}
	var prefixes []string
	for at := i.From.UTC().Truncate(step).Add(-step); at.Before(i.To); at = at.Add(step) {
		prefixes = append(prefixes, fleet.CommitPrefix(job)+at.Format(layout))
	}
	return prefixes
}
