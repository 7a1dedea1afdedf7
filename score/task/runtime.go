package task

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/fleetscore/fleetscore/fleet"
	"github.com/fleetscore/fleetscore/score"
	"github.com/fleetscore/fleetscore/score/runtime"
)

// opened is a runtime whose processes are kept warm from one task to the next.
type opened struct {
	runtime.Runtime
	of    string // fleet.Runtime as JSON
	users int
}

// openRuntime opens what the recipe says, or takes what a task before has left. Until
// release it is this attempt's too.
func (a *attempt) openRuntime(ctx context.Context) (release func(), err error) {
	release = func() {}
	r := a.manifest.Recipe.Runtime
	if r == nil {
		return release, nil
	}
	of, err := json.Marshal(r)
	if err != nil {
		return release, fmt.Errorf("the runtime of the manifest: %w", err)
	}
	o, err := a.runtimeOf(ctx, r, string(of))
	if err != nil {
		return release, err
	}
	a.foreign = &score.Foreign{Runtime: o, Name: r.Name(), Fallback: r.Fallback, Whole: r.Whole(), Printed: a.printed()}
	return func() { a.letGo(o) }, nil
}

// runtimeOf is kept while its users are; of those that have none, the last one.
func (r *Runner) runtimeOf(ctx context.Context, what *fleet.Runtime, of string) (*opened, error) {
	r.opening.Lock()
	defer r.opening.Unlock()
	for _, o := range r.runtimes {
		if o.of == of {
			o.users++
			return o, nil
		}
	}
	r.closeIdle()
	opening, err := r.cfg.OpenRuntime(ctx, what)
	if errors.Is(err, runtime.ErrFinal) {
		return nil, inputError{err}
	}
	if err != nil {
		return nil, fmt.Errorf("starting %s: %w", what.Name(), err)
	}
	o := &opened{opening, of, 1}
	r.runtimes = append(r.runtimes, o)
	return o, nil
}

// letGo ends the use of o by one attempt. It is closed once another is wanted.
func (r *Runner) letGo(o *opened) {
	r.opening.Lock()
	defer r.opening.Unlock()
	o.users--
}

func (r *Runner) closeIdle() {
	r.runtimes = slices.DeleteFunc(r.runtimes, func(o *opened) bool {
		if o.users == 0 {
			_ = o.Close() // its processes are gone whatever it says
		}
		return o.users == 0
	})
}

// Close ends the processes that are kept warm.
func (r *Runner) Close() {
	r.opening.Lock()
	defer r.opening.Unlock()
	r.closeIdle()
}

// maxPrinted bounds what a task's log keeps of what foreign programs print, in bytes.
const maxPrinted = 8 << 20

// printed logs what is printed, under the sensor's name.
func (a *attempt) printed() func(fleet.Sensor, string) {
	var total atomic.Int64
	return func(s fleet.Sensor, text string) {
		before := total.Add(int64(len(text))) - int64(len(text))
		if before > maxPrinted {
			return
		}
		for line := range strings.Lines(text) {
			a.log.Info("printed", "device", s.Device, "tag", s.Tag, "text", strings.TrimRight(line, "\r\n"))
		}
		if before+int64(len(text)) > maxPrinted {
			a.log.Warn("more was printed, and is not kept", "kept_bytes", maxPrinted)
		}
	}
}

// scorers notes who scored natively, and who did not, and why.
func (a *attempt) scorers(report *score.Report) {
	a.result.ScoredBy = report.ScoredBy
	for i := range report.Results {
		if s := &report.Results[i]; s.Reason != "" {
			a.log.Info("not scored natively", "device", s.Device, "tag", s.Tag, "by", s.Runtime, "reason", s.Reason)
		}
	}
}
