package web_test

import (
	"net/http"
	"testing"

	"github.com/fleetscore/fleetscore/web"
)

func TestMatrixTile(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	const path = "/api/v1/jobs/hourly/matrix"
	head := get[web.MatrixHead](f, path+"?fate=late,partly")
	if head.Rows != 2 || head.Sensors != 6 || len(head.Columns) != 3 || head.Columns[1].Counts["late"] != 1 || head.States[4] != "failed" {
		t.Errorf("the matrix is %+v", head)
	}
	rows := get[web.MatrixRows](f, path+"/rows?fate=late,partly&version="+head.Version)
	if rows.Total != 2 || rows.Rows[0].Device != "pump-1" || rows.Rows[0].Tag != "t1" || rows.Rows[1].Device != "pump-2" {
		t.Errorf("rows are %+v", rows)
	}
	res, body := f.ask(web.Nobody, "GET", path+"/tile?fate=late,partly&rows=2&column=0&columns=3", "")
	want := "FSM1\x02\x00\x00\x00\x03\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x02\x00\x00\x00\x33\x08\x75\x08"
	if string(body) != want || res.Header.Get("Content-Type") != "application/octet-stream" || res.Header.Get("Cache-Control") != "private, no-cache" {
		t.Errorf("the tile is %x (%v)", body, res.Header)
	}
	tag := res.Header.Get("ETag")
	if res, body := f.ask(web.Nobody, "GET", path+"/tile?fate=late,partly&rows=2&column=0&columns=3", "", "If-None-Match", tag); res.StatusCode != http.StatusNotModified || len(body) > 0 {
		t.Errorf("a tile that is known is %s, %x", res.Status, body)
	}
	if res, _ := f.ask(web.Nobody, "GET", path+"/tile?fate=late&rows=2&column=0&columns=3", "", "If-None-Match", tag); res.StatusCode != http.StatusOK || res.Header.Get("ETag") == tag {
		t.Errorf("another tile is %s, %s", res.Status, res.Header.Get("ETag"))
	}
	sensors := get[web.SensorList](f, "/api/v1/jobs/hourly/sensors?fate=failed,silent,skipped&search=-1/T")
	if len(sensors.Sensors) != 2 || sensors.Causes["no_model"] != 2 || sensors.Fates["scored"] != 0 {
		t.Errorf("who was not scored: %+v", sensors)
	}
}
