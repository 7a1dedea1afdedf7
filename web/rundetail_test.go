package web_test

import (
	"strings"
	"testing"

	"github.com/fleetscore/fleetscore/ledger"
	"github.com/fleetscore/fleetscore/web"
	"github.com/fleetscore/fleetscore/web/webtest"
)

func TestRunDetails(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	done := "/api/v1/runs/" + webtest.RunDone
	phases := get[web.RunPhases](f, done+"/phases")
	if len(phases.Lanes) != 1 || phases.Lanes[0].Node != "n-1" || len(phases.Lanes[0].Attempts) != 3 || phases.Median != 2 {
		t.Errorf("phases %+v", phases)
	}
	groups := get[web.FailureGroups](f, done+"/failure-groups?samples=1")
	if groups.Failures != 2 || len(groups.Groups) != 1 || groups.Groups[0].Sensors != 2 || len(groups.Groups[0].Samples) != 1 {
		t.Fatalf("groups %+v", groups)
	}
	if list := get[web.FailureList](f, done+"/failures?fingerprint="+groups.Groups[0].Fingerprint); len(list.Sensors) != 2 {
		t.Errorf("failures of the group: %+v", list)
	}
	if list := get[web.FailureList](f, done+"/failures?fingerprint=00000000"); len(list.Sensors) != 0 {
		t.Errorf("failures of no group: %+v", list)
	}
	if c := get[web.RunComparison](f, done+"/compare"); c.With != nil || len(c.Causes) != 1 || c.Causes[0].Sensors != [2]int{2, 0} {
		t.Errorf("beside nothing: %+v", c)
	}
	active, err := f.Ledger.Run(t.Context(), webtest.RunActive)
	must(t, err)
	active.State, active.Rev, active.Committed, active.Counts.Sensors = ledger.Succeeded, 1, true, 6
	must(t, f.Ledger.SaveRun(t.Context(), active))
	c := get[web.RunComparison](f, "/api/v1/runs/"+webtest.RunActive+"/compare")
	if c.With == nil || c.With.ID != webtest.RunDone || c.Moved["late>silent"] != 1 || len(c.Devices) != 0 {
		t.Errorf("beside the one before: %+v", c)
	}
}

func TestSearchLog(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	path := "/api/v1/runs/" + webtest.RunDone + "/log/search"
	f.Data.Write(webtest.RunDone, "0-1-1", "time=1 level=INFO msg=fine\ntime=2 level=WARN msg=\"pump-7/t0 is slow\"\ntime=3 level=ERROR msg=gone\n")
	if l := get[web.LogLines](f, path+"?text=FOUR"); len(l.Lines) != 1 || l.Lines[0].Offset != 6 || l.Lines[0].Attempt != 2 || l.Next != "" || !strings.HasPrefix(l.Lines[0].Text, "four") {
		t.Errorf("%+v", l)
	}
	if l := get[web.LogLines](f, path+"?level=warn&task=0-1"); len(l.Lines) != 2 || !strings.Contains(l.Lines[0].Text, "slow") {
		t.Errorf("%+v", l)
	}
	var all []string
	for cursor := ""; ; {
		l := get[web.LogLines](f, path+"?limit=1"+cursor)
		for _, line := range l.Lines {
			all = append(all, line.Text)
		}
		if l.Next == "" {
			break
		}
		cursor = "&cursor=" + l.Next
	}
	if len(all) != 7 || all[0] != "one" || all[6] != "time=3 level=ERROR msg=gone" {
		t.Errorf("line by line: %q", all)
	}
}
