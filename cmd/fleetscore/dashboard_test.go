package main

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fleetscore/fleetscore/view/models"
	"github.com/fleetscore/fleetscore/view/objects"
	"github.com/fleetscore/fleetscore/web"
)

// look asks the API of a deployment, without a token.
func look[T any](d *deployment, path string) T {
	d.t.Helper()
	var v T
	status, body := d.fetch(path)
	if status != http.StatusOK {
		d.t.Fatalf("%s answers %d: %s", path, status, body)
	}
	if err := json.Unmarshal(body, &v); err != nil {
		d.t.Fatalf("%s answers %s: %v", path, body, err)
	}
	return v
}

func (d *deployment) fetch(path string) (int, []byte) {
	d.t.Helper()
	res, err := http.Get("http://" + d.address + "/api/v1" + path)
	if err != nil {
		d.t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		d.t.Fatal(err)
	}
	return res.StatusCode, body
}

// TestDashboard looks at all that a page shows of a run in which a sensor fails.
func TestDashboard(t *testing.T) {
	d := newDeployment(t, 12, `jobs: {pumps: {interval: 1h, max_failed: 50%, input: {file: readings.csv}, models: "models/{device}/{tag}.pkl"}}`+"\n")
	if err := os.Remove(filepath.Join(d.dir, "data/models/device-3/tag-2.pkl")); err != nil {
		t.Fatal(err)
	}
	d.write("data/models/device-3/tag-1.pkl", []byte("cposix\nsystem\n."))
	service := d.up()
	defer d.stop(service)
	for !d.isUp() {
		wait()
	}
	if out, err := d.command("job", "run", "pumps", "--interval", "2026-01-01T00:00Z", "--wait").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	o := look[web.Overview](d, "/overview?hours=2160")
	if o.Sensors == nil || o.Sensors.Total != 12 || o.Sensors.Failed != 2 || len(o.Jobs) != 1 || o.Jobs[0].Last == nil || len(o.Attention) == 0 || o.Cost.Nodes <= 0 {
		t.Errorf("the overview is %+v", o)
	}
	run := o.Jobs[0].Last.ID
	if s := look[web.Series](d, "/tallies?from=2026-01-01&to=2026-01-02&job=pumps"); len(s.Points) != 1 || s.Points[0].Predictions != 20 || len(s.Points[0].Causes) != 2 {
		t.Errorf("tallies are %+v", s)
	}
	m := look[web.MatrixHead](d, "/jobs/pumps/matrix")
	if m.Rows != 12 || len(m.Columns) != 1 || m.Columns[0].Counts["failed"] != 2 {
		t.Errorf("the matrix is %+v", m)
	}
	if status, tile := d.fetch("/jobs/pumps/matrix/tile?fate=failed&version=" + m.Version); status != http.StatusOK || string(tile[24:]) != "\x04\x04" {
		t.Errorf("the tile is %d %x", status, tile)
	}
	if who := look[web.SensorList](d, "/jobs/pumps/sensors?fate=failed&search=device-3"); len(who.Sensors) != 2 || who.Causes["no_model"] != 1 {
		t.Errorf("who was not scored: %+v", who)
	}
	d.lookAtRun(run)
	d.lookAtSensor()
	d.lookAtStore(run)
}

func (d *deployment) lookAtRun(run string) {
	p := look[web.RunPhases](d, "/runs/"+run+"/phases")
	if len(p.Lanes) != 1 || p.Seconds.Total <= 0 || p.Lanes[0].Node == "" {
		d.t.Errorf("phases are %+v", p)
	}
	if g := look[web.FailureGroups](d, "/runs/"+run+"/failure-groups"); g.Failures != 2 || len(g.Groups) != 2 {
		d.t.Errorf("failures by kind are %+v", g)
	}
	if l := look[web.LogLines](d, "/runs/"+run+"/log/search?text=DEVICE-3"); len(l.Lines) == 0 || l.Searched == 0 {
		d.t.Errorf("lines of the log are %+v", l)
	}
	if c := look[web.RunComparison](d, "/runs/"+run+"/compare"); c.With != nil || len(c.Causes) != 2 {
		d.t.Errorf("beside nothing: %+v", c)
	}
}

