package web

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/fleetscore/fleetscore/fleet"
	"github.com/fleetscore/fleetscore/ledger"
	"github.com/fleetscore/fleetscore/view/fingerprint"
)

// Attempt is one try at a task of a run.
type Attempt struct {
	Task     string          `json:"task" doc:"generation and index of the task, such as 0-12"`
	Attempt  int             `json:"attempt" doc:"from 1"`
	State    fleet.TaskState `json:"state" enum:"waiting,running,done,failed,lost,timed_out,canceled"`
	Node     string          `json:"node,omitempty"`
	Cost     float64         `json:"cost" doc:"what it was expected to take, in seconds of a core"`
	Queued   time.Time       `json:"queued,omitzero"`
	Started  time.Time       `json:"started,omitzero"`
	Finished time.Time       `json:"finished,omitzero"`
	Detail   string          `json:"detail,omitempty" doc:"what went wrong"`
	Seconds  fleet.Seconds   `json:"seconds"`
	Progress fleet.Progress  `json:"progress"`
	fleet.Counts
}

// AttemptList is some attempts, by generation, index and attempt.
type AttemptList struct {
	Attempts []Attempt `json:"attempts" nullable:"false"`
	Next     string    `json:"next,omitempty" doc:"there may be more: ask with cursor set to it"`
}

// FailureList is what failed in a run.
type FailureList struct {
	Causes  []fleet.Group         `json:"causes" nullable:"false" doc:"by cause"`
	Sensors []fleet.SensorFailure `json:"sensors" nullable:"false" doc:"by sensor, task by task"`
	Next    string                `json:"next,omitempty" doc:"there may be more: ask with cursor set to it"`
}

type listTasksInput struct {
	RunParam
	Task   string            `query:"task" maxLength:"24" doc:"only attempts at this task, such as 0-12; or 12 alone, of generation 0"`
	State  []fleet.TaskState `query:"state" enum:"waiting,running,done,failed,lost,timed_out,canceled" maxItems:"7" doc:"only in one of these states"`
	Cursor string            `query:"cursor" maxLength:"40" doc:"the next of an answer"`
	Limit  int               `query:"limit" minimum:"1" maximum:"5000" default:"500"`
}

type listFailuresInput struct {
	RunParam
	Cause  fleet.Cause `query:"cause" maxLength:"40" doc:"only of this cause, such as no_model"`
	Print  string      `query:"fingerprint" maxLength:"8" pattern:"^[0-9a-f]{8}$" doc:"only of this kind: the fingerprint of one of its failure-groups"`
	Cursor string      `query:"cursor" maxLength:"20" doc:"the next of an answer"`
	Limit  int         `query:"limit" minimum:"1" maximum:"10000" default:"100" doc:"of sensors"`
}

func (s *Server) taskOperations(api huma.API) {
	register(s, api, operation{id: "list-tasks", at: "GET " + base + "/runs/{run}/tasks", tag: "runs", role: Viewer, summary: "The attempts at the tasks of a run"}, s.listTasks)
	register(s, api, operation{id: "list-failures", at: "GET " + base + "/runs/{run}/failures", tag: "runs", role: Viewer,
		summary: "What failed in a run, by cause and by sensor", about: "Pages stay as they are once the run is over."}, s.listFailures)
	registerStream(s, api, operation{id: "get-log", at: "GET " + base + "/runs/{run}/log", tag: "runs", role: Viewer, summary: "The log of an attempt, or of all of a run",
		about: "With task: the log of one attempt, as it was written. Without: those of all attempts, each line after the name of its attempt."}, textType, "The log, from the offset to what there is now", s.getLog)
}

const textType = "text/plain; charset=utf-8"

func (s *Server) listTasks(ctx context.Context, in *listTasksInput) (AttemptList, error) {
	if _, err := s.run(ctx, in.Run); err != nil {
		return AttemptList{}, err
	}
	filter := ledger.AttemptFilter{Run: in.Run, States: in.State, After: in.Cursor, Limit: in.Limit}
	if in.Cursor != "" {
		if _, err := fleet.ParseTask(in.Run, in.Cursor); err != nil {
			return AttemptList{}, invalid("query.cursor", errCursor)
		}
	}
	if in.Task != "" {
		generation, index, err := parseTaskName(in.Task)
		if err != nil {
			return AttemptList{}, invalid("query.task", err)
		}
		filter.Generation, filter.Index = &generation, &index
	}
	attempts, err := s.cfg.Ledger.Attempts(ctx, filter)
	if err != nil {
		return AttemptList{}, fmt.Errorf("listing the attempts of run %s: %w", in.Run, err)
	}
	list := AttemptList{Attempts: make([]Attempt, 0, len(attempts))}
	for _, a := range attempts {
		list.Attempts = append(list.Attempts, viewAttempt(a))
	}
	if len(attempts) == in.Limit {
		list.Next = attempts[len(attempts)-1].Task.String()
	}
	return list, nil
}

func viewAttempt(a ledger.Attempt) Attempt {
	return Attempt{
		Task: taskName(a.Generation, a.Index), Attempt: a.Attempt, State: a.State, Node: a.Node, Cost: a.Cost,
		Queued: a.Queued, Started: a.Started, Finished: a.Finished, Detail: a.Detail, Seconds: a.Seconds, Progress: a.Progress, Counts: a.Counts,
	}
}

func (s *Server) listFailures(ctx context.Context, in *listFailuresInput) (FailureList, error) {
	r, err := s.run(ctx, in.Run)
	if err != nil {
		return FailureList{}, err
	}
	skip, err := parseCount(in.Cursor)
	if err != nil {
		return FailureList{}, invalid("query.cursor", err)
	}
	list := FailureList{Causes: append([]fleet.Group{}, r.Causes...), Sensors: []fleet.SensorFailure{}}
	seen := 0
	for f, err := range s.cfg.Data.Failures(ctx, r) {
		if err != nil {
			return FailureList{}, fmt.Errorf("reading what failed in run %s: %w", in.Run, err)
		}
		if in.Cause != "" && f.Cause != in.Cause || in.Print != "" && fingerprint.Of(&f) != in.Print {
			continue
		}
		if seen++; seen <= skip {
			continue
		}
		if len(list.Sensors) == in.Limit {
			list.Next = strconv.Itoa(skip + in.Limit)
			break
		}
		list.Sensors = append(list.Sensors, f)
	}
	return list, nil
}
