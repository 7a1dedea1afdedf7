package pool

import (
	"math"
	"slices"
	"strings"
)

// mostRounds bounds how often a formula changes its mind at one time: one that always
// wants one more node is followed further when something happens next.
const mostRounds = 100

// mostKnown bounds the decisions that are remembered.
const mostKnown = 100_000

// decide follows the formula.
func (s *simulation) decide() {
	for range mostRounds {
		target, before := s.target(), s.signal.Nodes
		for s.signal.Nodes < target {
			s.launch(s.nodes.Boot.Milliseconds())
		}
		s.drain(s.signal.Nodes - target)
		if s.signal.Nodes == before {
			return
		}
	}
}

// drain ends idle nodes of which there are too many, the newest first.
func (s *simulation) drain(surplus int) {
	for i := len(s.idle) - 1; i >= 0 && surplus > 0; i-- {
		if n := s.idle[i]; s.now-n.since >= s.policy.Idle.Milliseconds() {
			s.idle = slices.Delete(s.idle, i, i+1)
			s.signal.IdleNodes--
			s.end(n, s.now)
			surplus--
		}
	}
}

// signals are the pool's now.
func (s *simulation) signals() Signals {
	g := s.signal
	g.PendingSeconds = float64(s.work) / 1000
	if len(s.queue) > 0 {
		g.OldestSeconds = float64(s.now-s.runs[s.queue[0]].submit) / 1000
	}
	g.NextRunSeconds = Never
	if at, ok := s.next(); ok {
		g.NextRunSeconds = float64(max(at-s.now, 0)) / 1000
		g.NextRunNodes = s.expected(max(at, s.now) + s.nodes.Boot.Milliseconds())
	}
	return g
}

// next is when the next run is due: in the past, if it is being prepared.
func (s *simulation) next() (at int64, ok bool) {
	if s.policy.Blind || s.coming == len(s.runs) {
		return 0, false
	}
	return s.runs[s.coming].due, true
}

// expected is how many nodes the runs will want that are due by then, as far as is
// known from those before them: those that are being prepared, and the next of each job.
func (s *simulation) expected(by int64) int {
	var sum Work
	var seen []string
	for i := s.coming; i < len(s.runs) && s.runs[i].due <= by; i++ {
		r := &s.runs[i]
		if r.submitted || r.due > s.now && slices.Contains(seen, r.Job) {
			continue
		}
		if r.due > s.now {
			seen = append(seen, r.Job)
		}
		w := s.last[r.Job]
		sum.Tasks += w.Tasks
		sum.Seconds += w.Seconds
	}
	return NodesFor(sum.Tasks, sum.Seconds, s.signal.StartupSeconds)
}

func (s *simulation) target() int {
	g := s.signals()
	if n, ok := s.known[g]; ok {
		return n
	}
	if len(s.known) == mostKnown {
		clear(s.known)
	}
	target := g.within(float64(g.Nodes))
	n, err := s.policy.Formula.eval(&g)
	if err == nil {
		target = g.within(n)
	} else {
		s.failed = err.Error()
	}
	s.known[g] = target
	return target
}

// grid is which times a formula looks at in a way that is not known, so that it is
// asked every second while they matter.
type grid struct{ oldest, next bool }

func gridOf(p Policy) grid {
	text := strings.ReplaceAll(p.Formula.String(), Default, "") // which is asked when it is to be
	return grid{oldest: strings.Contains(text, "oldest_seconds"), next: !p.Blind && strings.Contains(text, "next_run_seconds")}
}

// ahead is how long before a run, in ms, its nearness matters to any formula.
const ahead = 10 * 60 * 1000

// wakes is when something happens next.
func (s *simulation) wakes() (at int64, ok bool) {
	at = math.MaxInt64
	sooner := func(t int64) {
		if t > s.now && t < at {
			at = t
		}
	}
	if len(s.events) > 0 {
		at = s.events[0].at
	}
	startup := s.nodes.Boot.Milliseconds()
	if due, ok := s.next(); ok {
		if s.grid.next {
			early := due - max(ahead, 2*startup)
			sooner(early)
			if s.now >= early || s.signal.Nodes > s.nodes.Min {
				sooner(s.second(due))
			}
		}
	}
	if len(s.queue) > 0 {
		submitted := s.runs[s.queue[0]].submit
		sooner(submitted + int64(math.Round(Patience(s.signal.StartupSeconds)*1000)) + 1)
		if s.grid.oldest {
			sooner(s.second(submitted))
		}
	}
	return at, at < math.MaxInt64
}

// second is the next time that is a whole number of seconds from another.
func (s *simulation) second(from int64) int64 {
	off := (from - s.now) % 1000
	if off <= 0 {
		off += 1000
	}
	return s.now + off
}
