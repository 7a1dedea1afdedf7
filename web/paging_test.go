package web_test

import (
	"fmt"
	"net/url"
	"testing"

	"github.com/fleetscore/fleetscore/fleet"
	"github.com/fleetscore/fleetscore/web"
	"github.com/fleetscore/fleetscore/web/webtest"
)

// pages reads a list page by page.
func pages[L any, T any](t *testing.T, f *fixture, path, cursor string, split func(L) ([]T, string)) (all []T, n int) {
	t.Helper()
	next := ""
	for n = 1; ; n++ {
		at := path
		if next != "" {
			at += "&" + cursor + "=" + url.QueryEscape(next)
		}
		var items []T
		items, next = split(get[L](f, at))
		all = append(all, items...)
		if next == "" {
			return all, n
		}
		if n > 100 {
			t.Fatalf("the pages of %s do not end", path)
		}
	}
}

func TestPaging(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	// Hostile names page like others.
	for _, name := range []string{"a\x00b", "a", "a:b", "1:a", "\u65e5\u672c", "&=?#", " "} {
		f.Data.Sensors = append(f.Data.Sensors, web.SensorFate{Sensor: fleet.Sensor{Device: "z" + name, Tag: name}, Fate: web.FateFailed, Cause: fleet.BadModel})
	}
	sortFates(f.Data.Sensors)
	for limit := 1; limit <= 4; limit++ {
		suffix := fmt.Sprintf("limit=%d", limit)
		fates, _ := pages(t, f, "/api/v1/jobs/hourly/sensors?"+suffix, "cursor", func(l web.SensorList) ([]web.SensorFate, string) { return l.Sensors, l.Next })
		if fmt.Sprint(fates) != fmt.Sprint(f.Data.Sensors) {
			t.Errorf("by %d, the sensors are %v", limit, fates)
		}
		failed, _ := pages(t, f, "/api/v1/runs/"+webtest.RunDone+"/failures?"+suffix, "cursor", func(l web.FailureList) ([]fleet.SensorFailure, string) { return l.Sensors, l.Next })
		if fmt.Sprint(failed) != fmt.Sprint(f.Data.Failed) {
			t.Errorf("by %d, the failures are %v", limit, failed)
		}
		rows, _ := pages(t, f, "/api/v1/jobs/hourly/predictions?device=pump-0&tag=t0&"+suffix, "cursor", func(l web.PredictionList) ([]web.Prediction, string) { return l.Rows, l.Next })
		if len(rows) != 5 || !rows[4].Time.Equal(f.Data.Rows[4].Time) {
			t.Errorf("by %d, the rows are %v", limit, rows)
		}
		runs, _ := pages(t, f, "/api/v1/runs?"+suffix, "before", func(l web.RunList) ([]web.Run, string) { return l.Runs, l.Next })
		if len(runs) != 2 || runs[0].ID != webtest.RunActive || runs[1].ID != webtest.RunDone {
			t.Errorf("by %d, the runs are %v", limit, runs)
		}
		attempts, _ := pages(t, f, "/api/v1/runs/"+webtest.RunDone+"/tasks?"+suffix, "cursor", func(l web.AttemptList) ([]web.Attempt, string) { return l.Attempts, l.Next })
		if len(attempts) != 3 || attempts[1].Attempt != 2 || attempts[2].Task != "0-1" {
			t.Errorf("by %d, the attempts are %v", limit, attempts)
		}
		commits, _ := pages(t, f, "/api/v1/jobs/hourly/commits?"+suffix, "from", func(l web.CommitList) ([]web.Commit, string) { return l.Commits, l.Next })
		if len(commits) != 3 || commits[2].Rev != 3 {
			t.Errorf("by %d, the commits are %v", limit, commits)
		}
	}
	list := get[web.SensorList](f, "/api/v1/jobs/hourly/sensors?interval=2026-11-23T13:00Z&fate=failed,silent&cause=no_model&limit=1")
	if len(list.Sensors) != 1 || list.Fates[web.FateFailed] != 9 || list.Fates[web.FateAnomalous] != 1 || list.Rev != 2 || list.Next == "" {
		t.Errorf("who was not scored: %+v", list)
	}
}

func sortFates(fates []web.SensorFate) {
	for i := range fates {
		for j := i; j > 0 && fates[j].Compare(fates[j-1].Sensor) < 0; j-- {
			fates[j], fates[j-1] = fates[j-1], fates[j]
		}
	}
}
