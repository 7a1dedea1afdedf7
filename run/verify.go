package run

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"

	"github.com/fleetscore/fleetscore/fleet"
	"github.com/fleetscore/fleetscore/store"
	"github.com/fleetscore/fleetscore/store/tile"
)

// Verification is what a store was found to hold.
type Verification struct {
	Jobs        int       `json:"jobs"`
	Intervals   int       `json:"intervals"`
	Commits     int       `json:"commits"`
	Files       int       `json:"files"`
	Bytes       int64     `json:"bytes"`
	Predictions int64     `json:"predictions"`
	Sensors     int64     `json:"sensors"`
	Gaps        []Problem `json:"gaps"`     // intervals between others for which there is no commit
	Orphans     []Problem `json:"orphans"`  // files that no commit names; harmless, the janitor takes them
	Problems    []Problem `json:"problems"` // what must not be
}

// Problem is what is wrong with an object.
type Problem struct {
	Key  string `json:"key"`
	What string `json:"what"`
}

// Rows reads the rows of a file of predictions: of each its sensor, its time in
// nanoseconds and its revision.
type Rows func(ctx context.Context, key string, data []byte, row func(s fleet.Sensor, ns int64, run string, rev int)) error

// Verifier proves that each interval of each job was scored once.
type Verifier struct {
	Store store.Store
	Rows  Rows // reads predictions; nil: files are compared by digest only
	// Progress, if set, is told of each commit before it is looked at.
	Progress func(key string)
}

// Verify reads everything that commits name. An error is a store that cannot be
// read; what is wrong with its contents is in the Verification.
func (v *Verifier) Verify(ctx context.Context) (*Verification, error) {
	out := &Verification{Gaps: []Problem{}, Orphans: []Problem{}, Problems: []Problem{}}
	latest := map[string]string{} // key of an interval's last commit, by job/interval
	for info, err := range v.Store.List(ctx, "commits/") {
		if errors.Is(err, store.ErrNotFound) {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("listing commits: %w", err)
		}
		job, interval, _, err := fleet.ParseCommitKey(info.Key)
		if err != nil {
			out.wrong(info.Key, err.Error())
			continue
		}
		out.Commits++
		name := job + "/" + interval.Key()
		latest[name] = max(latest[name], info.Key) // revisions sort as text
	}
	keys := make([]string, 0, len(latest))
	for _, key := range latest {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	out.Intervals = len(keys)
	named := map[string]bool{}
	before := fleet.Interval{}
	jobBefore := ""
	for _, key := range keys {
		if v.Progress != nil {
			v.Progress(key)
		}
		job, interval, _, _ := fleet.ParseCommitKey(key) // it was parsed above
		switch {
		case job != jobBefore:
			out.Jobs++
		case interval.From.After(before.To):
			out.Gaps = append(out.Gaps, Problem{key, fmt.Sprintf("nothing was committed of job %s from %s to %s", job, before.To, interval.From)})
		case interval.From.Before(before.To):
			out.wrong(key, fmt.Sprintf("the interval overlaps the one before it, %s", before))
		}
		jobBefore, before = job, interval
		if err := v.commit(ctx, key, named, out); err != nil {
			return nil, err
		}
	}
	return out, v.orphans(ctx, named, out)
}

func (o *Verification) wrong(key, what string) { o.Problems = append(o.Problems, Problem{key, what}) }

// commit looks at one commit and all that it names.
func (v *Verifier) commit(ctx context.Context, key string, named map[string]bool, out *Verification) error {
	c, err := ReadCommit(ctx, v.Store, key)
	if err != nil {
		return v.note(ctx, func() { out.wrong(key, err.Error()) })
	}
	if fleet.CommitKey(c.Job, c.Interval, c.Rev) != key {
		out.wrong(key, fmt.Sprintf("it says that it is %s", fleet.CommitKey(c.Job, c.Interval, c.Rev)))
		return nil
	}
	var sums fleet.Counts
	rows := map[rowID]string{}
	for i := range c.Tasks {
		t := &c.Tasks[i]
		sums.Add(t.Counts)
		var inFiles int64
		for _, f := range t.Files {
			if named[f.Key] {
				out.wrong(f.Key, "it counts twice: "+key+" and another commit or task name it")
			}
			named[f.Key] = true
			out.Files++
			out.Bytes += f.Size
			inFiles += f.Rows
			if err := v.file(ctx, f, c, t, rows, out); err != nil {
				return err
			}
		}
		if inFiles != t.Predictions {
			out.wrong(key, fmt.Sprintf("task %s made %d predictions, and its files have %d", t.Task, t.Predictions, inFiles))
		}
	}
	if sums != c.Counts {
		out.wrong(key, fmt.Sprintf("its counts %+v are not the sums of its tasks, %+v", c.Counts, sums))
	}
	out.Predictions += c.Predictions
	out.Sensors += int64(c.Sensors)
	return v.tile(ctx, key, c, rows, out)
}

// note has a problem noted, unless it is only that ctx has ended.
func (v *Verifier) note(ctx context.Context, wrong func()) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	wrong()
	return nil
}

