package pool

import (
	"iter"
	"math"

	"cel.dev/cel-go/cel"
)

// Never is NextRunSeconds where no run is due.
const Never = 1e9

// Signals are what a decision depends on. The tags are their names in formulas.
type Signals struct {
	PendingTasks   int     `json:"pending_tasks"`
	RunningTasks   int     `json:"running_tasks"`
	PendingSensors int     `json:"pending_sensors"`
	PendingSeconds float64 `json:"pending_seconds"` // of a node's work, as expected
	OldestSeconds  float64 `json:"oldest_seconds"`  // that a task has waited

	Nodes         int `json:"nodes"` // starting, idle, busy
	StartingNodes int `json:"starting_nodes"`
	IdleNodes     int `json:"idle_nodes"`
	BusyNodes     int `json:"busy_nodes"`
	FullNodes     int `json:"full_nodes"` // busy, and can be given no more

	NextRunSeconds float64 `json:"next_run_seconds"`
	NextRunNodes   int     `json:"next_run_nodes"` // as expected
	StartupSeconds float64 `json:"startup_seconds"`

	Min int `json:"min"`
	Max int `json:"max"`
}

// signal is a variable of formulas.
type signal struct {
	name string
	of   func(*Signals) float64
}

// variables are all signals, as formulas know them.
var variables = []signal{
	{"pending_tasks", func(s *Signals) float64 { return float64(s.PendingTasks) }},
	{"running_tasks", func(s *Signals) float64 { return float64(s.RunningTasks) }},
	{"pending_sensors", func(s *Signals) float64 { return float64(s.PendingSensors) }},
	{"pending_seconds", func(s *Signals) float64 { return s.PendingSeconds }},
	{"oldest_seconds", func(s *Signals) float64 { return s.OldestSeconds }},
	{"nodes", func(s *Signals) float64 { return float64(s.Nodes) }},
	{"starting_nodes", func(s *Signals) float64 { return float64(s.StartingNodes) }},
	{"idle_nodes", func(s *Signals) float64 { return float64(s.IdleNodes) }},
	{"busy_nodes", func(s *Signals) float64 { return float64(s.BusyNodes) }},
	{"full_nodes", func(s *Signals) float64 { return float64(s.FullNodes) }},
	{"next_run_seconds", func(s *Signals) float64 { return s.NextRunSeconds }},
	{"next_run_nodes", func(s *Signals) float64 { return float64(s.NextRunNodes) }},
	{"startup_seconds", func(s *Signals) float64 { return s.StartupSeconds }},
	{"min", func(s *Signals) float64 { return float64(s.Min) }},
	{"max", func(s *Signals) float64 { return float64(s.Max) }},
}

// activation gives a formula its variables.
type activation [15]any // one for each of variables

func (s *Signals) activation() *activation {
	var a activation
	for i := range variables {
		a[i] = variables[i].of(s)
	}
	return &a
}

var places = func() map[string]int {
	m := make(map[string]int, len(variables))
	for i, v := range variables {
		m[v.name] = i
	}
	return m
}()

// ResolveName implements cel's Activation.
func (a *activation) ResolveName(name string) (any, bool) {
	i, ok := places[name]
	if !ok {
		return nil, false
	}
	return a[i], true
}

// within is a number of nodes that the signals allow.
func (s *Signals) within(n float64) int {
	return int(math.Min(math.Max(n, float64(s.Min)), float64(max(s.Max, s.Min, 0))))
}

// Parent implements cel's Activation.
func (*activation) Parent() cel.Activation { return nil }

// All gives the signals by their names in formulas, in the order of the documentation.
func (s *Signals) All() iter.Seq2[string, float64] {
	return func(yield func(string, float64) bool) {
		for _, v := range variables {
			if !yield(v.name, v.of(s)) {
				return
			}
		}
	}
}
