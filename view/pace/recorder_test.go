package pace_test

import (
	"context"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/fleetscore/fleetscore/view/pace"
)

func TestRecorder(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var accepted, told atomic.Uint64
		r := pace.New(func(context.Context) pace.Counters { return pace.Counters{Accepted: accepted.Load()} }, time.Now, func(pace.Pulse) { told.Add(1) })
		r.Start(t.Context())
		defer r.Stop()
		begin := time.Now()
		for range 600 { // 20 minutes
			accepted.Add(100)
			time.Sleep(pace.Beat) //nolint:forbidigo // within synctest, no time passes
			synctest.Wait()
		}
		if got := r.Last(); got.PerSecond != 50 || got.Accepted != 60_000 {
			t.Errorf("the pulse is %+v", got)
		}
		points := r.Since(begin)
		if len(points) != 120 || points[0].Accepted != 50 || points[119].Time.Sub(points[0].Time) != 119*pace.Step {
			t.Errorf("%d points, the first %+v", len(points), points[0])
		}
		if got := r.Since(time.Now().Add(-time.Minute)); len(got) < 6 || len(got) > 7 {
			t.Errorf("%d points of a minute", len(got))
		}
		for range 2000 {
			time.Sleep(pace.Beat) //nolint:forbidigo // within synctest, no time passes
		}
		synctest.Wait()
		if got := r.Since(time.Time{}); len(got) != 360 || got[359].Accepted != 0 {
			t.Errorf("%d points are kept", len(got))
		}
		if n := told.Load(); n < 2600 {
			t.Errorf("told %d times", n)
		}
	})
}
