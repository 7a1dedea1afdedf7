package pool

import "time"

// Kept is what a pool knows of its formulas, to be kept over a restart.
type Kept struct {
	Formula string `json:"formula"`          // the last that was in force
	Failed  bool   `json:"failed,omitempty"` // it has failed since it was set
	Good    string `json:"good,omitempty"`   // the last before it that did not fail

	Since time.Time `json:"since,omitzero"`  // Failing.Since
	Error string    `json:"error,omitempty"` // Failing.Error
}

// Failing is how it goes with a formula that cannot always be followed.
type Failing struct {
	Since time.Time // zero: it is followed
	Last  time.Time // when it failed last
	Error string    // then
	Times uint64    // that any formula has failed, since the pool was made
}

// calm is for how long a formula is followed before it is said to be well again. One
// that fails when tasks wait does so for a moment in each run.
const calm = 2 * time.Hour

// formulas are the one that is in force, and those that are followed where it fails.
type formulas struct {
	now     *Formula
	failed  bool // now has, since it was set
	good    *Formula
	last    *Formula // resort: Default
	failing Failing
}

// recall has the formulas of a former life, without those that cannot be read any more.
// Of one that failed then it is not known how lately, so it might have been just now.
func recall(k Kept, now time.Time) (formulas, error) {
	last, err := Compile(Default)
	f := formulas{now: last, good: last, last: last}
	if old, err := Compile(k.Formula); err == nil {
		f.now, f.failed = old, k.Failed
		if !k.Since.IsZero() {
			f.failing = Failing{Since: k.Since, Last: now, Error: k.Error}
		}
	}
	if good, err := Compile(k.Good); err == nil {
		f.good = good
	}
	return f, err
}

// kept is what is to be kept.
func (f *formulas) kept() Kept {
	return Kept{Formula: f.now.text, Failed: f.failed, Good: f.good.text, Since: f.failing.Since, Error: f.failing.Error}
}

// follow puts another formula in force. The one before it is good, if it did not fail.
func (f *formulas) follow(next *Formula) {
	if next.text == f.now.text {
		return
	}
	if !f.failed {
		f.good = f.now
	}
	f.now, f.failed, f.failing = next, false, Failing{Times: f.failing.Times}
}

// decide decides by the formula in force, or else by the last good one.
func (f *formulas) decide(s Signals, now time.Time) Decision {
	d := f.now.Decide(s)
	if d.Error == "" {
		return d
	}
	f.settle(now)
	if f.failing.Since.IsZero() {
		f.failing.Since = now.UTC().Round(0) // as it is after a restart
	}
	f.failed, f.failing.Last, f.failing.Error = true, now, d.Error
	f.failing.Times++
	for _, other := range []*Formula{f.good, f.last} {
		if instead := other.Decide(s); instead.Error == "" {
			instead.Reason = "the formula fails, and the last good one is followed: " + instead.Reason
			instead.Error = d.Error
			return instead
		}
	}
	return d
}

// settle reports whether a formula that failed has become well again.
func (f *formulas) settle(now time.Time) bool {
	if f.failing.Since.IsZero() || now.Sub(f.failing.Last) < calm {
		return false
	}
	f.failing = Failing{Times: f.failing.Times}
	return true
}

// Kept is what the pool knows of its formulas.
func (p *Pool) Kept() Kept {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.formulas.kept()
}

// Good is the formula that is followed where the one in force fails.
func (p *Pool) Good() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.formulas.good.text
}

// Failing is how it goes with the formula in force.
func (p *Pool) Failing() Failing {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.settle(p.cfg.Now())
	return p.formulas.failing
}

// settle tells when the formula has become well again, and has that on record. It is
// under the lock.
func (p *Pool) settle(now time.Time) {
	if !p.formulas.settle(now) {
		return
	}
	p.cfg.Log.Info("the formula of the pool has not failed for "+calm.String(), "formula", p.formulas.now.text)
	well := p.last
	well.Time, well.Reason = now.UTC(), "the formula has not failed for "+calm.String()+": "+well.Reason
	p.records = append(p.records, well)
	p.poke()
}
