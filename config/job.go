package config

import (
	"encoding/json"
	"fmt"
)

// Job is what is scored, when, and how.
type Job struct {
	Schedule string   `json:"schedule,omitempty" doc:"when it runs: cron (0 * * * *, @daily), or @every 10s; none: only when it is told to"`
	Zone     string   `json:"timezone" default:"UTC" doc:"time zone of the schedule, such as Europe/Zurich"`
	Interval Duration `json:"interval,omitempty" maximum:"3660d" doc:"how much time's data a run scores, whole seconds; 0: as much as there is between two fires"`
	Delay    Duration `json:"delay" default:"0" maximum:"366d" doc:"how long after the end of its interval a run starts, for data that comes late"`

	Input        Input    `json:"input" doc:"what is scored: exactly one of window, files and file"`
	Models       string   `json:"models" doc:"key of a sensor's model, with {device} and {tag}; else models/{device}/{tag}.pkl, or models/{device}.pkl where the entity is device; none: a script or a command does without"`
	Runtime      Runtime  `json:"runtime" default:"native" doc:"what scores: native reads scikit-learn's models and runs no Python; python, or {python: {…}}, {command: {…}} with settings of their own"`
	Fallback     Fallback `json:"fallback" default:"none" doc:"what scores the models that native does not: python, or {python: {…}}"`
	Anomaly      Anomaly  `json:"anomaly" doc:"what an anomaly is"`
	Output       Output   `json:"output" doc:"how predictions are written"`
	MissingModel string   `json:"missing_model" default:"fail" enum:"fail,skip" doc:"a sensor with readings and without a model fails, or is skipped"`
	MaxFailed    string   `json:"max_failed" default:"0" number:"true" doc:"how many sensors may fail before the run has failed: a count, or a percentage such as 1%"`
	Timeout      Duration `json:"timeout" default:"10m" doc:"longest that an attempt at a task may take; 0: no limit"`
	Retries      Retries  `json:"retries" short:"max" doc:"attempts after the first; a number alone is retries.max"`
	CatchUp      string   `json:"catch_up" default:"latest" enum:"all,latest,none" doc:"which intervals are run that were missed while the service was down"`
	Overlap      string   `json:"overlap" default:"queue" enum:"skip,queue,replace" doc:"what a run does that comes due while another of its job is under way"`
	Priority     int      `json:"priority" default:"0" minimum:"-1000" maximum:"1000" doc:"tasks of a job with a higher one go first"`
	Paused       bool     `json:"paused" default:"false" doc:"it does not run by schedule, and job resume is refused; false: as job pause and job resume say"`
	Tasks        Tasks    `json:"tasks" doc:"how a run is cut into tasks"`
	Logs         Logs     `json:"logs" doc:"where logs of tasks go"`
}

// Input is where a job's rows come from.
type Input struct {
	Window   string   `json:"window,omitempty" doc:"windows of this name"`
	Wait     Duration `json:"wait" default:"1m" maximum:"1d" doc:"how long a run waits for windows of its interval that are open: of a device that has fallen silent, say"`
	Files    string   `json:"files,omitempty" doc:"template of keys with {date} {year} {month} {day} {hour} {minute}, of the interval in UTC, and * ? within a folder"`
	File     string   `json:"file,omitempty" doc:"key of one file, the same for every run"`
	Features []string `json:"features,omitempty" doc:"a model's features, in the order of its training, each written as in --features of score: [mean, max]; of devices [temperature, vibration.max]; none: the value"`
	Entity   string   `json:"entity" default:"sensor" enum:"sensor,device" doc:"what has a model"`
	Columns  Columns  `json:"columns,omitempty" doc:"names of columns: {time: TS, device: Device, tag: Tag, value: Value}, any of the four; else found by their usual names"`
	Clip     *bool    `json:"clip,omitempty" doc:"score only rows whose time is inside the interval; true for window, else false"`
}

// Anomaly is what counts as one.
type Anomaly struct {
	ScoreBelow *float64 `json:"score_below,omitempty" doc:"a score below this; none: what the model says"`
}

// Output is how predictions are written.
type Output struct {
	Format string `json:"format" default:"parquet" enum:"parquet,csv" doc:"format of predictions"`
	Layout string `json:"layout" default:"single" enum:"single,sensor" doc:"a file for each task, or for each sensor"`
}

// Retries say how often, and when, an attempt at a task is made again.
type Retries struct {
	Max        int      `json:"max" default:"3" minimum:"0" maximum:"100" doc:"most attempts after the first, of a task that fails or whose node dies; one that takes too long is split instead"`
	Backoff    Duration `json:"backoff" default:"1s" doc:"wait before the second attempt, doubled for each one after it"`
	MaxBackoff Duration `json:"max_backoff" default:"1m" doc:"longest such wait"`
}

// Tasks say how a run is cut.
type Tasks struct {
	MaxSensors int      `json:"max_sensors" default:"0" minimum:"0" maximum:"100000000" doc:"most sensors of a task; 0: no limit"`
	Seconds    Duration `json:"seconds" default:"300ms" doc:"least work, expected on one core, that is worth a task of its own"`
}

// Logs say where logs of tasks go.
type Logs struct {
	Layout string `json:"layout" default:"task" enum:"task,flat" doc:"a folder for each task, or all in one"`
}

// ModelKey is the key template of a model, or fleet.NoModels.
func (j Job) ModelKey() string {
	switch {
	case j.Models != "":
		return j.Models
	case j.Input.Entity == "device":
		return "models/{device}.pkl"
	}
	return "models/{device}/{tag}.pkl"
}

// Clips reports whether rows outside the interval are left out.
func (i Input) Clips() bool {
	if i.Clip != nil {
		return *i.Clip
	}
	return i.Window != ""
}

// JSON is the job as it is kept elsewhere, defaults included: equal for jobs that
// are equal.
func (j Job) JSON() []byte {
	data, err := json.Marshal(j)
	if err != nil { // only a score_below that is no number, which Validate refuses
		return []byte("{}")
	}
	return data
}

// ParseJob reads what JSON writes, of older versions too: what these did not know
// has its default.
func ParseJob(data []byte) (Job, error) {
	job := DefaultJob()
	if err := json.Unmarshal(data, &job); err != nil {
		return Job{}, fmt.Errorf("reading a job: %w", err)
	}
	return job, nil
}
