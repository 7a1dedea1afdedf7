package ledgertest

import (
	"fmt"
	"strconv"
	"sync"
	"testing"

	"github.com/fleetscore/fleetscore/fleet"
	"github.com/fleetscore/fleetscore/ledger"
)

// readersSeeWholeChanges reads while others write: a change is seen whole or not
// at all, and nothing is older than what was seen before.
func readersSeeWholeChanges(t *testing.T, database Database) {
	const changes, size = 60, 40
	ctx := t.Context()
	l := withJobs(t, database, "a")
	r := run("a", 0, ledger.Manual)
	ok(t, l.AddRun(ctx, r))
	done := make(chan struct{})
	var readers, writers sync.WaitGroup
	for range 4 {
		readers.Go(func() {
			last := ""
			for {
				select {
				case <-done:
					return
				default:
				}
				all, err := l.Attempts(ctx, ledger.AttemptFilter{Run: r.ID})
				if err != nil {
					t.Error(err)
					return
				}
				if len(all) == 0 {
					continue
				}
				if len(all) != size || all[0].Detail != all[size-1].Detail || all[0].Detail < last {
					t.Errorf("after %q: %d attempts, from %q to %q", last, len(all), all[0].Detail, all[len(all)-1].Detail)
					return
				}
				last = all[0].Detail
			}
		})
	}
	writers.Go(func() {
		for change := range changes {
			var all []ledger.Attempt
			for i := range size {
				all = append(all, ledger.Attempt{Task: fleet.Task{Run: r.ID, Index: i, Attempt: 1}, State: fleet.TaskRunning, Detail: fmt.Sprintf("%04d", change)})
			}
			if err := l.SaveAttempts(ctx, all); err != nil {
				t.Error(err)
			}
			if now, err := l.Attempts(ctx, ledger.AttemptFilter{Run: r.ID, Limit: 1}); err != nil || now[0].Detail != all[0].Detail {
				t.Errorf("the writer does not see what it wrote: %v, %v", now, err)
			}
		}
	})
	writers.Go(func() {
		for change := range changes {
			if err := l.Note(ctx, ledger.Entry{Action: strconv.Itoa(change)}); err != nil {
				t.Error(err)
			}
		}
	})
	writers.Wait()
	close(done)
	readers.Wait()
	want(t, len(must(l.Trail(ctx, 0, 0))(t)), changes)
}
