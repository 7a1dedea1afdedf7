package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/fleetscore/fleetscore/app"
	"github.com/fleetscore/fleetscore/config"
	"github.com/fleetscore/fleetscore/pool"
	"github.com/fleetscore/fleetscore/schedule"
	"github.com/fleetscore/fleetscore/web"
	"github.com/fleetscore/fleetscore/web/client"
)

// lastRuns is how many of a job's runs a simulation of it has the work of.
const lastRuns = 20

// poolSimulation is what the command is told.
type poolSimulation struct {
	*api
	job, schedule             string
	history, boot, idle, work config.Duration
	billed                    config.Duration
	formulas                  []string
	cost                      hourly
	min, max, days, tasks     int
	plot                      string
	idleSet, minSet, maxSet   bool
	historySet, workSet       bool
}

// hourly is a price such as 0.10/h.
type hourly float64

// UnmarshalText reads it.
func (h *hourly) UnmarshalText(text []byte) error {
	x, err := strconv.ParseFloat(strings.TrimSuffix(string(text), "/h"), 64)
	if err != nil || !(x >= 0 && x <= 1e6) {
		return fmt.Errorf("%.40q is not what a node costs, such as 0.10/h", text)
	}
	*h = hourly(x)
	return nil
}

// MarshalText writes it.
func (h hourly) MarshalText() ([]byte, error) { return fmt.Appendf(nil, "%.2f/h", float64(h)), nil }

func newPoolSimulate(a *api) *cobra.Command {
	s := &poolSimulation{api: a, cost: 0.10, boot: config.Duration(90 * time.Second), work: config.Duration(10 * time.Minute), days: 30}
	cmd := &cobra.Command{
		Use:   "simulate",
		Short: "Say what keeping or stopping nodes would cost, and how late runs would be",
		Long: `Play a schedule, or the runs of the last days, on nodes that are sized in several ways: always on, none kept or started
ahead (zero-min), by the default formula, kept warm, and by formulas of your own; and print what each takes of nodes
and money, and how late runs begin and end. Nothing is started, and no time passes.

  --job        the schedule of a job in the settings; its runs have the work of its last 20, if a service answers, or --work
  --history    the runs of the last days, as the service has recorded them
  --schedule   any schedule; its runs have --work

A node has one task at a time. --work is divided evenly among --tasks. See docs/pool.md.`,
		Example: `  fleetscore pool simulate --schedule '0 * * * *' --work 10m
  fleetscore pool simulate --job hourly --boot 2m --node-cost 0.25/h --plot pool.svg
  fleetscore pool simulate --history 7d --formula 'pending_tasks / 4' --formula 'pending_tasks > 0 ? max : 0'`,
		Args: cobra.NoArgs,
		RunE: s.run,
	}
	f := cmd.Flags()
	f.SortFlags = false
	f.StringVar(&s.job, "job", "", "simulate the schedule of this job")
	f.TextVar(&s.history, "history", s.history, "simulate the runs of this `duration` before now")
	f.StringVar(&s.schedule, "schedule", "", "simulate this schedule, such as '0 * * * *' or '@every 10m', in UTC")
	f.TextVar(&s.work, "work", s.work, "what a run has to do, of one node: a `duration`")
	f.IntVar(&s.tasks, "tasks", 0, "into how many tasks that is divided (default one for each 10 s, at most 1000)")
	f.IntVar(&s.days, "days", s.days, "how many days of a schedule")
	f.StringArrayVar(&s.formulas, "formula", nil, "compare this `formula` too; may be repeated")
	f.TextVar(&s.cost, "node-cost", s.cost, "what a node costs: `price`/h")
	f.TextVar(&s.boot, "boot", s.boot, "from a node's start until it is ready: a `duration`")
	f.TextVar(&s.billed, "billed", s.billed, "what is begun of this `duration` is paid: 1m, 1h; 0s is to the millisecond")
	f.TextVar(&s.idle, "idle", s.idle, "how long a node that is too many stays: a `duration` (default pool.idle)")
	f.IntVar(&s.min, "min", 0, "least nodes (default pool.min)")
	f.IntVar(&s.max, "max", 0, "most nodes (default pool.max)")
	f.StringVar(&s.plot, "plot", "", "draw it into this SVG `file`")
	return cmd
}

