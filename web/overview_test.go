package web_test

import (
	"strings"
	"testing"

	"github.com/fleetscore/fleetscore/view/pace"
	"github.com/fleetscore/fleetscore/web"
	"github.com/fleetscore/fleetscore/web/webtest"
)

func TestOverview(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	o := get[web.Overview](f, "/api/v1/overview?hours=24")
	if o.Sensors == nil || o.Sensors.Total != 4 || o.Sensors.Job != "hourly" || len(o.Series.Points) != 1 || o.Series.Points[0].Anomalies != 3 || o.Readings.PerSecond != 5 {
		t.Errorf("the overview is %+v", o)
	}
	if len(o.Jobs) != 2 || o.Jobs[1].Last == nil || o.Jobs[1].Last.ID != webtest.RunDone || o.Jobs[1].Active == nil || o.Jobs[1].Active.ID != webtest.RunActive || o.Jobs[1].Next.IsZero() {
		t.Errorf("jobs are %+v", o.Jobs)
	}
	if len(o.Failures) != 1 || o.Failures[0].Sensors != 2 || o.Nodes["busy"] != 1 || o.Cost.Nodes != 14*3600 {
		t.Errorf("failures %+v, nodes %v, cost %+v", o.Failures, o.Nodes, o.Cost)
	}
	var kinds []string
	for _, a := range o.Attention {
		kinds = append(kinds, a.Severity+" "+a.Kind)
	}
	if got := strings.Join(kinds, ", "); got != "bad run_failed, warning rejected, warning messages_dead" {
		t.Errorf("what needs attention is %s: %+v", got, o.Attention)
	}
	again := get[web.Overview](f, "/api/v1/overview?hours=24")
	if !again.Time.Equal(o.Time) {
		t.Error("the clock stands still, and the overview is another")
	}
}

func TestPulse(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	s := f.watch("", "")
	first := s.want(web.KindSnapshot, "")
	f.Hub.Publish(web.Event{Pulse: &pace.Pulse{PerSecond: 12.5}})
	if e := s.want(web.KindPulse, "12.5"); e.id != "" {
		t.Errorf("a pulse has the ID %s, and is not kept", e.id)
	}
	f.Hub.Publish(web.Event{Decision: &web.PoolDecision{Target: 3}})
	s.want(web.KindPool, `"target":3`)
	f.watch("", first.id).want(web.KindPool, `"target":3`) // and no pulse
}
