package web

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/fleetscore/fleetscore/fleet"
	"github.com/fleetscore/fleetscore/ledger"
	"github.com/fleetscore/fleetscore/view/attempts"
	"github.com/fleetscore/fleetscore/view/fingerprint"
	"github.com/fleetscore/fleetscore/view/matrix"
)

// RunPhases is where the time of a run went.
type RunPhases struct {
	Run     string          `json:"run"`
	Lanes   []attempts.Lane `json:"lanes" nullable:"false" doc:"of each node what it did; first what has none"`
	Seconds attempts.Spent  `json:"seconds" doc:"of all attempts that are over"`
	Median  float64         `json:"median_seconds" doc:"of attempts that are done, without the queue"`
	Cut     bool            `json:"cut,omitempty" doc:"there are more attempts than the first 5,000, which these are"`
}

// FailureGroups is what failed in a run, by kind.
type FailureGroups struct {
	Failures int                `json:"failures" doc:"of sensors"`
	Groups   []fingerprint.Kind `json:"groups" nullable:"false" doc:"the largest first, 200 at most"`
	Cut      bool               `json:"cut,omitempty" doc:"some failures are in no group: there are too many, or of too many kinds"`
}

// RunComparison is how a run differs from another.
type RunComparison struct {
	Run     Run                   `json:"run"`
	With    *Run                  `json:"with,omitempty" doc:"none: there is none before it"`
	Plan    [2]float64            `json:"plan_seconds" doc:"from when the run was made until its first attempt waited; this, then the other"`
	Seconds [2]attempts.Spent     `json:"seconds" doc:"of all attempts that are over"`
	Causes  []CauseChange         `json:"causes" nullable:"false"`
	Moved   map[string]int        `json:"moved" doc:"how many sensors went from one state to another: scored>failed and the like"`
	Devices []matrix.DeviceChange `json:"devices" nullable:"false" doc:"those that differ most, 50 at most"`
}

// CauseChange is how many sensors failed of a cause.
type CauseChange struct {
	Cause   fleet.Cause `json:"cause"`
	Sensors [2]int      `json:"sensors" doc:"in this run, then in the other"`
}

type failureGroupsInput struct {
	RunParam
	Samples int `query:"samples" minimum:"0" maximum:"20" default:"3" doc:"of each group"`
}

type compareInput struct {
	RunParam
	With string `query:"with" maxLength:"80" pattern:"^[A-Za-z0-9][A-Za-z0-9._-]*$" doc:"the other run; without it: the one that counts for the interval before"`
}

// Bounds of what is told of a run.
const (
	mostGrouped = 500_000 // failures
	mostDevices = 50
)

func (s *Server) runDetailOperations(api huma.API) {
	at := "GET " + base + "/runs/{run}/"
	register(s, api, operation{id: "get-run-phases", at: at + "phases", tag: "runs", role: Viewer, summary: "Where the time of a run went: by node, and by phase"}, s.runPhases)
	register(s, api, operation{id: "list-failure-groups", at: at + "failure-groups", tag: "runs", role: Viewer, summary: "What failed in a run, by kind, with samples",
		about: "Failures are of a kind if their cause is the same, and their texts are but for names, numbers, digests and what is quoted."}, s.failureGroups)
	register(s, api, operation{id: "compare-run", at: at + "compare", tag: "runs", role: Viewer, summary: "How a run differs from the one before it, or another"}, s.compareRun)
}

// attemptsOf are the attempts of a run, the first of many.
func (s *Server) attemptsOf(ctx context.Context, run string) ([]ledger.Attempt, error) {
	all, err := s.cfg.Ledger.Attempts(ctx, ledger.AttemptFilter{Run: run, Limit: maxAttempts})
	if err != nil {
		return nil, fmt.Errorf("listing the attempts of run %s: %w", run, err)
	}
	return all, nil
}

