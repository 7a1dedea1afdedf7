package run

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/fleetscore/fleetscore/fleet"
	"github.com/fleetscore/fleetscore/store/tile"
)

// say notes what is wrong with a task, unless something was said of it already.
func (k *checking) say(t *checkedTask, key, what string) {
	if !t.wrong {
		t.wrong = true
		k.wrong(key, what, againText(k.c))
	}
}

func ofTask(t *checkedTask, what string) string {
	return fmt.Sprintf("of task %s of run %s it says %s", t.Task, t.Run, what)
}

// counts compares the counts of a task with what else tells of them.
func (k *checking) counts(t *checkedTask, found fleet.Counts, where string) {
	if d := difference(t.Counts, found, where); d != "" {
		k.say(t, k.key, ofTask(t, d))
	}
}

// sums compares the commit with the sums of its tasks.
func (k *checking) sums() (wrong string) {
	var counts fleet.Counts
	var causes []fleet.Group
	for i := range k.tasks {
		counts.Add(k.tasks[i].Counts)
		causes = fleet.AddGroups(causes, k.tasks[i].Causes)
	}
	const where = "the sums of its tasks"
	if d := cmp.Or(difference(k.c.Counts, counts, where), differentGroups(k.c.Causes, causes, where)); d != "" {
		return "it says " + d
	}
	return ""
}

// difference says which counts of a are not as b, which is in where, has them; ""
// if all are.
func difference(a, b fleet.Counts, where string) string {
	var all []string
	compare := func(name string, a, b int64) {
		if a != b {
			all = append(all, fmt.Sprintf("%s %d, not %d", name, a, b))
		}
	}
	compare("sensors", int64(a.Sensors), int64(b.Sensors))
	compare("scored", int64(a.Scored), int64(b.Scored))
	compare("failed", int64(a.Failed), int64(b.Failed))
	compare("silent", int64(a.Silent), int64(b.Silent))
	compare("skipped", int64(a.Skipped), int64(b.Skipped))
	compare("readings without a sensor", a.Orphans, b.Orphans)
	compare("readings", a.Readings, b.Readings)
	compare("predictions", a.Predictions, b.Predictions)
	compare("anomalies", a.Anomalies, b.Anomalies)
	compare("undecidable", a.Undecidable, b.Undecidable)
	if len(all) == 0 {
		return ""
	}
	return strings.Join(all, ", ") + " as in " + where
}

// group is how often a cause struck.
type group struct {
	sensors int
	rows    int64
}

// byCause leaves out causes that struck nothing.
func byCause(groups []fleet.Group) map[fleet.Cause]group {
	all := map[fleet.Cause]group{}
	for _, g := range groups {
		sum := group{all[g.Cause].sensors + g.Sensors, all[g.Cause].rows + g.Rows}
		if all[g.Cause] = sum; sum == (group{}) {
			delete(all, g.Cause)
		}
	}
	return all
}

// differentGroups is difference for causes of failures.
func differentGroups(a, b []fleet.Group, where string) string {
	one, two := byCause(a), byCause(b)
	causes := slices.Collect(maps.Keys(one))
	causes = slices.AppendSeq(causes, maps.Keys(two))
	slices.Sort(causes)
	for _, c := range causes {
		if one[c] != two[c] {
			return fmt.Sprintf("failed of %.100s: sensors %d, rows %d, not %d, %d as in %s", c, one[c].sensors, one[c].rows, two[c].sensors, two[c].rows, where)
		}
	}
	return ""
}

// countFates are the counts of sensors that fates come to; those that fates say
// nothing of are as they are in c.
func countFates(entries []tile.Entry, c fleet.Counts) (counts fleet.Counts, causes map[fleet.Cause]int) {
	c.Sensors, c.Scored, c.Failed, c.Silent, c.Skipped = len(entries), 0, 0, 0, 0
	causes = map[fleet.Cause]int{}
	for _, e := range entries {
		if e.Fate.HasPredictions() {
			c.Scored++
		}
		if cause, ok := e.Fate.Cause(); ok {
			c.Failed++
			causes[cause]++
		}
		switch e.Fate {
		case tile.Silent:
			c.Silent++
		case tile.Skipped:
			c.Skipped++
		}
	}
	return c, causes
}

// unknownCause is what a fate calls a cause that this version does not know.
const unknownCause fleet.Cause = "unknown"

// impossibleCauses says which cause struck another number of sensors than fates
// say. A fate has the first cause of its sensor only, so that others may have
// struck more; but none more than failed at all.
func impossibleCauses(groups []fleet.Group, fates map[fleet.Cause]int, failed int, where string) string {
	if fates[unknownCause] > 0 {
		return "" // of a cause that came after this version
	}
	all := byCause(groups)
	total := 0
	for _, g := range all {
		total += g.sensors
	}
	causes := slices.Collect(maps.Keys(all))
	causes = slices.AppendSeq(causes, maps.Keys(fates))
	slices.Sort(causes)
	for _, c := range causes {
		if n := all[c].sensors; n < fates[c] || n > failed || total == failed && n != fates[c] {
			return fmt.Sprintf("failed of %.100s: sensors %d, not %d as in %s", c, n, fates[c], where)
		}
	}
	return ""
}
