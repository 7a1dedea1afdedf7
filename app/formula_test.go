package app

import (
	"testing"
	"time"

	"github.com/fleetscore/fleetscore/pool"
)

// It is told at once that another formula fails, and of the same one after a day; a
// clock that was set back keeps nobody from being told, nor does that it worked meanwhile.
func TestFormulaIsTold(t *testing.T) {
	at := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	told := formulaTold{Formula: "a", At: at}
	for _, c := range []struct {
		told    formulaTold
		formula string
		after   time.Duration
		want    bool
	}{
		{formulaTold{}, "a", 0, true}, {told, "b", 0, true}, {told, "a", 0, false}, {told, "a", 24*time.Hour - 1, false}, {told, "a", 24 * time.Hour, true}, {told, "a", -time.Second, true},
		{formulaTold{Formula: "a", At: at, Well: true}, "a", time.Minute, true},
	} {
		if got := c.told.due(c.formula, at.Add(c.after)); got != c.want {
			t.Errorf("%+v: %v", c, got)
		}
	}
}

// It is told once that the pool has a formula that works: another at once, and the same
// one when it has not failed for long.
func TestFormulaIsToldWell(t *testing.T) {
	works, fails := pool.Decision{}, pool.Decision{Error: "division by zero"}
	for _, c := range []struct {
		told    formulaTold
		formula string
		now     pool.Decision
		failing bool
		want    bool
	}{
		{formulaTold{}, "a", works, false, false}, {formulaTold{Formula: "a"}, "a", works, true, false}, {formulaTold{Formula: "a"}, "a", works, false, true},
		{formulaTold{Formula: "a"}, "b", works, false, true}, {formulaTold{Formula: "a"}, "b", fails, true, false}, {formulaTold{Formula: "a", Well: true}, "a", works, false, false},
	} {
		if got := c.told.well(&pool.Record{Formula: c.formula, Decision: c.now}, c.failing); got != c.want {
			t.Errorf("%+v: %v", c, got)
		}
	}
}