func (d *deployment) lookAtSensor() {
	if s := look[web.SensorSearch](d, "/sensors?search=e-1/"); len(s.Sensors) != 3 {
		d.t.Errorf("sensors are %+v", s)
	}
	if s := look[web.SensorView](d, "/sensor?device=device-1&tag=tag-0"); len(s.Jobs) != 1 || s.Jobs[0].Model == nil || !s.Jobs[0].Model.Native {
		d.t.Errorf("the sensor is %+v", s)
	}
	if s := look[web.ScoreSeries](d, "/jobs/pumps/series?device=device-1&tag=tag-0"); len(s.Time) != 2 || len(s.Models) != 1 || s.Values["value"][1] != 61.5 {
		d.t.Errorf("its scores are %+v", s)
	}
	if status, body := d.fetch("/jobs/pumps/band?device=device-1&tag=tag-0&from=0&to=120"); status != http.StatusOK || !strings.Contains(string(body), `"normal":[{"from":`) {
		d.t.Errorf("its band is %d %.300s", status, body)
	}
	if status, body := d.fetch("/jobs/pumps/band?device=device-3&tag=tag-1&from=0&to=120"); status != http.StatusConflict {
		d.t.Errorf("the band of a model that is none is %d %s", status, body)
	}
	if s := look[web.WindowSeries](d, "/windows/1m/series?device=device-1&tag=tag-0"); s.Windows != 0 {
		d.t.Errorf("its windows are %+v", s)
	}
}

func (d *deployment) lookAtStore(run string) {
	list := look[web.ModelList](d, "/models?search=device-3")
	if len(list.Models) != 2 || !list.Models[0].Native || list.Models[1].Native {
		d.t.Errorf("models are %+v", list)
	}
	hostile := look[models.Model](d, "/models/inspect?key=models/device-3/tag-1.pkl")
	if len(hostile.Globals) != 1 || !hostile.Globals[0].RunsCode {
		d.t.Errorf("a model that would run code is %+v", hostile)
	}
	for s := look[models.Summary](d, "/models/summary"); ; s = look[models.Summary](d, "/models/summary") {
		if s.Complete && s.Models == 11 {
			break
		}
		wait()
	}
	if err := os.Symlink("/etc/hostname", filepath.Join(d.dir, "data/models/device-3/out.pkl")); err != nil {
		d.t.Fatal(err)
	}
	for _, path := range []string{"/store/object", "/store/preview", "/models/inspect"} {
		if status, body := d.fetch(path + "?key=models/device-3/out.pkl"); status != http.StatusUnprocessableEntity || !strings.Contains(string(body), "leads out of") {
			d.t.Errorf("%s of a link that leads out of the store answers %d: %s", path, status, body)
		}
	}
	root := look[objects.Listing](d, "/store")
	if text := strings.Join(root.Folders, " "); !strings.Contains(text, "models/") || !strings.Contains(text, "predictions/") || len(root.Objects) != 1 || root.Objects[0].Key != "readings.csv" {
		d.t.Errorf("the store is %+v", root)
	}
	c := look[web.PredictionList](d, "/jobs/pumps/predictions")
	key := c.Files[0].Key
	if p := look[objects.Preview](d, "/store/preview?rows=5&key="+url.QueryEscape(key)); p.Total != 20 || len(p.Rows) != 5 || len(p.Columns) < 5 {
		d.t.Errorf("predictions are %+v", p)
	}
	if status, body := d.fetch("/store/object?key=" + url.QueryEscape(key)); status != http.StatusOK || int64(len(body)) != c.Files[0].Size {
		d.t.Errorf("%s has %d bytes (%d), not %d", key, len(body), status, c.Files[0].Size)
	}
	for path, want := range map[string]int{
		"/store/object?key=.fleetscore/token": 422, "/store/object?key=token": 404, "/store/object?key=../fleetscore.yaml": 422, "/store/preview?key=.fleetscore/ledger.db": 422, "/store?prefix=.fleetscore/": 422,
		"/runs/" + run + "/log/search?cursor=x": 422,
	} {
		if status, body := d.fetch(path); status != want {
			d.t.Errorf("%s answers %d, not %d: %.200s", path, status, want, body)
		}
	}
}
