package demo

import (
	"testing"
	"time"

	"github.com/fleetscore/fleetscore/fleet"
	"github.com/fleetscore/fleetscore/simulate"
)

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// at is so many seconds after noon.
func at(seconds float64) time.Time { return noon.Add(time.Duration(seconds * float64(time.Second))) }

func planted(tag string, from, to float64) simulate.Truth {
	return simulate.Truth{Device: "pump-1", Tag: tag, Kind: simulate.Shift, Start: at(from), End: at(to)}
}

// commit has the window of 5 seconds scored that begins at a second.
func commit(j *judge, from float64, tags ...string) {
	var anomalous []fleet.Sensor
	for _, tag := range tags {
		anomalous = append(anomalous, fleet.Sensor{Device: "pump-1", Tag: tag})
	}
	j.score(fleet.NewInterval(at(from), at(from+5)), at(from+7), anomalous)
}

func wants(t *testing.T, j *judge, want Verdict) {
	t.Helper()
	if got := j.verdict(); got != want {
		t.Errorf("the verdict is %+v, not %+v", got, want)
	}
}

// TestVerdict: an anomaly is found by any window that overlaps it, missed when all
// are scored, and neither before.
func TestVerdict(t *testing.T) {
	j := newJudge(noon)
	j.plant([]simulate.Truth{
		planted("a", 4, 11),
		planted("b", 4, 11),
		planted("c", 10, 15), // which touches two windows, and overlaps neither
		{Device: "pump-1", Kind: simulate.Outage, Start: at(0), End: at(20)},
	})
	wants(t, j, Verdict{Planted: 3, Unscored: 3})
	commit(j, 0)
	wants(t, j, Verdict{Planted: 3, Unscored: 3})
	commit(j, 5, "a")
	wants(t, j, Verdict{Planted: 3, Found: 1, Unscored: 2, Delay: 8})
	commit(j, 15, "c")
	wants(t, j, Verdict{Planted: 3, Found: 1, Unscored: 2, FalseAlarms: 1, Delay: 8})
	commit(j, 10, "a")
	wants(t, j, Verdict{Planted: 3, Found: 1, Missed: 2, FalseAlarms: 1, Delay: 8})
}

// TestFleetBefore: what a fleet before this one did is no false alarm.
func TestFleetBefore(t *testing.T) {
	j := newJudge(at(7))
	commit(j, 5, "a")
	wants(t, j, Verdict{})
	commit(j, 10, "a")
	wants(t, j, Verdict{FalseAlarms: 1})
}

// TestOtherSensors: what is anomalous elsewhere finds nothing.
func TestOtherSensors(t *testing.T) {
	j := newJudge(noon)
	j.plant([]simulate.Truth{planted("a", 1, 2)})
	commit(j, 0, "b")
	wants(t, j, Verdict{Planted: 1, Missed: 1, FalseAlarms: 1})
}

// TestRevisions: the newest commit of an interval counts, and no other.
func TestRevisions(t *testing.T) {
	j := newJudge(noon)
	j.plant([]simulate.Truth{planted("a", 1, 2)})
	commit(j, 0, "b")
	commit(j, 0, "a")
	wants(t, j, Verdict{Planted: 1, Found: 1, Delay: 6})
}

// TestEnd: what the end of the fleet cuts short is not held against the service,
// unless it was over, and is found if it was seen.
func TestEnd(t *testing.T) {
	j := newJudge(noon)
	j.plant([]simulate.Truth{planted("a", 1, 9), planted("b", 1, 4), planted("c", 1, 9)})
	j.stop(at(6))
	if j.knows(at(6)) {
		t.Error("the last window is known, and none was scored")
	}
	commit(j, 0)
	commit(j, 5, "c")
	wants(t, j, Verdict{Planted: 3, Found: 1, Missed: 1, Unscored: 1, Delay: 11})
	if !j.knows(at(6)) {
		t.Error("the last window is not known")
	}
}

// TestNews: each anomaly is told once, when it is known what became of it.
func TestNews(t *testing.T) {
	j := newJudge(noon)
	j.plant([]simulate.Truth{planted("a", 1, 2), planted("b", 1, 7)})
	commit(j, 0)
	if got := j.news(); len(got) != 1 || got[0].Tag != "a" || got[0].Found {
		t.Errorf("news: %+v", got)
	}
	commit(j, 5, "b")
	if got := j.news(); len(got) != 1 || got[0].Tag != "b" || !got[0].Found || got[0].After != 11*time.Second {
		t.Errorf("news: %+v", got)
	}
	if got := j.news(); len(got) > 0 {
		t.Errorf("told twice: %+v", got)
	}
}
