package pool

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Warm is a formula that keeps what the last run needed, one node at least.
const Warm = "math.greatest(1, next_run_nodes, " + Default + ")"

// Names of the alternatives that a comparison always has.
const (
	AlwaysOn    = "always on"
	ZeroMin     = "zero-min"
	DefaultName = "default"
	WarmName    = "warm"
)

// Alternative is one way to size a pool, and what it comes to.
type Alternative struct {
	Name    string `json:"name"`
	About   string `json:"about"`
	Formula string `json:"formula"`
	*Report
}

// Comparison is what a workload comes to in several ways.
type Comparison struct {
	Nodes        Nodes         `json:"-"`
	Length       time.Duration `json:"-"`
	Gap          time.Duration `json:"-"`    // from one run to the next, in the middle
	Keep         bool          `json:"keep"` // nodes are kept from run to run
	Conclusion   string        `json:"conclusion"`
	Alternatives []Alternative `json:"alternatives"`
}

// Compare simulates a workload with nodes that are always on, with none that is kept or
// started ahead, with Default, with Warm, and with formulas of one's own.
func Compare(w *Workload, n Nodes, idle time.Duration, own []*Formula) (*Comparison, error) {
	if idle < 0 || idle > 24*time.Hour {
		return nil, fmt.Errorf("idle: %s is not from 0s to 24h", idle)
	}
	if err := errors.Join(w.Check(), n.Check()); err != nil {
		return nil, err
	}
	c := &Comparison{Nodes: n, Length: w.Length, Gap: w.gap()}
	if c.Gap == 0 {
		return nil, errors.New("there are no two runs to compare: no run is due, or only one")
	}
	try := func(name, about, text string, n Nodes, p Policy) error {
		var err error
		if p.Formula == nil {
			if p.Formula, err = Compile(text); err != nil {
				return err
			}
		}
		r, err := Simulate(w, n, p)
		if err == nil {
			c.Alternatives = append(c.Alternatives, Alternative{name, about, p.Formula.String(), r})
		}
		return err
	}
	on := n
	on.Min = n.Max
	err := errors.Join(
		try(AlwaysOn, "as many as there may be, always", "max", on, Policy{Idle: idle}),
		try(ZeroMin, "none is kept or started ahead, and none stays idle", Default, n, Policy{Blind: true}),
		try(DefaultName, "the default formula", Default, n, Policy{Idle: idle}),
		try(WarmName, "what the last run needed is kept", Warm, n, Policy{Idle: idle}),
	)
	for i, f := range own {
		name := "formula"
		if len(own) > 1 {
			name = fmt.Sprintf("formula %d", i+1)
		}
		err = errors.Join(err, try(name, oneLine(f.String()), "", n, Policy{Formula: f, Idle: idle}))
	}
	if err != nil {
		return nil, err
	}
	c.conclude()
	return c, nil
}

// Of is an alternative by its name.
func (c *Comparison) Of(name string) *Alternative {
	for i := range c.Alternatives {
		if c.Alternatives[i].Name == name {
			return &c.Alternatives[i]
		}
	}
	return nil
}

func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }

// gap is the time from one run to the next, in the middle; 0 if there are no two.
func (w *Workload) gap() time.Duration {
	var gaps []time.Duration
	runs := w.inOrder()
	for i := 1; i < len(runs); i++ {
		if gap := runs[i].Due - runs[i-1].Due; gap > 0 {
			gaps = append(gaps, gap)
		}
	}
	if len(gaps) == 0 {
		return 0
	}
	slices.Sort(gaps)
	return gaps[len(gaps)/2]
}

// conclude says in words what is to be done.
func (c *Comparison) conclude() {
	on, zero, def := c.Of(AlwaysOn), c.Of(ZeroMin), c.Of(DefaultName)
	what := "stop"
	if c.Keep = float64(def.Starts) < float64(def.Runs*def.Most)/2; c.Keep {
		what = "keep"
	}
	var b strings.Builder
	fmt.Fprintf(&b, "A run %s: %s the nodes between runs. ", often(c.Gap), what)
	fmt.Fprintf(&b, "The default takes %s of the %s node-hours of always on (%.3g %%)", hours(def.NodeHours), hours(on.NodeHours), 100*share(def.NodeHours, on.NodeHours))
	if c.Nodes.Hour > 0 {
		fmt.Fprintf(&b, " and saves %.2f of %.2f", on.Money-def.Money, on.Money)
	}
	fmt.Fprintf(&b, "; runs begin %s after they are due (zero-min: %s) and end %s after (always on: %s, zero-min: %s), 95 %% of them.",
		lasting(def.Start.P95), lasting(zero.Start.P95), lasting(def.Finish.P95), lasting(on.Finish.P95), lasting(zero.Finish.P95))
	if def.NodeHours > zero.NodeHours*1.0005 {
		fmt.Fprintf(&b, " Zero-min takes %.3g %% less, for being later.", 100*(1-zero.NodeHours/def.NodeHours))
	}
	c.Conclusion = b.String()
}

func share(a, b float64) float64 {
	if b == 0 {
		return 0
	}
	return a / b
}

func hours(h float64) string {
	if h < 10 {
		return fmt.Sprintf("%.2f", h)
	}
	return fmt.Sprintf("%.0f", h)
}

// lasting is a length of time for people, to the second if it is long.
func lasting(s float64) string {
	d := time.Duration(s * float64(time.Second)).Round(time.Millisecond)
	if d >= 10*time.Second {
		d = d.Round(time.Second)
	}
	if text, whole := strings.CutSuffix(d.String(), "m0s"); whole {
		return text + "m"
	}
	return d.String()
}

// often is how often something is that comes again after a time.
func often(gap time.Duration) string {
	switch gap {
	case time.Hour:
		return "an hour"
	case 24 * time.Hour:
		return "a day"
	case time.Minute:
		return "a minute"
	}
	return "every " + lasting(gap.Seconds())
}
