package web_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/fleetscore/fleetscore/fleet"
	"github.com/fleetscore/fleetscore/web"
)

// TestSensorNames finds sensors by names whose slashes may be of the device, of the
// tag, or between them.
func TestSensorNames(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	for _, s := range []fleet.Sensor{{Device: "a.b/c", Tag: "d"}, {Device: "x", Tag: "y/z"}, {Device: "p", Tag: "q/r"}, {Device: "p/q", Tag: "r"}, {Device: "p/q/r"}} {
		f.Data.Sensors = append(f.Data.Sensors, web.SensorFate{Sensor: s, Fate: web.FateSilent})
	}
	const path = "/api/v1/jobs/hourly/predictions?"
	for query, want := range map[string]fleet.Sensor{
		"sensor=a.b/c/d":      {Device: "a.b/c", Tag: "d"},
		"sensor=x/y/z":        {Device: "x", Tag: "y/z"},
		"device=p&tag=q/r":    {Device: "p", Tag: "q/r"},
		"device=p/q&tag=r":    {Device: "p/q", Tag: "r"},
		"device=p/q/r":        {Device: "p/q/r"},
		"sensor=pump-0/t0":    {Device: "pump-0", Tag: "t0"},
		"device=a.b/c&tag=d&": {Device: "a.b/c", Tag: "d"},
	} {
		list := get[web.PredictionList](f, path+query)
		if list.Sensor == nil || list.Sensor.Sensor != want || (len(list.Rows) > 0) != (want.Device == "pump-0") {
			t.Errorf("%s: %+v with %d rows", query, list.Sensor, len(list.Rows))
		}
	}
	for query, wrong := range map[string]string{
		"sensor=p/q/r":       "p/q/r is the tag q/r of device p, and the tag r of device p/q; give device and tag",
		"sensor=a.b/c":       "there is no sensor a.b/c in 2026-11-23T14:00:00Z/2026-11-23T15:00:00Z of job hourly",
		"device=a.b&tag=c/d": "there is no sensor a.b/c/d",
	} {
		res, body := f.ask(web.Nobody, http.MethodGet, path+query, "")
		if res.StatusCode < 400 || !strings.Contains(string(body), wrong) {
			t.Errorf("%s answers %s: %s", query, res.Status, body)
		}
	}
}

// TestSensorsWithoutFates finds the rows of a sensor where what became of the
// sensors is lost, and says how that comes back to who asks for more.
func TestSensorsWithoutFates(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.Data.NoFates = web.Damaged("tiles/hourly/x.tile: it is gone", "score the interval again")
	const path = "/api/v1/jobs/hourly/predictions?"
	for _, query := range []string{"sensor=pump-0/t0", "device=pump-0&tag=t0"} {
		list := get[web.PredictionList](f, path+query)
		if list.Sensor == nil || list.Sensor.Sensor != (fleet.Sensor{Device: "pump-0", Tag: "t0"}) || list.Sensor.Fate != web.FateAnomalous || len(list.Rows) == 0 {
			t.Errorf("%s: %+v with %d rows", query, list.Sensor, len(list.Rows))
		}
	}
	res, body := f.ask(web.Nobody, http.MethodGet, path+"sensor=pump-1/t0", "")
	if res.StatusCode != http.StatusInternalServerError || !strings.Contains(string(body), `"code":"damaged"`) || !strings.Contains(string(body), "score the interval again") {
		t.Errorf("%s: %s", res.Status, body)
	}
}