func (s *Server) runPhases(ctx context.Context, in *RunParam) (RunPhases, error) {
	if _, err := s.run(ctx, in.Run); err != nil {
		return RunPhases{}, err
	}
	all, err := s.attemptsOf(ctx, in.Run)
	if err != nil {
		return RunPhases{}, err
	}
	sum := attempts.Of(all, s.cfg.Now())
	return RunPhases{Run: in.Run, Lanes: append([]attempts.Lane{}, sum.Lanes...), Seconds: sum.Seconds, Median: sum.Median, Cut: len(all) == maxAttempts}, nil
}

func (s *Server) failureGroups(ctx context.Context, in *failureGroupsInput) (FailureGroups, error) {
	r, err := s.run(ctx, in.Run)
	if err != nil {
		return FailureGroups{}, err
	}
	groups := fingerprint.NewGroups(in.Samples)
	for f, err := range s.cfg.Data.Failures(ctx, r) {
		if err != nil {
			return FailureGroups{}, fmt.Errorf("reading what failed in run %s: %w", in.Run, err)
		}
		if groups.Failures == mostGrouped {
			groups.Cut = true
			break
		}
		groups.Add(f)
	}
	return FailureGroups{Failures: groups.Failures, Groups: groups.List(), Cut: groups.Cut}, nil
}

func (s *Server) compareRun(ctx context.Context, in *compareInput) (RunComparison, error) {
	r, err := s.run(ctx, in.Run)
	if err != nil {
		return RunComparison{}, err
	}
	c := RunComparison{Run: viewRun(r), Causes: []CauseChange{}, Moved: map[string]int{}, Devices: []matrix.DeviceChange{}}
	other, err := s.otherRun(ctx, &r, in.With)
	if err != nil {
		return c, err
	}
	runs := []ledger.Run{r}
	if other != nil {
		v := viewRun(*other)
		c.With = &v
		runs = append(runs, *other)
	}
	for i := range runs {
		all, err := s.attemptsOf(ctx, runs[i].ID)
		if err != nil {
			return c, err
		}
		c.Seconds[i] = attempts.Of(all, s.cfg.Now()).Seconds
		c.Plan[i] = planned(&runs[i], all)
		for _, g := range runs[i].Causes {
			at := slices.IndexFunc(c.Causes, func(o CauseChange) bool { return o.Cause == g.Cause })
			if at < 0 {
				at = len(c.Causes)
				c.Causes = append(c.Causes, CauseChange{Cause: g.Cause})
			}
			c.Causes[at].Sensors[i] = g.Sensors
		}
	}
	slices.SortStableFunc(c.Causes, func(a, b CauseChange) int { return cmp.Compare(b.Sensors[0], a.Sensors[0]) })
	if other == nil || !r.Committed || !other.Committed {
		return c, nil
	}
	g, err := s.cfg.Views.GridOf(ctx, []ledger.Run{r, *other})
	if err != nil {
		return c, fmt.Errorf("comparing run %s with %s: %w", r.ID, other.ID, err)
	}
	c.Moved, c.Devices = g.Changes(0, 1, mostDevices)
	return c, nil
}

// otherRun is the run that is named, or else the one that counts for what was before.
func (s *Server) otherRun(ctx context.Context, r *ledger.Run, name string) (*ledger.Run, error) {
	if name != "" {
		other, err := s.run(ctx, name)
		return &other, err
	}
	before, err := s.cfg.Ledger.Outcomes(ctx, r.Job, time.Time{}, r.Interval.From, 1)
	if err != nil || len(before) == 0 {
		return nil, err
	}
	return &before[0], nil
}

// planned is how long it took until there was something to do.
func planned(r *ledger.Run, all []ledger.Attempt) float64 {
	first := time.Time{}
	for i := range all {
		if q := all[i].Queued; !q.IsZero() && (first.IsZero() || q.Before(first)) {
			first = q
		}
	}
	return max(0, first.Sub(r.Created).Seconds())
}
