package fleet

import (
	"slices"
	"time"
)

// Result is what one attempt at a task came to. The object at ResultKey begins
// with it, on one line; the fates of its sensors follow (store/tile).
type Result struct {
	Task
	Node     string    `json:"node"`
	Started  time.Time `json:"started"`
	Finished time.Time `json:"finished"`
	Seconds  Seconds   `json:"seconds"`
	Usage    Usage     `json:"usage,omitzero"` // of the store, the result and the log included

	Counts
	Causes   []Group         `json:"causes"`   // by cause
	Failures []SensorFailure `json:"failures"` // by sensor
	ScoredBy []Scorer        `json:"scored_by,omitempty"`
	Outputs  []Output        `json:"outputs"`
	// Error says why nothing could be scored, where trying again would not help:
	// an input that is damaged. Every sensor of the part has failed.
	Error string `json:"error,omitempty"`
}

// Seconds is how long each part of an attempt took.
type Seconds struct {
	Start float64 `json:"start"` // manifest, shard, models
	Read  float64 `json:"read"`
	Score float64 `json:"score"` // encoding included
	Write float64 `json:"write"`
}

// Counts are the sums over some sensors.
type Counts struct {
	Sensors     int   `json:"sensors"` // with readings or a model
	Scored      int   `json:"scored"`  // with predictions, some perhaps with failures too
	Failed      int   `json:"failed"`  // with a failure
	Silent      int   `json:"silent"`  // with a model and no readings
	Skipped     int   `json:"skipped"` // without a model, where the job skips those
	Orphans     int64 `json:"orphans"` // readings whose device or tag could not be read
	Readings    int64 `json:"readings"`
	Predictions int64 `json:"predictions"`
	Anomalies   int64 `json:"anomalies"`
	Undecidable int64 `json:"undecidable"` // so near 0 that rounding alone decides
}

// Add adds o to c.
func (c *Counts) Add(o Counts) {
	c.Sensors += o.Sensors
	c.Scored += o.Scored
	c.Failed += o.Failed
	c.Silent += o.Silent
	c.Skipped += o.Skipped
	c.Orphans += o.Orphans
	c.Readings += o.Readings
	c.Predictions += o.Predictions
	c.Anomalies += o.Anomalies
	c.Undecidable += o.Undecidable
}

// Group is all failures of one cause.
type Group struct {
	Cause   Cause  `json:"cause"`
	Sensors int    `json:"sensors"`
	Rows    int64  `json:"rows"`
	Example string `json:"example"`
}

// Scorer says who scored some sensors, where not all are scored natively.
type Scorer struct {
	Runtime string `json:"runtime"` // native, python or command
	// Reason is why they were not scored natively, where that was tried, and Example one of them.
	Reason  string `json:"reason,omitempty"`
	Sensors int    `json:"sensors"`
	Example string `json:"example,omitempty"`
}

// maxScorers bounds how many reasons are told apart.
const maxScorers = 50

// AddScorers adds scorers to sums, by runtime and reason.
func AddScorers(sums []Scorer, more ...Scorer) []Scorer {
	for _, m := range more {
		same := func(s Scorer) bool { return s.Runtime == m.Runtime && s.Reason == m.Reason }
		i := slices.IndexFunc(sums, same)
		if i < 0 && len(sums) >= maxScorers && m.Reason != "" {
			m.Reason = "other reasons"
			i = slices.IndexFunc(sums, same)
		}
		if i < 0 {
			sums = append(sums, m)
			continue
		}
		sums[i].Sensors += m.Sensors
	}
	return sums
}

// SensorFailure is one sensor's failure.
type SensorFailure struct {
	Sensor
	Failure
}

// Output is an object that a task wrote.
type Output struct {
	Key    string `json:"key"`
	Size   int64  `json:"size"`
	SHA256 string `json:"sha256"`
	Rows   int64  `json:"rows"`
}

// Commit says which files count for an interval of a job. Of several revisions
// the highest counts, and supersedes all others.
type Commit struct {
	Job      string    `json:"job"`
	Interval Interval  `json:"interval"`
	Rev      int       `json:"rev"`
	Run      string    `json:"run"`
	Time     time.Time `json:"time"`
	// Complete is false if more sensors failed than the job allows. What was
	// scored counts all the same.
	Complete bool `json:"complete"`
	Counts
	Causes   []Group  `json:"causes"`
	ScoredBy []Scorer `json:"scored_by,omitempty"`
	// Tasks are the attempts that count. Every sensor is in the part of exactly one.
	Tasks []CommitTask `json:"tasks"`
	Tile  string       `json:"tile"` // key
}

// CommitTask is an attempt that counts. It may be of an earlier run, which a
// retry of what failed keeps.
type CommitTask struct {
	Task
	Part Part `json:"part"`
	Counts
	Causes   []Group  `json:"causes,omitempty"`
	ScoredBy []Scorer `json:"scored_by,omitempty"`
	Files    []Output `json:"files,omitempty"`
	// Lost says why there is no result: its sensors failed, all of them.
	Lost Cause `json:"lost,omitempty"`
}

// Files lists the files that count.
func (c *Commit) Files() []Output {
	var files []Output
	for i := range c.Tasks {
		files = append(files, c.Tasks[i].Files...)
	}
	return files
}

// AddGroups adds failures to sums, by cause, in the order in which a report
// shows them.
func AddGroups(sums, more []Group) []Group {
	for _, g := range more {
		i := slices.IndexFunc(sums, func(s Group) bool { return s.Cause == g.Cause })
		if i < 0 {
			sums = append(sums, g)
			continue
		}
		sums[i].Sensors += g.Sensors
		sums[i].Rows += g.Rows
	}
	order := Causes()
	slices.SortStableFunc(sums, func(a, b Group) int {
		return slices.Index(order, a.Cause) - slices.Index(order, b.Cause)
	})
	return sums
}
