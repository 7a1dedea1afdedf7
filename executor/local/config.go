package local

import (
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/fleetscore/fleetscore/fleet"
)

// Config is what an Executor works with.
type Config struct {
	Command []string // starts a node; the first is a program's path or name
	Env     []string // a node's environment, all of it
	// Target says how many nodes there should be, and is asked whenever the load has
	// changed. It is called under a lock, and must be quick.
	Target func(fleet.Load) int
	Min    int           // nodes at least, whatever Target says
	Max    int           // nodes at most, whatever Target says
	Idle   time.Duration // a node without work, of which there are too many, ends after it
	Memory int64         // bytes that a node may use; 0: any
	Procs  int           // cores that a node may use; 0: all
	Hang   time.Duration // a node without a sign of life for so long is killed; 0: 10 s
	// TaskEvent and NodeEvent are told what becomes of tasks and nodes, in order,
	// from one goroutine. They may block for a short time.
	TaskEvent func(fleet.TaskEvent)
	NodeEvent func(fleet.Node)
	Log       *slog.Logger // nil: none
}

const (
	defaultHang = 10 * time.Second
	leastHang   = 100 * time.Millisecond
	leastMemory = 16 << 20
)

// Validate says all that is wrong with the configuration.
func (c *Config) Validate() error {
	var errs []error
	add := func(wrong bool, format string, args ...any) {
		if wrong {
			errs = append(errs, fmt.Errorf(format, args...))
		}
	}
	add(len(c.Command) == 0 || c.Command[0] == "", "command: there must be one that starts a node")
	add(c.Target == nil, "target: there must be something that says how many nodes there should be")
	add(c.Min < 0, "min: %d nodes; there must be 0 or more", c.Min)
	add(c.Max < 1, "max: %d nodes; there must be 1 or more", c.Max)
	add(c.Min > c.Max, "min: %d nodes are more than max allows, which is %d", c.Min, c.Max)
	add(c.Idle < 0, "idle: %s is less than nothing", c.Idle)
	add(c.Hang < 0 || c.Hang > 0 && c.Hang < leastHang, "hang: %s is too short to tell; it must be %s or more", c.Hang, leastHang)
	add(c.Memory < 0 || c.Memory > 0 && c.Memory < leastMemory, "memory: no node starts in %d bytes; it must be %d or more, or 0", c.Memory, leastMemory)
	add(c.Procs < 0, "procs: %d cores; there must be 1 or more, or 0 for all", c.Procs)
	return errors.Join(errs...)
}

func (c *Config) setDefaults() {
	if c.Hang == 0 {
		c.Hang = defaultHang
	}
	if c.TaskEvent == nil {
		c.TaskEvent = func(fleet.TaskEvent) {}
	}
	if c.NodeEvent == nil {
		c.NodeEvent = func(fleet.Node) {}
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
}
