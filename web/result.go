package web

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/fleetscore/fleetscore/fleet"
	"github.com/fleetscore/fleetscore/view/matrix"
)

// Commit is what counts for an interval, in short.
type Commit struct {
	Interval fleet.Interval `json:"interval"`
	Rev      int            `json:"rev" doc:"the revision that counts"`
	Run      string         `json:"run" doc:"that committed it"`
	Time     time.Time      `json:"time"`
	Complete bool           `json:"complete" doc:"no more sensors failed than the job allows"`
	Tasks    int            `json:"tasks"`
	Files    int            `json:"files"`
	fleet.Counts
	Causes []fleet.Group `json:"causes" nullable:"false"`
}

// CommitList is what counts for some intervals, in order.
type CommitList struct {
	Commits []Commit `json:"commits" nullable:"false"`
	Next    string   `json:"next,omitempty" doc:"there may be more: ask with from set to it"`
}

// SensorList is what became of sensors in an interval.
type SensorList struct {
	Interval fleet.Interval `json:"interval"`
	Rev      int            `json:"rev"`
	Run      string         `json:"run"`
	Fates    map[string]int `json:"fates" doc:"how many sensors of the device, the tag and what was searched for there are of each fate"`
	Causes   map[string]int `json:"causes" doc:"how many of these there are of each cause"`
	Sensors  []SensorFate   `json:"sensors" nullable:"false"`
	Next     string         `json:"next,omitempty" doc:"there may be more: ask with cursor set to it"`
}

// PredictionList is the predictions that count for an interval.
type PredictionList struct {
	Interval fleet.Interval `json:"interval"`
	Rev      int            `json:"rev"`
	Run      string         `json:"run"`
	Files    []fleet.Output `json:"files" nullable:"false" doc:"the files that count; of all that lies beside them, nothing does"`
	Sensor   *SensorFate    `json:"sensor,omitempty" doc:"the sensor that was asked for, and what became of it"`
	Rows     []Prediction   `json:"rows,omitempty" nullable:"false" doc:"of the sensor, in the order of time"`
	Next     string         `json:"next,omitempty" doc:"there may be more rows: ask with cursor set to it"`
}

type listCommitsInput struct {
	JobParam
	From  string `query:"from" maxLength:"40" doc:"only intervals that begin then or later, such as 2026-11-23T13:00Z"`
	To    string `query:"to" maxLength:"40" doc:"only intervals that begin earlier"`
	Limit int    `query:"limit" minimum:"1" maximum:"5000" default:"500"`
}

// IntervalParam is a job and one of its intervals.
type IntervalParam struct {
	JobParam
	Interval string `query:"interval" maxLength:"100" doc:"when it begins, such as 2026-11-23T13:00Z, or from/to; without it: the last one that was committed"`
}

type listSensorsInput struct {
	IntervalParam
	Fate   []string    `query:"fate" enum:"scored,anomalous,failed,silent,skipped,unknown" maxItems:"6" doc:"only those to which one of these happened"`
	Cause  fleet.Cause `query:"cause" maxLength:"40" doc:"only those of this cause, such as no_model"`
	Device string      `query:"device" maxLength:"256"`
	Tag    string      `query:"tag" maxLength:"256"`
	Search string      `query:"search" maxLength:"256" doc:"only those whose device/tag has this in it, in upper or lower case"`
	Cursor string      `query:"cursor" maxLength:"1100" doc:"the next of an answer"`
	Limit  int         `query:"limit" minimum:"1" maximum:"10000" default:"1000"`
}

type listPredictionsInput struct {
	IntervalParam
	Device string `query:"device" maxLength:"256" doc:"also the rows of this device's sensor"`
	Tag    string `query:"tag" maxLength:"256"`
	Sensor string `query:"sensor" maxLength:"513" doc:"the same, by its name: device, or device/tag, of which either may have slashes"`
	Cursor string `query:"cursor" maxLength:"20" doc:"the next of an answer"`
	Limit  int    `query:"limit" minimum:"1" maximum:"10000" default:"1000" doc:"of rows"`
}

func (s *Server) resultOperations(api huma.API) {
	register(s, api, operation{id: "list-commits", at: "GET " + base + "/jobs/{job}/commits", tag: "results", role: Viewer, summary: "What counts for the intervals of a job"}, s.listCommits)
	register(s, api, operation{id: "list-sensors", at: "GET " + base + "/jobs/{job}/sensors", tag: "results", role: Viewer, summary: "What became of each sensor in an interval: who was not scored, and why"}, s.listSensors)
	register(s, api, operation{id: "list-predictions", at: "GET " + base + "/jobs/{job}/predictions", tag: "results", role: Viewer, summary: "The predictions that count for an interval: the files, and the rows of a sensor"}, s.listPredictions)
}

func (s *Server) listCommits(ctx context.Context, in *listCommitsInput) (CommitList, error) {
	from, to, err := span(in.From, in.To)
	if err != nil {
		return CommitList{}, err
	}
	list := CommitList{Commits: []Commit{}}
	for c, err := range s.cfg.Data.Commits(ctx, in.Job, from, to) {
		if err != nil {
			return CommitList{}, fmt.Errorf("reading what counts for job %s: %w", in.Job, err)
		}
		// Intervals that begin at the same time stay together, so that none is lost between pages.
		if n := len(list.Commits); n >= in.Limit && !c.Interval.From.Equal(list.Commits[n-1].Interval.From) {
			list.Next = c.Interval.From.UTC().Format(time.RFC3339)
			break
		}
		list.Commits = append(list.Commits, viewCommit(c))
	}
	if len(list.Commits) == 0 {
		_, err = s.job(ctx, in.Job)
	}
	return list, err
}

