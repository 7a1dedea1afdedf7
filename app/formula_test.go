package app

import (
	"testing"
	"time"
)

// It is told at once that another formula fails, and of the same one after a day; a
// clock that was set back keeps nobody from being told.
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
	} {
		if got := c.told.due(c.formula, at.Add(c.after)); got != c.want {
			t.Errorf("%+v: %v", c, got)
		}
	}
}
