package web_test

import (
	"math"
	"testing"

	"github.com/fleetscore/fleetscore/web"
)

func TestSensors(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	first := get[web.SensorSearch](f, "/api/v1/sensors?search=PUMP&limit=4")
	second := get[web.SensorSearch](f, "/api/v1/sensors?search=PUMP&limit=4&cursor="+first.Next)
	if len(first.Sensors) != 4 || len(second.Sensors) != 2 || second.Next != "" || first.Sensors[2].States["hourly"] != "failed" || second.Sensors[0].Device != "pump-2" {
		t.Errorf("page by page: %+v, %+v", first, second)
	}
	s := get[web.SensorView](f, "/api/v1/sensor?device=pump-0&tag=t0")
	if len(s.Jobs) != 2 || s.Jobs[0].Model == nil || len(s.Jobs[0].History) != 3 || s.Jobs[0].History[0].State != "anomalous" || s.Jobs[0].History[2].State != "active" {
		t.Errorf("the sensor is %+v", s)
	}
	if s := get[web.SensorView](f, "/api/v1/sensor?device=pump-1&tag=t0"); s.Jobs[0].Model != nil {
		t.Errorf("a sensor without a model is %+v", s)
	}
	w := get[web.WindowSeries](f, "/api/v1/windows/1m/series?device=pump-0&tag=t0")
	if w.Windows != 1 || len(w.Start) != 1 || w.Every != 60 || w.Count[0] != 3 {
		t.Errorf("windows are %+v", w)
	}
	scores := get[web.ScoreSeries](f, "/api/v1/jobs/hourly/series?device=pump-0&tag=t0&limit=1")
	if len(scores.Time) != 3 || len(scores.Anomalies) != 1 || scores.Anomalies[0] != 1 || len(scores.Models) != 2 || scores.Models[1].Digest != "m1" || scores.Next == "" ||
		!math.IsNaN(float64(scores.Values["v1"][0])) || !math.IsNaN(float64(scores.Values["v0"][2])) || scores.Values["v1"][2] != 1 {
		t.Errorf("scores are %+v", scores)
	}
}