func viewCommit(c *fleet.Commit) Commit {
	v := Commit{Interval: c.Interval, Rev: c.Rev, Run: c.Run, Time: c.Time, Complete: c.Complete, Tasks: len(c.Tasks), Counts: c.Counts, Causes: append([]fleet.Group{}, c.Causes...)}
	for i := range c.Tasks {
		v.Files += len(c.Tasks[i].Files)
	}
	return v
}

// commit finds what counts for an interval.
func (s *Server) commit(ctx context.Context, in *IntervalParam) (*fleet.Commit, error) {
	var from, to time.Time
	var asked fleet.Interval
	if in.Interval != "" {
		var err error
		if asked, err = ParseInterval(in.Interval); err != nil {
			return nil, invalid("query.interval", err)
		}
		from, to = asked.From, asked.From.Add(time.Second)
	}
	var found *fleet.Commit
	for c, err := range s.cfg.Data.Commits(ctx, in.Job, from, to) {
		if err != nil {
			return nil, fmt.Errorf("reading what counts for job %s: %w", in.Job, err)
		}
		if asked.To.IsZero() || c.Interval.To.Equal(asked.To) {
			found = c
		}
	}
	if found != nil {
		return found, nil
	}
	if _, err := s.job(ctx, in.Job); err != nil {
		return nil, err
	}
	what := "nothing was committed yet for job " + in.Job
	if in.Interval != "" {
		what = "nothing was committed for " + in.Interval + " of job " + in.Job
	}
	return nil, missing(what, "the job's commits list what there is")
}

func (s *Server) listSensors(ctx context.Context, in *listSensorsInput) (SensorList, error) {
	var after fleet.Sensor
	if in.Cursor != "" {
		var err error
		if after, err = parseSensorCursor(in.Cursor); err != nil {
			return SensorList{}, invalid("query.cursor", err)
		}
	}
	c, err := s.commit(ctx, &in.IntervalParam)
	if err != nil {
		return SensorList{}, err
	}
	search := strings.ToLower(in.Search)
	wanted := map[string]bool{}
	for _, fate := range in.Fate {
		wanted[fate] = true
	}
	list := SensorList{Interval: c.Interval, Rev: c.Rev, Run: c.Run, Fates: map[string]int{}, Causes: map[string]int{}, Sensors: []SensorFate{}}
	for f, err := range s.cfg.Data.Fates(ctx, c) {
		if err != nil {
			return SensorList{}, fmt.Errorf("reading what became of the sensors of job %s: %w", in.Job, err)
		}
		if in.Device != "" && f.Device != in.Device || in.Tag != "" && f.Tag != in.Tag || !matrix.Contains(f.Sensor, search) {
			continue
		}
		list.Fates[f.Fate]++
		if f.Cause != "" {
			list.Causes[string(f.Cause)]++
		}
		if len(wanted) > 0 && !wanted[f.Fate] || in.Cause != "" && f.Cause != in.Cause || in.Cursor != "" && f.Sensor.Compare(after) <= 0 {
			continue
		}
		if len(list.Sensors) < in.Limit {
			list.Sensors = append(list.Sensors, f)
		} else if list.Next == "" {
			list.Next = sensorCursor(list.Sensors[in.Limit-1].Sensor)
		}
	}
	return list, nil
}

func (s *Server) listPredictions(ctx context.Context, in *listPredictionsInput) (PredictionList, error) {
	skip, err := parseCount(in.Cursor)
	if err != nil {
		return PredictionList{}, invalid("query.cursor", err)
	}
	if in.Device == "" && in.Tag != "" {
		return PredictionList{}, invalid("query.tag", errors.New("it needs a device"))
	}
	if in.Device != "" && in.Sensor != "" {
		return PredictionList{}, invalid("query.sensor", errors.New("it is another way to say device and tag; give one"))
	}
	c, err := s.commit(ctx, &in.IntervalParam)
	if err != nil {
		return PredictionList{}, err
	}
	list := PredictionList{Interval: c.Interval, Rev: c.Rev, Run: c.Run, Files: append([]fleet.Output{}, c.Files()...)}
	if in.Device == "" && in.Sensor == "" {
		return list, nil
	}
	if list.Sensor, err = s.findSensor(ctx, c, in); err != nil {
		return PredictionList{}, err
	}
	seen := 0
	for row, err := range s.cfg.Data.Predictions(ctx, c, list.Sensor.Sensor) {
		if err != nil {
			return PredictionList{}, fmt.Errorf("reading the predictions of %s: %w", list.Sensor.Sensor, err)
		}
		if seen++; seen <= skip {
			continue
		}
		if len(list.Rows) == in.Limit {
			list.Next = strconv.Itoa(skip + in.Limit)
			break
		}
		list.Rows = append(list.Rows, row)
	}
	return list, nil
}
