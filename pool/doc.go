// Package pool decides how many nodes there should be.
//
//	f, err := pool.Compile(pool.Default)
//	d := f.Decide(pool.Signals{PendingTasks: 12, PendingSeconds: 30, Max: 8})
//	// d.Target nodes, because d.Reason
//
// A Formula is an expression in CEL (https://cel.dev) over the Signals, as a user
// wrote it. Deciding is pure: the same signals give the same decision. A Pool keeps
// the formula that is in force, learns what signals need of the past (how long a
// node takes to start, how much work the next run brings), remembers its decisions,
// and tells the executor when to ask again.
//
// # Formulas
//
// All numbers are real numbers: pending_tasks / 10 is what it says, and 3 is 3.0. The
// result is rounded up, and then kept within what min and max allow. Beside CEL's
// operators there are its math functions (math.least, math.greatest, math.ceil,
// math.floor, math.round, math.abs).
//
//	pending_tasks      tasks that wait
//	running_tasks      tasks that nodes have
//	pending_sensors    sensors of tasks that wait
//	pending_seconds    work of tasks that wait, in seconds of a node, as expected
//	oldest_seconds     how long the task has waited that has waited longest
//	nodes              all that there are: starting, idle, busy
//	starting_nodes     that are not ready
//	idle_nodes         that have nothing to do
//	busy_nodes         that have tasks
//	full_nodes         that have as many as they may
//	next_run_seconds   until the next run is due; 1e9 if none is
//	next_run_nodes     that the next run is expected to want
//	startup_seconds    from the start of a node until it is ready, as learned
//	min, max           nodes
//
// A formula is hostile until shown otherwise: its length, depth and size are bounded,
// and so is what it may cost to evaluate. One that does not compile, or gives
// anything but a number for any of a set of trial signals, is refused. One that fails
// later is not followed: the last one that worked is.
//
// # Decisions
//
// Min is what a formula cannot go below and Max what it cannot go above. A node with
// a task is never ended, whatever is decided: of too many nodes the idle ones end,
// and the busy ones when their tasks have.
//
// # Simulation
//
// Simulate plays a Workload, exact to the millisecond and in no time, on nodes that a
// formula sizes; Compare does so in several ways, and says in words what is to be done.
//
//	c, err := pool.Compare(workload, pool.Nodes{Max: 8, Boot: 90 * time.Second, Hour: 0.10}, 10*time.Second, nil)
//	// c.Conclusion, c.Alternatives; c.WritePlot(file)
//
// # Cost
//
// CostOf is what a run has cost: of nodes, from its attempts and the nodes that there
// were; of the store, from what was counted; and what it would have been in 2018.
package pool
