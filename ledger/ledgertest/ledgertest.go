package ledgertest

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"testing"
	"time"

	"github.com/fleetscore/fleetscore/fleet"
	"github.com/fleetscore/fleetscore/ledger"
)

// Database opens one ledger, each time it is called. It is closed between.
type Database func(ctx context.Context) (*ledger.Ledger, error)

// Run tests the ledgers in the databases that fresh returns. Each call of fresh
// must return a new one, which is empty; it may use t.Cleanup.
func Run(t *testing.T, fresh func(t *testing.T) Database) {
	t.Helper()
	for _, test := range []struct {
		name string
		run  func(t *testing.T, open Database)
	}{
		{"Reopen", reopen},
		{"Second", second},
		{"Jobs", jobs},
		{"JobsRefused", jobsRefused},
		{"Fire", fire},
		{"FireOnce", fireOnce},
		{"FireAllOrNothing", fireAllOrNothing},
		{"CursorNeverBack", cursorNeverBack},
		{"AddRun", addRun},
		{"AddRunOnce", addRunOnce},
		{"RunsRefused", runsRefused},
		{"Overlapping", overlapping},
		{"SaveRun", saveRun},
		{"Final", final},
		{"RunFilter", runFilter},
		{"RunPages", runPages},
		{"Attempts", attempts},
		{"AttemptPages", attemptPages},
		{"AttemptsAllOrNothing", attemptsAllOrNothing},
		{"Nodes", nodes},
		{"Settings", settings},
		{"Trail", trail},
		{"Decisions", decisions},
		{"Tokens", tokens},
		{"TokensRefused", tokensRefused},
		{"Revocations", revocations},
		{"Prune", prune},
		{"PruneMany", pruneMany},
		{"Tallies", tallies},
		{"TalliesOfEarlier", talliesOfEarlier},
		{"Outcomes", outcomes},
		{"Untold", untold},
		{"Outbox", outbox},
		{"Mutes", mutes},
		{"HostileText", hostileText},
		{"Cancelled", cancelled},
		{"ReadersSeeWholeChanges", readersSeeWholeChanges},
		{"Model", model},
	} {
		t.Run(test.name, func(t *testing.T) { test.run(t, fresh(t)) })
	}
}

// begin is the time at which the tests' work begins.
func begin() time.Time { return time.Date(2026, 11, 23, 13, 0, 0, 0, time.UTC) }

func hours(n int) time.Time { return begin().Add(time.Duration(n) * time.Hour) }

// hour is the n-th interval.
func hour(n int) fleet.Interval { return fleet.NewInterval(hours(n), hours(n+1)) }

func open(t *testing.T, database Database) *ledger.Ledger {
	t.Helper()
	l, err := database(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ok(t, l.Close()) })
	return l
}

// withJobs opens a ledger that has jobs.
func withJobs(t *testing.T, database Database, names ...string) *ledger.Ledger {
	t.Helper()
	l := open(t, database)
	var all []ledger.Job
	for _, name := range names {
		all = append(all, ledger.Job{Name: name})
	}
	ok(t, l.SaveJobs(t.Context(), all, begin()))
	return l
}

// run is the n-th run of a job, for its n-th hour.
func run(job string, n int, origin string) ledger.Run {
	return ledger.Run{ID: fmt.Sprintf("%s-%04d-%s", job, n, origin), Job: job, Interval: hour(n), Origin: origin, Created: hours(n + 1), State: ledger.Queued}
}

func ok(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func must[T any](value T, err error) func(t *testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		ok(t, err)
		return value
	}
}

func wantError(t *testing.T, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Errorf("the error is %v, and should be %v", err, want)
	}
}

func want[T any](t *testing.T, got, want T) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got\n%+v\nwant\n%+v", got, want)
	}
}

func ids(runs []ledger.Run) []string {
	all := []string{}
	for _, r := range runs {
		all = append(all, r.ID)
	}
	return all
}