func (s *poolSimulation) run(cmd *cobra.Command, _ []string) error {
	set := cmd.Flags().Changed
	s.idleSet, s.minSet, s.maxSet, s.historySet, s.workSet = set("idle"), set("min"), set("max"), set("history"), set("work")
	given := 0
	for _, name := range []string{"job", "history", "schedule"} {
		if set(name) {
			given++
		}
	}
	if given != 1 {
		return usageError{errors.New("say what is to be simulated: one of --job, --history and --schedule; see 'fleetscore pool simulate --help'")}
	}
	formulas, err := s.compile()
	if err != nil {
		return err
	}
	file, err := app.LoadSettings(s.config)
	if err != nil {
		return err
	}
	nodes := s.nodes(file)
	if err := nodes.Check(); err != nil {
		return usageError{err}
	}
	w, source, err := s.workload(cmd.Context(), file)
	if err != nil {
		return err
	}
	c, err := pool.Compare(w, nodes, s.idle.Std(), formulas)
	if err != nil {
		return usageError{fmt.Errorf("this cannot be simulated: %w", err)}
	}
	if err := s.draw(c); err != nil {
		return err
	}
	shown := &shownSimulation{Comparison: c, Source: source, Days: w.Length.Hours() / 24, Gap: c.Gap.Seconds(), Min: nodes.Min, Max: nodes.Max,
		Boot: nodes.Boot.Seconds(), Idle: s.idle.Std().Seconds(), NodeHour: nodes.Hour}
	if s.json {
		return writeJSON(cmd.OutOrStdout(), shown)
	}
	return shown.write(cmd.OutOrStdout())
}

// nodes are as the flags say, or else the settings.
func (s *poolSimulation) nodes(file *config.File) pool.Nodes {
	if !s.idleSet {
		s.idle = file.Pool.Idle
	}
	n := pool.Nodes{Min: file.Pool.Min, Max: file.Pool.Max, Boot: s.boot.Std(), Hour: float64(s.cost), Billed: s.billed.Std()}
	if s.maxSet {
		n.Max = s.max
	}
	if n.Min = min(n.Min, n.Max); s.minSet {
		n.Min = s.min
	}
	return n
}

func (s *poolSimulation) compile() ([]*pool.Formula, error) {
	var formulas []*pool.Formula
	for _, text := range s.formulas {
		f, err := pool.Compile(text)
		if err != nil {
			return nil, usageError{fmt.Errorf("--formula: %w", err)}
		}
		formulas = append(formulas, f)
	}
	return formulas, nil
}

// workload is what there is to do, and where that comes from.
func (s *poolSimulation) workload(ctx context.Context, file *config.File) (w *pool.Workload, source string, err error) {
	if s.historySet {
		recorded, err := s.recorded(ctx, client.WorkloadQuery{Since: time.Now().Add(-s.history.Std())})
		if err != nil {
			return nil, "", err
		}
		return app.RecordedWorkload(recorded), fmt.Sprintf("%s, as recorded", plural(len(recorded.Runs), "run")), nil
	}
	if s.days < 1 || s.days > 366 {
		return nil, "", usageError{fmt.Errorf("--days: %d is not from 1 to 366", s.days)}
	}
	works, source, err := s.works(ctx)
	if err != nil {
		return nil, "", err
	}
	var plan *schedule.Plan
	if s.job != "" {
		plan, err = app.JobSchedule(file, s.job)
	} else {
		plan, err = schedule.Parse(schedule.Spec{Schedule: s.schedule})
	}
	if err == nil {
		w, err = app.ScheduledWorkload(plan, s.job, time.Now(), time.Duration(s.days)*24*time.Hour, works)
	}
	if err != nil {
		return nil, "", usageError{err}
	}
	return w, source, nil
}

// works are what runs of a schedule have to do, in turn.
func (s *poolSimulation) works(ctx context.Context) ([]pool.WorkRun, string, error) {
	if s.job != "" && !s.workSet {
		recorded, err := s.recorded(ctx, client.WorkloadQuery{Job: s.job, Since: time.Unix(0, 0), Limit: lastRuns})
		if err != nil && !errors.Is(err, client.ErrNotRunning) {
			return nil, "", err
		}
		if err == nil && len(recorded.Runs) > 0 {
			var works []pool.WorkRun
			for _, r := range recorded.Runs {
				works = append(works, app.WorkOf(r))
			}
			return works, "the work of the last " + plural(len(works), "run") + " in turn", nil
		}
		if err != nil {
			return nil, "", usageError{fmt.Errorf("%w; or say with --work what a run has to do", err)}
		}
		return nil, "", usageError{fmt.Errorf("job %s has not run yet; say with --work what a run has to do", s.job)}
	}
	work := s.work.Std()
	tasks := s.tasks
	if tasks == 0 {
		tasks = int(min(max(work/(10*time.Second), 1), 1000))
	}
	if tasks < 1 || tasks > 100_000 {
		return nil, "", usageError{fmt.Errorf("--tasks: %d is not from 1 to 100,000", tasks)}
	}
	return []pool.WorkRun{{Tasks: pool.Even(tasks, work)}}, fmt.Sprintf("%s of work a run, in %s", s.work, plural(tasks, "task")), nil
}

func (s *poolSimulation) recorded(ctx context.Context, q client.WorkloadQuery) (*web.Workload, error) {
	c, err := s.connect()
	if err != nil {
		return nil, err
	}
	defer c.Close()
	return c.Workload(ctx, q)
}

func (s *poolSimulation) draw(c *pool.Comparison) error {
	if s.plot == "" {
		return nil
	}
	var svg bytes.Buffer
	if err := c.WritePlot(&svg); err != nil {
		return err
	}
	if err := os.WriteFile(s.plot, svg.Bytes(), 0o666); err != nil {
		return fmt.Errorf("--plot: %w", err)
	}
	return nil
}
