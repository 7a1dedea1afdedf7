package ledger_test

import (
	"bufio"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/fleetscore/fleetscore/fleet"
	"github.com/fleetscore/fleetscore/ledger"
)

// batch is how many attempts are written at once.
const batch = 50

func interval(n int) fleet.Interval {
	from := time.Date(2026, 1, 1, 0, 0, n*10, 0, time.UTC)
	return fleet.NewInterval(from, from.Add(10*time.Second))
}

// writeForever does what a service does with the ledger at path, from where the
// cursor is, and says how far it is done: the number of the interval and, after a
// slash, of the step.
func writeForever(path string) error {
	ctx := context.Background()
	l, err := opened(ctx, path)
	if err != nil {
		return err
	}
	if err := l.SaveJobs(ctx, []ledger.Job{{Name: "job", Spec: []byte("{}")}}, time.Now()); err != nil {
		return err
	}
	j, err := l.Job(ctx, "job")
	if err != nil {
		return err
	}
	n := 0
	if !j.Cursor.IsZero() {
		n = int(j.Cursor.Sub(interval(0).From) / (10 * time.Second))
	}
	for ; ; n++ {
		if err := writeInterval(ctx, l, n); err != nil {
			return err
		}
	}
}

func writeInterval(ctx context.Context, l *ledger.Ledger, n int) error {
	// As after a restart that does not know what was done, the last is fired again.
	var runs []ledger.Run
	for i := max(0, n-1); i <= n; i++ {
		runs = append(runs, ledger.Run{ID: fmt.Sprintf("%06d-%d", i, os.Getpid()), Job: "job", Interval: interval(i), Origin: ledger.Scheduled, Created: interval(i).To})
	}
	created, err := l.Fire(ctx, "job", interval(n).To, runs)
	if err != nil {
		return err
	}
	if len(created) != 1 || created[0].Interval != interval(n) {
		return fmt.Errorf("interval %d made %v", n, created)
	}
	fmt.Printf("%d/1\n", n)
	r := created[0]
	for step := 2; step < 5; step++ {
		r.State, r.Tasks, r.TasksDone, r.Error = ledger.Running, step, step, strconv.Itoa(step)
		if err := l.SaveRun(ctx, r); err != nil {
			return err
		}
		var attempts []ledger.Attempt
		for i := range batch {
			attempts = append(attempts, ledger.Attempt{Task: fleet.Task{Run: r.ID, Index: i, Attempt: 1}, State: fleet.TaskRunning, Cost: float64(step), Detail: strconv.Itoa(step)})
		}
		if err := l.SaveAttempts(ctx, attempts); err != nil {
			return err
		}
		fmt.Printf("%d/%d\n", n, step)
	}
	r.State = ledger.Succeeded
	if err := l.SaveRun(ctx, r); err != nil {
		return err
	}
	if err := l.SetSetting(ctx, "last", strconv.Itoa(n)); err != nil {
		return err
	}
	fmt.Printf("%d/5\n", n)
	return nil
}

// done is how far a writer has said that it is.
type done struct{ interval, step int }

// TestKilled kills a writing process at random instants. What it said is done is
// there, what is there is whole, and each interval was fired once.
func TestKilled(t *testing.T) {
	rounds := 25
	if os.Getenv("FLEETSCORE_SOAK") != "" {
		rounds = 1000
	}
	killWriters(t, filepath.Join(t.TempDir(), "new", "ledger.db"), rounds)
}

func killWriters(t *testing.T, path string, rounds int) {
	t.Helper()
	said := done{-1, 0}
	unfinished := 0
	for round := range rounds {
		early := round%3 == 0 // while it opens
		killWriter(t, path, early, &said)
		unfinished += checkKilled(t, path, said)
	}
	if unfinished == 0 {
		t.Error("no process was killed while it wrote")
	}
}

// killWriter runs a writing process for a moment.
func killWriter(t *testing.T, path string, early bool, said *done) {
	t.Helper()
	cmd := child(t, "write", path)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	kill := func() { _ = cmd.Process.Kill() }
	if early {
		time.AfterFunc(rand.N(40*time.Millisecond), kill)
	}
	lines := bufio.NewScanner(out)
	for first := true; lines.Scan(); first = false {
		if first && !early {
			time.AfterFunc(rand.N(30*time.Millisecond), kill)
		}
		if _, err := fmt.Sscanf(lines.Text(), "%d/%d", &said.interval, &said.step); err != nil {
			t.Fatalf("the writer said %q: %v", lines.Text(), err)
		}
	}
	if err := cmd.Wait(); err == nil || err.Error() != "signal: killed" {
		t.Fatalf("the writer ended by itself: %v", err)
	}
}

// checkKilled looks at a ledger that a process was killed over, and returns how
// many of its runs are not over.
func checkKilled(t *testing.T, path string, said done) (unfinished int) {
	t.Helper()
	ctx := t.Context()
	l, err := opened(ctx, path)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	runs, err := l.Runs(ctx, ledger.RunFilter{Job: "job"})
	if err != nil {
		t.Fatal(err)
	}
	if len(runs) <= said.interval {
		t.Fatalf("%d intervals were fired, and %d are there", said.interval+1, len(runs))
	}
	if j, err := l.Job(ctx, "job"); len(runs) > 0 && (err != nil || !j.Cursor.Equal(interval(len(runs)-1).To)) {
		t.Fatalf("there are %d runs, and the cursor is %v, %v", len(runs), j.Cursor, err)
	}
	for back, r := range runs {
		n := len(runs) - 1 - back
		if r.Interval != interval(n) {
			t.Fatalf("run %s is of %s, and not of %s", r.ID, r.Interval, interval(n))
		}
		step := 0
		if n == said.interval {
			step = said.step
		}
		if !r.State.Final() {
			unfinished++
		} else if r.TasksDone != 4 {
			t.Errorf("run %s is over after %d steps", r.ID, r.TasksDone)
		}
		if back < 3 {
			checkRun(t, l, r, step)
		}
	}
	return unfinished
}

// checkRun checks a run that was to come at least to a step.
func checkRun(t *testing.T, l *ledger.Ledger, r ledger.Run, step int) {
	t.Helper()
	attempts, err := l.Attempts(t.Context(), ledger.AttemptFilter{Run: r.ID})
	if err != nil {
		t.Fatal(err)
	}
	if r.Tasks != r.TasksDone || r.Error != "" && r.Error != strconv.Itoa(r.Tasks) {
		t.Errorf("run %s is torn: %+v", r.ID, r)
	}
	if step == 5 && !r.State.Final() || step < 5 && r.TasksDone < step && step > 1 {
		t.Errorf("run %s was saved at step %d, and is at %d", r.ID, step, r.TasksDone)
	}
	if len(attempts) != 0 && len(attempts) != batch || len(attempts) == 0 && step > 1 {
		t.Errorf("run %s has %d attempts after step %d", r.ID, len(attempts), step)
	}
	for _, a := range attempts {
		if a.Detail != attempts[0].Detail || a.Cost < float64(min(step, 4)) || strconv.Itoa(int(a.Cost)) != a.Detail {
			t.Errorf("attempt %s is at %s, the first one at %s, and step %d was done", a.Task, a.Detail, attempts[0].Detail, step)
		}
	}
}
