package pool

import (
	"fmt"
	"strings"
)

// Decision is how many nodes there should be, and why.
type Decision struct {
	Target int    `json:"target"`
	Reason string `json:"reason"`
	// Error is why the formula was not followed; empty: it was.
	Error string `json:"error,omitempty"`
}

// Decide decides. If the formula fails, there are as many nodes as now, within what
// is allowed, and Error says why.
func (f *Formula) Decide(s Signals) Decision {
	n, err := f.eval(&s)
	if err != nil {
		return Decision{Target: s.within(float64(s.Nodes)), Reason: "the formula fails: as many as there are", Error: err.Error()}
	}
	target := s.within(n)
	return Decision{Target: target, Reason: s.reason(n, target)}
}

// reason says why in words.
func (s *Signals) reason(wanted float64, target int) string {
	var why []string
	if s.PendingTasks > 0 {
		why = append(why, fmt.Sprintf("%s, about %s of work", count(s.PendingTasks, "task waits", "tasks wait"), seconds(s.PendingSeconds)))
	}
	if s.BusyNodes > 0 {
		why = append(why, count(s.BusyNodes, "node is at work", "nodes are at work"))
	}
	if s.PendingTasks == 0 && target > max(s.BusyNodes, s.Min) && s.NextRunSeconds < Never {
		why = append(why, fmt.Sprintf("the next run is due in %s, and a start takes %s", seconds(s.NextRunSeconds), seconds(s.StartupSeconds)))
	}
	if len(why) == 0 {
		why = append(why, "there is no work")
		if s.NextRunSeconds < Never {
			why = append(why, "the next run is due in "+seconds(s.NextRunSeconds))
		}
	}
	if wanted > float64(target) {
		why = append(why, fmt.Sprintf("max allows no more than %d of %g", s.Max, wanted))
	}
	if wanted < float64(target) {
		why = append(why, fmt.Sprintf("min is %d", s.Min))
	}
	return strings.Join(why, "; ")
}

// text is the signals for people.
func (s *Signals) text() string {
	var parts []string
	for _, v := range variables {
		parts = append(parts, fmt.Sprintf("%s %g", v.name, v.of(s)))
	}
	return strings.Join(parts, ", ")
}

func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

// seconds is a length of time for people.
func seconds(s float64) string {
	switch {
	case s < 1:
		return fmt.Sprintf("%.0f ms", s*1000)
	case s < 120:
		return fmt.Sprintf("%.3g s", s)
	case s < 2*3600:
		return fmt.Sprintf("%.0f min", s/60)
	}
	return fmt.Sprintf("%.0f h", s/3600)
}