// rowID is what no two predictions of an interval share.
type rowID struct {
	sensor fleet.Sensor
	ns     int64
}

// file compares a file with what its commit says of it.
func (v *Verifier) file(ctx context.Context, f fleet.Output, c *fleet.Commit, t *fleet.CommitTask, rows map[rowID]string, out *Verification) error {
	data, err := v.Store.Get(ctx, f.Key, nil)
	if err != nil {
		return v.note(ctx, func() { out.wrong(f.Key, "it counts, and cannot be read: "+err.Error()) })
	}
	if sum := sha256.Sum256(data); int64(len(data)) != f.Size || hex.EncodeToString(sum[:]) != f.SHA256 {
		out.wrong(f.Key, fmt.Sprintf("it has %d bytes of digest %x, and had %d of %s when it was committed", len(data), sum[:6], f.Size, f.SHA256[:min(12, len(f.SHA256))]))
		return nil
	}
	if v.Rows == nil {
		return nil
	}
	var n int64
	repeated := map[rowID]bool{}
	inFile := map[rowID]bool{}
	unreadable := v.Rows(ctx, f.Key, data, func(s fleet.Sensor, ns int64, run string, rev int) {
		n++
		id := rowID{s, ns}
		if other, ok := rows[id]; ok && other != f.Key {
			repeated[id] = true
		}
		// One input may hold a reading twice; then so does its file.
		inFile[id] = true
		if run != "" && run != t.Run {
			out.wrong(f.Key, fmt.Sprintf("a row of %s is of run %s, and its task of %s", s, run, t.Run))
		}
		if !t.Part.Covers(s, v.partitions(c)) {
			out.wrong(f.Key, fmt.Sprintf("it has a row of %s, which is not in the part of its task", s))
		}
	})
	if unreadable != nil {
		return v.note(ctx, func() { out.wrong(f.Key, "it cannot be read: "+unreadable.Error()) })
	}
	for id := range inFile {
		rows[id] = f.Key
	}
	for id := range repeated {
		out.wrong(f.Key, fmt.Sprintf("it repeats a row of %s", id.sensor))
	}
	if n != f.Rows {
		out.wrong(f.Key, fmt.Sprintf("it has %d rows, and had %d when it was committed", n, f.Rows))
	}
	return nil
}

// partitions is how many there were: every one is in the part of some task.
func (v *Verifier) partitions(c *fleet.Commit) int {
	n := 0
	for i := range c.Tasks {
		for _, p := range c.Tasks[i].Part.Partitions {
			n = max(n, p+1)
		}
	}
	return n
}

// tile compares the fates of sensors with the counts of the commit.
func (v *Verifier) tile(ctx context.Context, key string, c *fleet.Commit, rows map[rowID]string, out *Verification) error {
	t, err := tile.Read(ctx, v.Store, c.Tile)
	if err != nil {
		return v.note(ctx, func() { out.wrong(c.Tile, err.Error()) })
	}
	if t.Len() != c.Sensors {
		out.wrong(c.Tile, fmt.Sprintf("it tells of %d sensors, and %s of %d", t.Len(), key, c.Sensors))
	}
	if v.Rows == nil {
		return nil
	}
	scored := map[fleet.Sensor]bool{}
	for id := range rows {
		scored[id.sensor] = true
	}
	for i := range t.Len() {
		e := t.At(i)
		if e.Fate.HasPredictions() != scored[e.Sensor] {
			out.wrong(c.Tile, fmt.Sprintf("it says that %s is %v, and there are predictions: %v", e.Sensor, e.Fate, scored[e.Sensor]))
		}
	}
	if len(scored) != c.Scored {
		out.wrong(key, fmt.Sprintf("it says that %d sensors were scored; %d have predictions", c.Scored, len(scored)))
	}
	return nil
}

// orphans finds the files that no commit names.
func (v *Verifier) orphans(ctx context.Context, named map[string]bool, out *Verification) error {
	for info, err := range v.Store.List(ctx, "predictions/") {
		if errors.Is(err, store.ErrNotFound) {
			break
		}
		if err != nil {
			return fmt.Errorf("listing predictions: %w", err)
		}
		if !named[info.Key] {
			out.Orphans = append(out.Orphans, Problem{info.Key, "no commit that counts names it"})
		}
	}
	return nil
}
