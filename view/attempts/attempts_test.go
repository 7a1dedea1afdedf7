package attempts_test

import (
	"testing"
	"time"

	"github.com/fleetscore/fleetscore/fleet"
	"github.com/fleetscore/fleetscore/ledger"
	"github.com/fleetscore/fleetscore/view/attempts"
)

func TestOf(t *testing.T) {
	t.Parallel()
	at := func(s float64) time.Time { return time.Unix(1000, 0).Add(time.Duration(s * float64(time.Second))) }
	all := []ledger.Attempt{}
	for i, length := range []float64{2, 2, 9} {
		all = append(all, ledger.Attempt{
			Task: fleet.Task{Run: "r", Index: i, Attempt: 1}, State: fleet.TaskDone, Node: []string{"b", "a", "b"}[i],
			Queued: at(0), Started: at(1), Finished: at(1 + length), Seconds: fleet.Seconds{Start: 0.5, Read: 0.25, Score: 0.5, Write: 0.25},
		})
	}
	all = append(all, ledger.Attempt{Task: fleet.Task{Run: "r", Generation: 1, Index: 7, Attempt: 2}, State: fleet.TaskWaiting, Queued: at(3)})
	sum := attempts.Of(all, at(8))
	if len(sum.Lanes) != 3 || sum.Lanes[0].Node != "" || sum.Lanes[1].Node != "a" || len(sum.Lanes[2].Attempts) != 2 {
		t.Fatalf("lanes %+v", sum.Lanes)
	}
	waiting, slow := sum.Lanes[0].Attempts[0], sum.Lanes[2].Attempts[1]
	if waiting.Task != "1-7" || waiting.Seconds.Queue != 5 || waiting.Seconds.Total != 5 || waiting.Straggler {
		t.Errorf("the one that waits is %+v", waiting)
	}
	if !slow.Straggler || sum.Lanes[2].Attempts[0].Straggler || sum.Median != 2 || slow.Seconds.Other != 7.5 {
		t.Errorf("the slow one is %+v of %+v", slow, sum)
	}
	if want := (attempts.Spent{Queue: 3, Start: 1.5, Read: 0.75, Score: 1.5, Write: 0.75, Other: 8.5, Total: 16}); sum.Seconds != want {
		t.Errorf("in all %+v, not %+v", sum.Seconds, want)
	}
	if none := attempts.Of(nil, at(0)); len(none.Lanes) != 0 || none.Median != 0 {
		t.Errorf("of none: %+v", none)
	}
}
