package fleet

import "time"

// NoModels is what Recipe.Models is where there are none, and a foreign program scores without.
const NoModels = "none"

// Recipe is what the tasks of a run must know of its job.
type Recipe struct {
	// Entity is "sensor" or "device": what has a model.
	Entity string `json:"entity"`
	// Features and Columns say how input files are read, as users write it.
	Features string `json:"features,omitempty"`
	Columns  string `json:"columns,omitempty"`
	// Models is the key template of a model, or NoModels.
	Models string `json:"models"`
	// Runtime is what scores them, pinned; nil: native.
	Runtime *Runtime `json:"runtime,omitempty"`
	// Clip leaves out the rows whose time is not in the run's interval.
	Clip bool `json:"clip,omitempty"`
	// Latest keeps of a sensor's rows of one time that of the last input.
	Latest bool `json:"latest,omitempty"`
	// Format is "parquet" or "csv"; Layout is "single" (a file for each task) or
	// "sensor" (a file for each sensor).
	Format string `json:"format"`
	Layout string `json:"layout"`
	// Threshold, if set, makes a score below it an anomaly; nil: what the model
	// itself says.
	Threshold *float64 `json:"threshold,omitempty"`
	// MissingModel is "fail" or "skip": what a sensor without a model is.
	MissingModel string `json:"missing_model"`
	// FlatLogs puts all logs in one folder, not one for each task.
	FlatLogs bool `json:"flat_logs,omitempty"`
	// Timeout is the longest that an attempt may take, in seconds; 0: no limit.
	Timeout float64 `json:"timeout_seconds,omitempty"`
}

// Manifest is the root of one generation of a run: all that its tasks share, and
// where their shards are. It never changes once it is stored.
type Manifest struct {
	Run        string    `json:"run"`
	Job        string    `json:"job"`
	Interval   Interval  `json:"interval"`
	Rev        int       `json:"rev"`        // of the commit that is to come, from 1
	Generation int       `json:"generation"` // from 0; a later one has what an earlier one could not do
	Partitions int       `json:"partitions"` // of the deployment
	Planned    time.Time `json:"planned"`
	Recipe     Recipe    `json:"recipe"`
	// Replaces are tasks of earlier generations that this one does instead.
	Replaces []Task `json:"replaces,omitempty"`
	// ShardsKey is the object with the shards, and Shards the end of each in it, in bytes.
	ShardsKey string  `json:"shards_key"`
	Shards    []int64 `json:"shards"`
}

// Shard is what one task does.
type Shard struct {
	Index  int     `json:"index"` // in its generation, from 0
	Part   Part    `json:"part"`
	Inputs []Input `json:"inputs"`
	// Packs are the packs that hold the part's models, those that count first.
	Packs []string `json:"packs"`
	// Cost is what it is expected to take, in seconds of a core.
	Cost float64 `json:"cost"`
	// Sensors are how many of it were known when the run was planned.
	Sensors int `json:"sensors,omitempty"`
	// Suspect says that it is a piece of a task that killed its nodes.
	Suspect bool `json:"suspect,omitempty"`
}

// Input is an object that a task reads, and its version when the run was
// planned.
type Input struct {
	Key  string `json:"key"`
	Size int64  `json:"size"`
}

// Task names a task of a run, and one attempt at it.
type Task struct {
	Run        string `json:"run"`
	Generation int    `json:"generation"`
	Index      int    `json:"index"`
	Attempt    int    `json:"attempt"` // from 1
}
