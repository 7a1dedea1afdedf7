package fleet

import (
	"fmt"
	"strings"
)

// Where the objects of runs are. Names of jobs and runs are plain words
// (CheckJobName), so that they need no encoding.

// RunPrefix is what the keys of a run's manifests and results begin with.
func RunPrefix(run string) string { return "runs/" + run + "/" }

// ManifestKey is where the root of a generation is.
func ManifestKey(run string, generation int) string {
	return fmt.Sprintf("runs/%s/manifest-%d.json", run, generation)
}

// ShardsKey is where the shards of a generation are, one after the other. Each
// planning of it has a mark of its own, so that none spoils another's.
func ShardsKey(run string, generation int, mark string) string {
	return fmt.Sprintf("runs/%s/shards-%d-%s.json", run, generation, mark)
}

// ResultPrefix is what the keys of a run's results begin with.
func ResultPrefix(run string) string { return "runs/" + run + "/result/" }

// ResultKey is where the result of an attempt is.
func ResultKey(t Task) string { return ResultPrefix(t.Run) + t.String() + ".json" }

// String names the attempt within its run: generation-index-attempt.
func (t Task) String() string { return fmt.Sprintf("%d-%d-%d", t.Generation, t.Index, t.Attempt) }

// ParseTask reads what String writes.
func ParseTask(run, s string) (Task, error) {
	t := Task{Run: run}
	if n, err := fmt.Sscanf(s, "%d-%d-%d", &t.Generation, &t.Index, &t.Attempt); n != 3 || err != nil || t.String() != s {
		return Task{}, fmt.Errorf("%.100q is not an attempt; one looks like 0-12-1: generation, index, attempt", s)
	}
	return t, nil
}

// LogPrefix is what the keys of an attempt's log begin with; chunk numbers
// follow, LogKey says how.
func LogPrefix(job string, t Task, flat bool) string {
	if flat {
		return fmt.Sprintf("logs/%s-%s-", t.Run, t)
	}
	return fmt.Sprintf("logs/%s/%s/%d-%d/%d-", job, t.Run, t.Generation, t.Index, t.Attempt)
}

// LogKey is where chunk n of an attempt's log is, from 0.
func LogKey(job string, t Task, flat bool, n int) string {
	return fmt.Sprintf("%s%05d.log", LogPrefix(job, t, flat), n)
}

// PredictionsPrefix is what the keys of a job's predictions for an interval
// begin with.
func PredictionsPrefix(job string, i Interval) string {
	from := i.From.UTC()
	return fmt.Sprintf("predictions/job=%s/date=%s/hour=%s/", job, from.Format("2006-01-02"), from.Format("15"))
}

// PredictionsKey is where an attempt writes its predictions: one file, or, with
// the layout "sensor", the folder of a file for each.
func PredictionsKey(job string, i Interval, t Task) string {
	return PredictionsPrefix(job, i) + t.Run + "-" + t.String()
}

// CommitPrefix is what the keys of a job's commits begin with; of an interval's,
// with its Key and a slash after it.
func CommitPrefix(job string) string { return "commits/" + job + "/" }

// CommitKey is where a revision of an interval is.
func CommitKey(job string, i Interval, rev int) string {
	return fmt.Sprintf("%s%s/%06d.json", CommitPrefix(job), i.Key(), rev)
}

// ParseCommitKey reads what CommitKey writes.
func ParseCommitKey(key string) (job string, i Interval, rev int, err error) {
	parts := strings.Split(key, "/")
	if len(parts) == 4 && parts[0] == "commits" {
		i, err = ParseIntervalKey(parts[2])
		if _, scanErr := fmt.Sscanf(parts[3], "%06d.json", &rev); err == nil && scanErr == nil && CommitKey(parts[1], i, rev) == key {
			return parts[1], i, rev, nil
		}
	}
	return "", Interval{}, 0, fmt.Errorf("%.200q is not the key of a commit", key)
}

// TileKey is where the tile of a revision is.
func TileKey(job string, i Interval, rev int) string {
	return fmt.Sprintf("tiles/%s/%s-%06d.tile", job, i.Key(), rev)
}

// CheckJobName says why name cannot be a job's, or returns nil: it is part of
// keys and of command lines.
func CheckJobName(name string) error {
	if name == "" || len(name) > 63 {
		return fmt.Errorf("the name %.80q of a job must have 1 to 63 characters", name)
	}
	for i, c := range []byte(name) {
		ok := c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || i > 0 && (c == '-' || c == '_' || c == '.')
		if !ok || i == len(name)-1 && c == '.' {
			return fmt.Errorf("the name %q of a job may have a-z, 0-9, and after the first character - _ . (not at the end)", name)
		}
	}
	return nil
}
