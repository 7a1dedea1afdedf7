package run

import (
	"context"
	"errors"
	"fmt"

	"github.com/fleetscore/fleetscore/fleet"
	"github.com/fleetscore/fleetscore/store/tile"
)

// checking is the verification of one commit. Each step looks only at what the
// steps before have found sound, so that one cause is one finding.
type checking struct {
	*Verifier
	*findings
	key        string
	c          *fleet.Commit
	partitions int
	tasks      []checkedTask
	rows       map[rowID]struct{}
	sensors    map[fleet.Sensor]*seen // that have rows
	torn       bool                   // its tasks are not all, or not those, of its sensors
}

// checkedTask is a task of the commit and what was found of it.
type checkedTask struct {
	*fleet.CommitTask
	read  bool // its files were read, and are as they were
	wrong bool // something was said of it
	// What its files hold.
	scored    int
	anomalies int64
	fates     *[]tile.Entry // of its sensors; nil: the tile is of no use
}

// seen is what the files hold of a sensor.
type seen struct{ rows, anomalies int64 }

// rowID is what no two predictions of an interval share.
type rowID struct {
	sensor fleet.Sensor
	ns     int64
}

// commit looks at one commit and all that it names.
func (v *Verifier) commit(ctx context.Context, key string, out *findings) error {
	job, interval, _, _ := fleet.ParseCommitKey(key) // it was parsed before
	c, err := ReadCommit(ctx, v.Store, key)
	if err != nil {
		out.unsure[fleet.PredictionsPrefix(job, interval)] = true
		return note(ctx, func() {
			out.wrong(key, whatOf(err)+"; which files of its interval count is not known", "restore it, or "+againText(&fleet.Commit{Job: job, Interval: interval}))
		})
	}
	k := &checking{Verifier: v, findings: out, key: key, c: c, partitions: 1, rows: map[rowID]struct{}{}, sensors: map[fleet.Sensor]*seen{}}
	for i := range c.Tasks {
		k.tasks = append(k.tasks, checkedTask{CommitTask: &c.Tasks[i]})
		for _, p := range c.Tasks[i].Part.Partitions {
			k.partitions = max(k.partitions, p+1) // every one is in the part of some task
		}
	}
	for i := range k.tasks {
		if err := k.files(ctx, i); err != nil {
			return err
		}
	}
	out.Predictions += c.Predictions
	out.Sensors += int64(c.Sensors)
	return k.fates(ctx)
}

// note has a problem noted, unless it is only that ctx has ended.
func note(ctx context.Context, wrong func()) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	wrong()
	return nil
}

// files reads the files of a task, and compares them with its counts.
func (k *checking) files(ctx context.Context, i int) error {
	t := &k.tasks[i]
	t.read = k.Rows != nil
	var inFiles int64
	for _, f := range t.Files {
		inFiles += f.Rows
		if by, ok := k.named[f.Key]; ok {
			t.read, t.wrong = false, true
			k.wrong(f.Key, "it counts twice: "+by+" names it, and so does task "+t.Task.String()+" of "+k.key, againText(k.c))
			continue
		}
		k.named[f.Key] = k.key
		k.Files++
		k.Bytes += f.Size
		what, err := k.file(ctx, f, i)
		if err != nil {
			return err
		}
		if what != "" {
			t.read, t.wrong = false, true
			k.wrong(f.Key, what, "restore it, or "+againText(k.c))
		}
	}
	if t.wrong {
		return nil
	}
	found := t.Counts
	found.Predictions = inFiles
	if t.read {
		found.Scored, found.Anomalies = t.scored, t.anomalies
	}
	k.counts(t, found, "its files")
	return nil
}

// file compares a file with what its commit says of it, and says what is wrong.
func (k *checking) file(ctx context.Context, f fleet.Output, task int) (wrong string, err error) {
	data, err := ReadOutput(ctx, k.Store, k.c, f)
	var damage *Damage
	switch {
	case errors.As(err, &damage):
		return damage.What, nil
	case err != nil:
		return "it counts, and cannot be read: " + err.Error(), note(ctx, func() {})
	}
	if k.Rows == nil {
		return "", nil
	}
	t := &k.tasks[task]
	var n int64
	var foreign, elsewhere, repeated tally
	inFile := map[rowID]bool{} // one input may hold a reading twice; then so does its file
	unreadable := k.Rows(ctx, f.Key, data, func(r Row) {
		n++
		id := rowID{r.Sensor, r.Time}
		if _, ok := k.rows[id]; ok {
			repeated.add(r.Sensor.String())
		}
		inFile[id] = true
		if r.Run != "" && (r.Run != t.Run || r.Run == k.c.Run && r.Rev != k.c.Rev) {
			foreign.add(fmt.Sprintf("%s, of run %s, revision %d", r.Sensor, r.Run, r.Rev))
		}
		if !t.Part.Covers(r.Sensor, k.partitions) {
			elsewhere.add(r.Sensor.String())
		}
		s := k.sensors[r.Sensor]
		if s == nil {
			s = &seen{}
			k.sensors[r.Sensor] = s
			t.scored++
		}
		s.rows++
		if r.Anomaly {
			s.anomalies++
			t.anomalies++
		}
	})
	for id := range inFile {
		k.rows[id] = struct{}{}
	}
	if unreadable != nil {
		return "it cannot be read: " + unreadable.Error(), note(ctx, func() {})
	}
	// The first of these may be what the others come of.
	switch {
	case foreign.n > 0:
		wrong = foreign.say("it has a row that is not of its task's run: ")
	case elsewhere.n > 0:
		k.torn = true
		wrong = elsewhere.say("it has a row that is not in the part of its task: ")
	case repeated.n > 0:
		wrong = repeated.say("it repeats a row of another file that counts: ")
	case n != f.Rows:
		wrong = fmt.Sprintf("it has %d rows, and %s says %d", n, k.key, f.Rows)
	}
	return wrong, nil
}

// tally is something that was found several times, told once.
type tally struct {
	n     int
	first string
}

func (t *tally) add(what string) {
	if t.n++; t.n == 1 {
		t.first = what
	}
}

func (t *tally) say(what string) string {
	if t.n == 1 {
		return what + t.first
	}
	return fmt.Sprintf("%s%s (and %d more)", what, t.first, t.n-1)
}
