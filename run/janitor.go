package run

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"regexp"
	"strings"
	"time"

	"github.com/fleetscore/fleetscore/fleet"
	"github.com/fleetscore/fleetscore/ledger"
	"github.com/fleetscore/fleetscore/store"
)

// Retention is how long things are kept; 0: for ever.
type Retention struct {
	Predictions, Logs, Runs time.Duration
	// Grace is how long a file that no commit names is left alone.
	Grace time.Duration
}

// Janitor deletes what nothing names any more, and what is past its retention.
type Janitor struct {
	Store store.Store
	// SameStore, if set, tells when the store is not the one it was: then nothing is deleted.
	SameStore func() error
	Ledger    interface {
		ActiveRuns(ctx context.Context) ([]ledger.Run, error)
		Prune(ctx context.Context, before time.Time) (int, error)
	}
	// Keep is how long things are kept, as the configuration says now.
	Keep func() Retention
	// Sweeps are others that leave things behind: temporary files, packs. They get
	// the time before which what nobody uses may go.
	Sweeps []func(ctx context.Context, before time.Time) (int, error)
	Every  time.Duration // 0: ten minutes
	Now    func() time.Time
	Log    *slog.Logger

	stop context.CancelFunc
	done chan struct{}
}

// Start has the janitor clean now and then.
func (j *Janitor) Start(ctx context.Context) {
	ctx, j.stop = context.WithCancel(context.WithoutCancel(ctx))
	j.done = make(chan struct{})
	if j.Every == 0 {
		j.Every = 10 * time.Minute
	}
	go func() {
		defer close(j.done)
		timer := time.NewTimer(j.Every / 10)
		defer timer.Stop()
		for {
			select {
			case <-timer.C:
			case <-ctx.Done():
				return
			}
			if removed, err := j.Clean(ctx); err != nil && ctx.Err() == nil {
				j.Log.Warn("cleaning", "error", err)
			} else if removed > 0 {
				j.Log.Info("cleaned", "objects", removed)
			}
			timer.Reset(j.Every)
		}
	}()
}

// Stop ends it.
func (j *Janitor) Stop() {
	j.stop()
	<-j.done
}

// Clean deletes once what may go, and says how many objects that was. What could
// not be deleted is in the error and stops nothing else.
func (j *Janitor) Clean(ctx context.Context) (int, error) {
	if j.SameStore != nil {
		if err := j.SameStore(); err != nil {
			return 0, err
		}
	}
	keep, now := j.Keep(), j.Now()
	active, err := j.Ledger.ActiveRuns(ctx)
	if err != nil {
		return 0, err
	}
	c := &cleaning{Janitor: j, keep: keep, now: now, grace: now.Add(-keep.Grace), active: map[string]bool{}}
	for _, r := range active {
		c.active[r.ID] = true
	}
	c.predictions(ctx)
	c.ofRuns(ctx, "logs/", keep.Logs)
	c.ofRuns(ctx, "runs/", keep.Runs)
	for _, sweep := range j.Sweeps {
		n, err := sweep(ctx, c.grace)
		c.removed += n
		c.note(err)
	}
	if keep.Runs > 0 {
		_, err := j.Ledger.Prune(ctx, now.Add(-keep.Runs))
		c.note(err)
	}
	return c.removed, errors.Join(c.errs...)
}

// cleaning is one round.
type cleaning struct {
	*Janitor
	keep       Retention
	now, grace time.Time
	active     map[string]bool // runs that are not over
	removed    int
	errs       []error
}

// mostErrors is how many errors of a round are told.
const mostErrors = 10

func (c *cleaning) note(err error) {
	if err != nil && len(c.errs) < mostErrors {
		c.errs = append(c.errs, err)
	}
}

func (c *cleaning) remove(ctx context.Context, key string) {
	if err := c.Store.Delete(ctx, key); err != nil {
		c.note(err)
		return
	}
	c.removed++
}

// list calls each for every object below prefix.
func (c *cleaning) list(ctx context.Context, prefix string, each func(store.Info)) bool {
	for info, err := range c.Store.List(ctx, prefix) {
		if errors.Is(err, store.ErrNotFound) {
			return true
		}
		if err != nil {
			c.note(fmt.Errorf("listing %s: %w", prefix, err))
			return false
		}
		each(info)
	}
	return true
}

var runInKey = regexp.MustCompile(`\d{8}t\d{9}-[a-z0-9]{5}`)

// ofRuns deletes the objects of runs that are over and old.
func (c *cleaning) ofRuns(ctx context.Context, prefix string, keep time.Duration) {
	if keep == 0 {
		return
	}
	c.list(ctx, prefix, func(info store.Info) {
		id := runInKey.FindString(info.Key)
		made, ok := RunTime(id)
		if ok && !c.active[id] && made.Add(keep).Before(c.now) {
			c.remove(ctx, info.Key)
		}
	})
}

// predictions deletes those that no commit names, that a later revision
// supersedes, or that are past their time, and the commits and tiles of these.
func (c *cleaning) predictions(ctx context.Context) {
	type interval struct {
		job string
		fleet.Interval
	}
	last := map[interval]int{}
	var commits []string
	whole := c.list(ctx, "commits/", func(info store.Info) {
		if job, i, rev, err := fleet.ParseCommitKey(info.Key); err == nil {
			commits = append(commits, info.Key)
			last[interval{job, i}] = max(last[interval{job, i}], rev)
		}
	})
	if !whole {
		return // without all commits, what is named by none cannot be told
	}
	old := func(i fleet.Interval) bool {
		return c.keep.Predictions > 0 && i.To.Add(c.keep.Predictions).Before(c.now)
	}
	hours := map[string][]string{} // the commits that count, by where their predictions are
	for at, rev := range last {
		if !old(at.Interval) {
			prefix := fleet.PredictionsPrefix(at.job, at.Interval)
			hours[prefix] = append(hours[prefix], fleet.CommitKey(at.job, at.Interval, rev))
		}
	}
	named := map[string]map[string]bool{} // by where they are; read where it is needed
	c.list(ctx, "predictions/", func(info store.Info) {
		id := runInKey.FindString(info.Key)
		if c.active[id] || !info.ModTime.Before(c.grace) {
			return
		}
		m := strings.SplitAfterN(info.Key, "/", 5)
		prefix := strings.Join(m[:min(4, len(m))], "")
		if _, ok := named[prefix]; !ok {
			named[prefix] = c.named(ctx, hours[prefix])
		}
		if files := named[prefix]; files != nil && !files[info.Key] {
			c.remove(ctx, info.Key)
		}
	})
	for _, key := range commits {
		job, i, rev, _ := fleet.ParseCommitKey(key) // it was parsed above
		superseded := rev < last[interval{job, i}]
		if old(i) {
			c.remove(ctx, key)
		}
		if old(i) || superseded {
			tile := fleet.TileKey(job, i, rev)
			if info, err := c.Store.Stat(ctx, tile); err == nil && info.ModTime.Before(c.grace) {
				c.remove(ctx, tile)
			}
		}
	}
}

// named are the files that commits name; nil if that is not known.
func (c *cleaning) named(ctx context.Context, commits []string) map[string]bool {
	files := map[string]bool{}
	for _, key := range commits {
		commit, err := ReadCommit(ctx, c.Store, key)
		if err != nil {
			c.note(err)
			return nil
		}
		for _, f := range commit.Files() {
			files[f.Key] = true
		}
	}
	return files
}
