package overview_test

import (
	"testing"
	"time"

	"github.com/fleetscore/fleetscore/fleet"
	"github.com/fleetscore/fleetscore/ledger"
	"github.com/fleetscore/fleetscore/view/overview"
)

func TestSeries(t *testing.T) {
	t.Parallel()
	begin := time.Date(2026, 11, 23, 22, 0, 0, 0, time.UTC)
	var tallies []ledger.Tally
	for n := range 4 { // 22:00, 23:00, 00:00, 01:00, of two jobs
		for _, job := range []string{"a", "b"} {
			tallies = append(tallies, ledger.Tally{
				Job: job, Hour: begin.Add(time.Duration(n) * time.Hour), Intervals: 1, Counts: fleet.Counts{Sensors: 10, Failed: n, Anomalies: 2},
				Causes: []fleet.Group{{Cause: fleet.NoModel, Sensors: 1}, {Cause: fleet.BadModel, Sensors: n}},
			})
		}
	}
	hours, days := overview.Series(tallies, overview.Hour), overview.Series(tallies, overview.Day)
	if len(hours) != 4 || len(days) != 2 || hours[3].Failed != 6 || days[1].Failed != 10 || days[0].Sensors != 40 || days[1].Anomalies != 8 || days[0].Time.Hour() != 0 {
		t.Errorf("hours %+v\ndays %+v", hours, days)
	}
	byJob := overview.ByJob(tallies, overview.Day)
	if len(byJob) != 4 || byJob[3].Job != "b" || byJob[3].Failed != 5 || byJob[3].Causes[0] != (overview.Failed{Cause: fleet.BadModel, Sensors: 5}) {
		t.Errorf("by job %+v", byJob)
	}
	if causes := overview.Causes(tallies); len(causes) != 2 || causes[0].Sensors != 12 || causes[1].Sensors != 8 {
		t.Errorf("causes %+v", causes)
	}
}
