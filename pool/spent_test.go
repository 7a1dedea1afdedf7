package pool_test

import (
	"testing"
	"time"

	"github.com/fleetscore/fleetscore/fleet"
	"github.com/fleetscore/fleetscore/pool"
)

func TestSpent(t *testing.T) {
	t.Parallel()
	at := func(minute int) time.Time { return time.Date(2026, 11, 23, 12, minute, 0, 0, time.UTC) }
	nodes := []fleet.Node{
		{Started: at(-10), Ended: at(5)},  // 5 minutes of it
		{Started: at(20)},                 // 40
		{Started: at(-30), Ended: at(-1)}, // none
		{Started: at(70)},                 // none
		{Ended: at(30)},                   // it was never started
	}
	if got := pool.Spent(nodes, at(0), at(60)); got != 45*60 {
		t.Errorf("%g s, not %d", got, 45*60)
	}
}
