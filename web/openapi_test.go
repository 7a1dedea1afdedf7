package web_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/fleetscore/fleetscore/ledger"
	"github.com/fleetscore/fleetscore/web"
	"github.com/fleetscore/fleetscore/web/webtest"
)

// document is what these tests read of the OpenAPI document.
type document struct {
	compiler *jsonschema.Compiler
	Paths    map[string]map[string]struct {
		OperationID string                      `json:"operationId"`
		Role        string                      `json:"x-role"`
		Security    []map[string][]string       `json:"security"`
		Responses   map[string]responseObject   `json:"responses"`
		Parameters  []struct{ Name, In string } `json:"parameters"`
	} `json:"paths"`
}

type responseObject struct {
	Content map[string]struct{} `json:"content"`
}

func readDocument(t testing.TB, data []byte) *document {
	t.Helper()
	d := &document{}
	must(t, json.Unmarshal(data, d))
	raw, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	must(t, err)
	d.compiler = jsonschema.NewCompiler()
	d.compiler.DefaultDraft(jsonschema.Draft2020)
	d.compiler.AssertFormat()
	must(t, d.compiler.AddResource("openapi.json", raw))
	return d
}

// check holds an answer against what the document says of it.
func (d *document) check(t testing.TB, path, method string, res answer, body []byte) {
	t.Helper()
	op, ok := d.Paths[path][method]
	if !ok {
		t.Fatalf("%s %s is not in the document", method, path)
	}
	status := res.Status[:3]
	if _, ok := op.Responses[status]; !ok {
		status = "default"
	}
	kind, _, _ := strings.Cut(res.Header.Get("Content-Type"), ";")
	for declared := range op.Responses[status].Content {
		if plain, _, _ := strings.Cut(declared, ";"); plain != kind {
			continue
		}
		if !strings.HasSuffix(kind, "json") {
			return
		}
		at := "openapi.json#/paths/" + strings.ReplaceAll(strings.ReplaceAll(path, "~", "~0"), "/", "~1") + "/" + method + "/responses/" + status + "/content/" + strings.ReplaceAll(declared, "/", "~1") + "/schema"
		schema, err := d.compiler.Compile(at)
		must(t, err)
		value, err := jsonschema.UnmarshalJSON(bytes.NewReader(body))
		must(t, err)
		if err := schema.Validate(value); err != nil {
			t.Errorf("%s %s: %s is not as the document says: %v\n%s", method, path, res.Status, err, body)
		}
		return
	}
	t.Errorf("%s %s: %s with %q is not in the document: %s", method, path, res.Status, kind, body)
}

func TestCommittedDocument(t *testing.T) {
	t.Parallel()
	now, err := web.Document()
	must(t, err)
	committed, err := os.ReadFile("../docs/openapi.json")
	must(t, err)
	if !bytes.Equal(now, committed) {
		t.Error("docs/openapi.json is not what the code says; go generate ./web")
	}
}

// request is a request that a test makes, and the status that it is to get.
type request struct {
	method, path string // path as in the document
	at           string // path and query as sent
	role         web.Role
	body         string
	status       int
}

// TestOperations sends every operation requests that succeed and that fail, and
// holds the answers against the document that the server itself gives out.
func TestOperations(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	_, raw := f.ask(web.Nobody, "GET", "/openapi.json", "")
	doc := readDocument(t, raw)
	const job, run = "/api/v1/jobs/{job}", "/api/v1/runs/{run}"
	const receiver = "/api/v1/notify/receivers/{receiver}"
	const late = "/api/v1/windows/{window}/late"
	hourly, done := "/api/v1/jobs/hourly", "/api/v1/runs/"+webtest.RunDone
	requests := []request{
		{"get", "/api/v1/jobs", "/api/v1/jobs", web.Nobody, "", 200},
		{"get", "/api/v1/jobs", "/api/v1/jobs?nonsense=1", web.Nobody, "", 422},
		{"get", "/api/v1/session", "/api/v1/session", web.Viewer, "", 200},
		{"delete", "/api/v1/session", "/api/v1/session", web.Nobody, "", 200},
		{"post", "/api/v1/session", "/api/v1/session", web.Nobody, `{"token":"x"}`, 403},
		{"get", job + "/data", "/api/v1/jobs/hourly/data", web.Nobody, "", 200},
		{"get", job + "/data", "/api/v1/jobs/none/data", web.Nobody, "", 404},
		{"get", job, hourly, web.Viewer, "", 200},
		{"get", job, "/api/v1/jobs/none", web.Nobody, "", 404},
		{"get", job, "/api/v1/jobs/No%20Job%2F..", web.Nobody, "", 422},
		{"post", job + "/runs", hourly + "/runs", web.Operator, "", 201},
		{"post", job + "/runs", hourly + "/runs", web.Operator, "{}", 409},
		{"post", job + "/runs", hourly + "/runs", web.Operator, `{"interval":{"from":"2026-11-24T00:00:00Z"}}`, 201},
		{"post", job + "/runs", hourly + "/runs", web.Operator, `{"interval":{"from":"2026-11-24T00:00:00Z","to":"2026-11-23T00:00:00Z"}}`, 422},
		{"post", job + "/runs", hourly + "/runs", web.Operator, `{"interval":{"from":"yesterday"}}`, 422},
		{"post", job + "/runs", hourly + "/runs", web.Operator, `{"intervall":1}`, 422},
		{"post", job + "/runs", hourly + "/runs", web.Operator, `{"`, 400},
		{"post", job + "/runs", hourly + "/runs", web.Operator, `{"x":"` + strings.Repeat("x", 100<<10) + `"}`, 413},
		{"post", job + "/runs", "/api/v1/jobs/none/runs", web.Operator, "", 404},
		{"post", job + "/pause", hourly + "/pause", web.Operator, "", 200},
		{"post", job + "/pause", "/api/v1/jobs/none/pause", web.Operator, "", 404},
		{"post", job + "/resume", hourly + "/resume", web.Operator, "", 200},
		{"post", job + "/backfill", hourly + "/backfill", web.Operator, `{"from":"2026-11-24T00:00:00Z","to":"2026-11-25T00:00:00Z","only":["missing"],"dry_run":true}`, 200},
		{"post", job + "/backfill", hourly + "/backfill", web.Operator, `{"from":"2026-11-24T00:00:00Z","to":"2026-11-25T00:00:00Z"}`, 200},
		{"post", job + "/backfill", hourly + "/backfill", web.Operator, `{"from":"2026-11-24T00:00:00Z","to":"2026-11-24T00:00:00Z"}`, 422},
		{"post", job + "/backfill", hourly + "/backfill", web.Operator, `{"from":"2026-11-24T00:00:00Z","to":"2026-11-25T00:00:00Z","only":["all"]}`, 422},
		{"post", job + "/backfill", "/api/v1/jobs/by-hand/backfill", web.Operator, `{"from":"2026-11-24T00:00:00Z","to":"2026-11-25T00:00:00Z"}`, 422},
		{"post", job + "/backfill", hourly + "/backfill", web.Operator, "", 400},
		{"get", job + "/commits", hourly + "/commits?from=2026-11-23&to=2026-11-24T00:00Z&limit=2", web.Nobody, "", 200},
		{"get", job + "/commits", hourly + "/commits?from=soon", web.Nobody, "", 422},
		{"get", job + "/commits", "/api/v1/jobs/none/commits", web.Nobody, "", 404},
		{"get", job + "/sensors", hourly + "/sensors?fate=failed,silent&limit=1", web.Nobody, "", 200},
		{"get", job + "/sensors", hourly + "/sensors?fate=gone", web.Nobody, "", 422},
		{"get", job + "/sensors", hourly + "/sensors?cursor=xyz", web.Nobody, "", 422},
		{"get", job + "/sensors", hourly + "/sensors?interval=2020-01-01", web.Nobody, "", 404},
		{"get", job + "/sensors", hourly + "/sensors?search=PUMP-1", web.Nobody, "", 200},
		{"get", job + "/matrix", hourly + "/matrix?last=3&search=pump&fate=failed,scored", web.Nobody, "", 200},
		{"get", job + "/matrix", hourly + "/matrix?version=old", web.Nobody, "", 409},
		{"get", job + "/matrix", hourly + "/matrix?last=5000", web.Nobody, "", 422},
		{"get", job + "/matrix", hourly + "/matrix?fate=well", web.Nobody, "", 422},
		{"get", job + "/matrix", "/api/v1/jobs/none/matrix", web.Nobody, "", 404},
		{"get", job + "/matrix/rows", hourly + "/matrix/rows?row=1&limit=2", web.Nobody, "", 200},
		{"get", job + "/matrix/rows", hourly + "/matrix/rows?group=device&row=99", web.Nobody, "", 200},
		{"get", job + "/matrix/rows", hourly + "/matrix/rows?row=-1", web.Nobody, "", 422},
		{"get", job + "/matrix/tile", hourly + "/matrix/tile?row=0&rows=4&column=0&columns=2", web.Nobody, "", 200},
		{"get", job + "/matrix/tile", hourly + "/matrix/tile?rows=9000", web.Nobody, "", 422},
		{"get", job + "/predictions", hourly + "/predictions?interval=2026-11-23T12:00Z&device=pump-0&tag=t0&limit=2", web.Nobody, "", 200},
		{"get", job + "/predictions", hourly + "/predictions", web.Nobody, "", 200},
		{"get", job + "/predictions", hourly + "/predictions?sensor=pump-0/t0&limit=2", web.Nobody, "", 200},
		{"get", job + "/predictions", hourly + "/predictions?sensor=pump-0/none", web.Nobody, "", 404},
		{"get", job + "/predictions", hourly + "/predictions?device=pump-0", web.Nobody, "", 404},
		{"get", job + "/predictions", hourly + "/predictions?device=pump-0&tag=t0&sensor=pump-0/t0", web.Nobody, "", 422},
		{"get", job + "/predictions", hourly + "/predictions?tag=t0", web.Nobody, "", 422},
		{"get", job + "/predictions", hourly + "/predictions?cursor=-1", web.Nobody, "", 422},
		{"get", job + "/predictions", "/api/v1/jobs/by-hand/predictions", web.Nobody, "", 404},
		{"get", "/api/v1/runs", "/api/v1/runs?job=hourly&state=failed,running&limit=1", web.Nobody, "", 200},
		{"get", "/api/v1/runs", "/api/v1/runs?state=gone", web.Nobody, "", 422},
		{"get", "/api/v1/runs", "/api/v1/runs?limit=0", web.Nobody, "", 422},
		{"get", "/api/v1/runs", "/api/v1/runs?limit=many", web.Nobody, "", 422},
		{"get", "/api/v1/runs", "/api/v1/runs?from=2026-11-24&to=2026-11-23", web.Nobody, "", 422},
		{"get", run, done, web.Nobody, "", 200},
		{"get", run, "/api/v1/runs/none", web.Nobody, "", 404},
		{"get", run + "/tasks", done + "/tasks?limit=2", web.Nobody, "", 200},
		{"get", run + "/tasks", done + "/tasks?task=0-0&state=lost", web.Nobody, "", 200},
		{"get", run + "/tasks", done + "/tasks?task=0&state=lost", web.Nobody, "", 200},
		{"get", run + "/tasks", done + "/tasks?task=first", web.Nobody, "", 422},
		{"get", run + "/tasks", done + "/tasks?cursor=0-1", web.Nobody, "", 422},
		{"get", run + "/tasks", "/api/v1/runs/none/tasks", web.Nobody, "", 404},
		{"get", run + "/failures", done + "/failures?limit=1&cause=no_model", web.Nobody, "", 200},
		{"get", run + "/failures", done + "/failures?cursor=a", web.Nobody, "", 422},
		{"get", run + "/failures", done + "/failures?fingerprint=0a1b2c3d", web.Nobody, "", 200},
		{"get", run + "/failures", done + "/failures?fingerprint=xyz", web.Nobody, "", 422},
		{"get", run + "/phases", done + "/phases", web.Nobody, "", 200},
		{"get", run + "/phases", "/api/v1/runs/none/phases", web.Nobody, "", 404},
		{"get", run + "/failure-groups", done + "/failure-groups?samples=1", web.Nobody, "", 200},
		{"get", run + "/failure-groups", done + "/failure-groups?samples=100", web.Nobody, "", 422},
		{"get", run + "/compare", done + "/compare", web.Nobody, "", 200},
		{"get", run + "/compare", done + "/compare?with=" + webtest.RunActive, web.Nobody, "", 200},
		{"get", run + "/compare", done + "/compare?with=none", web.Nobody, "", 404},
		{"get", run + "/log/search", done + "/log/search?text=FOUR", web.Nobody, "", 200},
		{"get", run + "/log/search", done + "/log/search?task=first", web.Nobody, "", 422},
		{"get", run + "/log/search", done + "/log/search?cursor=0-0-1@-1", web.Nobody, "", 422},
		{"get", run + "/log", done + "/log", web.Nobody, "", 200},
		{"get", run + "/log", done + "/log?task=0-0&attempt=1&offset=4", web.Nobody, "", 200},
		{"get", run + "/log", done + "/log?offset=4", web.Nobody, "", 422},
		{"get", run + "/log", done + "/log?task=0-7", web.Nobody, "", 404},
		{"get", run + "/log", done + "/log?task=0-1", web.Nobody, "", 404},
		{"post", run + "/cancel", "/api/v1/runs/" + webtest.RunActive + "/cancel", web.Operator, "", 202},
		{"post", run + "/cancel", done + "/cancel", web.Operator, "", 409},
		{"post", run + "/cancel", "/api/v1/runs/none/cancel", web.Operator, "", 404},
		{"post", run + "/retry", done + "/retry", web.Operator, `{"failed":true}`, 201},
		{"post", run + "/retry", done + "/retry", web.Operator, "", 409},
		{"post", run + "/retry", "/api/v1/runs/none/retry", web.Operator, "", 404},
		{"get", "/api/v1/nodes", "/api/v1/nodes?since=2026-11-23T00:00:00+01:00", web.Nobody, "", 200},
		{"get", "/api/v1/nodes", "/api/v1/nodes?since=now", web.Nobody, "", 422},
		{"get", "/api/v1/pool/workload", "/api/v1/pool/workload?since=2026-11-23&job=hourly&limit=3", web.Nobody, "", 200},
		{"get", "/api/v1/pool/workload", "/api/v1/pool/workload?since=then", web.Nobody, "", 422},
		{"get", "/api/v1/stream", "/api/v1/stream", web.Nobody, "", 200},
		{"get", "/api/v1/windows/{window}", "/api/v1/windows/1m?device=pump-0&tag=t0", web.Nobody, "", 200},
		{"get", "/api/v1/windows/{window}", "/api/v1/windows/1m?device=pump-0&tag=t0&from=2026-01-01&to=2027-01-01", web.Nobody, "", 422},
		{"get", "/api/v1/windows/{window}", "/api/v1/windows/2m?device=pump-0&tag=t0", web.Nobody, "", 404},
		{"get", late, "/api/v1/windows/1m/late?device=pump-0&tag=t0&cause=late&from=2026-11-23&to=2026-11-24&limit=1", web.Nobody, "", 200},
		{"get", late, "/api/v1/windows/1m/late", web.Nobody, "", 200},
		{"get", late, "/api/v1/windows/1m/late?cause=lost", web.Nobody, "", 422},
		{"get", late, "/api/v1/windows/1m/late?from=2026-11-24&to=2026-11-24", web.Nobody, "", 422},
		{"get", late, "/api/v1/windows/2m/late", web.Nobody, "", 404},
		{"post", late + "/replay", "/api/v1/windows/1m/late/replay", web.Operator, "", 200},
		{"post", late + "/replay", "/api/v1/windows/1m/late/replay", web.Operator, `{"device":"pump-0","from":"2026-11-23T00:00:00Z"}`, 200},
		{"post", late + "/replay", "/api/v1/windows/1m/late/replay", web.Operator, `{"from":"2026-11-23T00:00:00Z","to":"2026-11-23T00:00:00Z"}`, 422},
		{"post", late + "/replay", "/api/v1/windows/1m/late/replay", web.Operator, `{"cause":"lost"}`, 422},
		{"get", "/api/v1/pool", "/api/v1/pool", web.Nobody, "", 200},
		{"post", "/api/v1/pool", "/api/v1/pool", web.Operator, `{"formula":"nodes","min":1,"max":3,"dry_run":true}`, 200},
		{"post", "/api/v1/pool", "/api/v1/pool", web.Operator, `{"formula":"bad"}`, 422},
		{"post", "/api/v1/pool", "/api/v1/pool", web.Operator, `{"max":-1}`, 422},
		{"get", "/api/v1/pool/history", "/api/v1/pool/history?limit=2&since=2026-11-23", web.Nobody, "", 200},
		{"get", "/api/v1/pool/history", "/api/v1/pool/history?since=soon", web.Nobody, "", 422},
		{"get", "/api/v1/sensors", "/api/v1/sensors?search=pump", web.Nobody, "", 200},
		{"get", "/api/v1/sensors", "/api/v1/sensors?cursor=xyz", web.Nobody, "", 422},
		{"get", "/api/v1/sensor", "/api/v1/sensor?device=pump-0&tag=t0", web.Nobody, "", 200},
		{"get", "/api/v1/sensor", "/api/v1/sensor?device=none", web.Nobody, "", 200},
		{"get", "/api/v1/sensor", "/api/v1/sensor", web.Nobody, "", 422},
		{"get", "/api/v1/windows/{window}/series", "/api/v1/windows/1m/series?device=pump-0&tag=t0&points=10", web.Nobody, "", 200},
		{"get", "/api/v1/windows/{window}/series", "/api/v1/windows/2m/series?device=pump-0&tag=t0", web.Nobody, "", 404},
		{"get", "/api/v1/windows/{window}/series", "/api/v1/windows/1m/series?device=pump-0&tag=t0&from=2020-01-01", web.Nobody, "", 422},
		{"get", job + "/series", hourly + "/series?device=pump-0&tag=t0", web.Nobody, "", 200},
		{"get", job + "/series", hourly + "/series?device=pump-0&limit=9999", web.Nobody, "", 422},
		{"get", job + "/series", "/api/v1/jobs/none/series?device=pump-0", web.Nobody, "", 404},
		{"get", job + "/band", hourly + "/band?device=pump-0&tag=t0&from=0&to=10", web.Nobody, "", 200},
		{"get", job + "/band", hourly + "/band?device=pump-1&tag=t0&from=0&to=10", web.Nobody, "", 409},
		{"get", job + "/band", hourly + "/band?device=pump-0&tag=t0&from=10&to=10", web.Nobody, "", 422},
		{"get", job + "/band", hourly + "/band?device=pump-0&tag=t0&from=NaN&to=10", web.Nobody, "", 422},
		{"get", job + "/model", hourly + "/model?device=pump-0&tag=t0", web.Nobody, "", 200},
		{"get", job + "/model", hourly + "/model?device=pump-1&tag=t0", web.Nobody, "", 404},
		{"get", "/api/v1/models", "/api/v1/models?search=pump&limit=5", web.Nobody, "", 200},
		{"get", "/api/v1/models", "/api/v1/models?limit=10000", web.Nobody, "", 422},
		{"get", "/api/v1/models/summary", "/api/v1/models/summary", web.Nobody, "", 200},
		{"get", "/api/v1/models/inspect", "/api/v1/models/inspect?key=models/pump-0/t0.pkl", web.Nobody, "", 200},
		{"get", "/api/v1/models/inspect", "/api/v1/models/inspect?key=models/none.pkl", web.Nobody, "", 404},
		{"get", "/api/v1/models/inspect", "/api/v1/models/inspect?key=../token", web.Nobody, "", 422},
		{"get", "/api/v1/store", "/api/v1/store?prefix=logs/&limit=5", web.Nobody, "", 200},
		{"get", "/api/v1/store", "/api/v1/store?prefix=logs", web.Nobody, "", 422},
		{"get", "/api/v1/store", "/api/v1/store?prefix=../", web.Nobody, "", 422},
		{"get", "/api/v1/store", "/api/v1/store?prefix=logs/&cursor=windows/", web.Nobody, "", 422},
		{"get", "/api/v1/store/preview", "/api/v1/store/preview?key=logs/a.log", web.Nobody, "", 200},
		{"get", "/api/v1/store/preview", "/api/v1/store/preview?key=windows/bad.parquet", web.Nobody, "", 422},
		{"get", "/api/v1/store/preview", "/api/v1/store/preview?key=token", web.Nobody, "", 404},
		{"get", "/api/v1/store/preview", "/api/v1/store/preview?key=a&rows=100000", web.Nobody, "", 422},
		{"get", "/api/v1/store/object", "/api/v1/store/object?key=logs/a.log", web.Nobody, "", 200},
		{"get", "/api/v1/store/object", "/api/v1/store/object?key=/etc/passwd", web.Nobody, "", 422},
		{"get", "/api/v1/store/object", "/api/v1/store/object?key=token", web.Nobody, "", 404},
		{"get", "/api/v1/pool/nodes", "/api/v1/pool/nodes?since=2026-11-23T13:00Z", web.Nobody, "", 200},
		{"get", "/api/v1/pool/nodes", "/api/v1/pool/nodes?since=2026-11-23T15:00Z", web.Nobody, "", 422},
		{"get", "/api/v1/pool/nodes", "/api/v1/pool/nodes?since=noon", web.Nobody, "", 422},
		{"get", "/api/v1/pool/cost", "/api/v1/pool/cost?days=3", web.Nobody, "", 200},
		{"get", "/api/v1/sensors", "/api/v1/sensors?search=pump", web.Nobody, "", 200},
		{"get", "/api/v1/sensors", "/api/v1/sensors?cursor=xyz", web.Nobody, "", 422},
		{"get", "/api/v1/sensor", "/api/v1/sensor?device=pump-0&tag=t0", web.Nobody, "", 200},
		{"get", "/api/v1/sensor", "/api/v1/sensor?device=none", web.Nobody, "", 200},
		{"get", "/api/v1/sensor", "/api/v1/sensor", web.Nobody, "", 422},
		{"get", "/api/v1/windows/{window}/series", "/api/v1/windows/1m/series?device=pump-0&tag=t0&points=10", web.Nobody, "", 200},
		{"get", "/api/v1/windows/{window}/series", "/api/v1/windows/2m/series?device=pump-0&tag=t0", web.Nobody, "", 404},
		{"get", "/api/v1/windows/{window}/series", "/api/v1/windows/1m/series?device=pump-0&tag=t0&from=2020-01-01", web.Nobody, "", 422},
		{"get", job + "/series", hourly + "/series?device=pump-0&tag=t0", web.Nobody, "", 200},
		{"get", job + "/series", hourly + "/series?device=pump-0&limit=9999", web.Nobody, "", 422},
		{"get", job + "/series", "/api/v1/jobs/none/series?device=pump-0", web.Nobody, "", 404},
		{"get", job + "/band", hourly + "/band?device=pump-0&tag=t0&from=0&to=10", web.Nobody, "", 200},
		{"get", job + "/band", hourly + "/band?device=pump-1&tag=t0&from=0&to=10", web.Nobody, "", 409},
		{"get", job + "/band", hourly + "/band?device=pump-0&tag=t0&from=10&to=10", web.Nobody, "", 422},
		{"get", job + "/band", hourly + "/band?device=pump-0&tag=t0&from=NaN&to=10", web.Nobody, "", 422},
		{"get", job + "/model", hourly + "/model?device=pump-0&tag=t0", web.Nobody, "", 200},
		{"get", job + "/model", hourly + "/model?device=pump-1&tag=t0", web.Nobody, "", 404},
		{"get", "/api/v1/models", "/api/v1/models?search=pump&limit=5", web.Nobody, "", 200},
		{"get", "/api/v1/models", "/api/v1/models?limit=10000", web.Nobody, "", 422},
		{"get", "/api/v1/models/summary", "/api/v1/models/summary", web.Nobody, "", 200},
		{"get", "/api/v1/models/inspect", "/api/v1/models/inspect?key=models/pump-0/t0.pkl", web.Nobody, "", 200},
		{"get", "/api/v1/models/inspect", "/api/v1/models/inspect?key=models/none.pkl", web.Nobody, "", 404},
		{"get", "/api/v1/models/inspect", "/api/v1/models/inspect?key=../token", web.Nobody, "", 422},
		{"get", "/api/v1/store", "/api/v1/store?prefix=logs/&limit=5", web.Nobody, "", 200},
		{"get", "/api/v1/store", "/api/v1/store?prefix=logs", web.Nobody, "", 422},
		{"get", "/api/v1/store", "/api/v1/store?prefix=../", web.Nobody, "", 422},
		{"get", "/api/v1/store", "/api/v1/store?prefix=logs/&cursor=windows/", web.Nobody, "", 422},
		{"get", "/api/v1/store/preview", "/api/v1/store/preview?key=logs/a.log", web.Nobody, "", 200},
		{"get", "/api/v1/store/preview", "/api/v1/store/preview?key=windows/bad.parquet", web.Nobody, "", 422},
		{"get", "/api/v1/store/preview", "/api/v1/store/preview?key=token", web.Nobody, "", 404},
		{"get", "/api/v1/store/preview", "/api/v1/store/preview?key=a&rows=100000", web.Nobody, "", 422},
		{"get", "/api/v1/store/object", "/api/v1/store/object?key=logs/a.log", web.Nobody, "", 200},
		{"get", "/api/v1/store/object", "/api/v1/store/object?key=/etc/passwd", web.Nobody, "", 422},
		{"get", "/api/v1/store/object", "/api/v1/store/object?key=token", web.Nobody, "", 404},
		{"get", "/api/v1/pool/cost", "/api/v1/pool/cost?days=1000", web.Nobody, "", 422},
		{"post", "/api/v1/pool/simulate", "/api/v1/pool/simulate", web.Operator, `{"formula":"nodes","days":3}`, 200},
		{"post", "/api/v1/pool/simulate", "/api/v1/pool/simulate", web.Operator, `{"formula":"bad"}`, 422},
		{"post", "/api/v1/pool/simulate", "/api/v1/pool/simulate", web.Operator, `{"days":400}`, 422},
		{"get", "/api/v1/overview", "/api/v1/overview", web.Nobody, "", 200},
		{"get", "/api/v1/overview", "/api/v1/overview?hours=2160", web.Nobody, "", 200},
		{"get", "/api/v1/overview", "/api/v1/overview?hours=0", web.Nobody, "", 422},
		{"get", "/api/v1/tallies", "/api/v1/tallies?job=hourly&from=2026-11-22&to=2026-11-24&step=day", web.Nobody, "", 200},
		{"get", "/api/v1/tallies", "/api/v1/tallies?from=2020-01-01", web.Nobody, "", 422},
		{"get", "/api/v1/tallies", "/api/v1/tallies?step=second", web.Nobody, "", 422},
		{"get", "/api/v1/stream/history", "/api/v1/stream/history?minutes=5", web.Nobody, "", 200},
		{"get", "/api/v1/stream/history", "/api/v1/stream/history?minutes=0", web.Nobody, "", 422},
		{"get", "/api/v1/stream/partitions", "/api/v1/stream/partitions", web.Nobody, "", 200},
		{"post", late + "/replay", "/api/v1/windows/2m/late/replay", web.Operator, "", 404},
		{"post", "/api/v1/readings", "/api/v1/readings", web.Nobody, `{"device":"pump-0"}`, 200},
		{"get", "/api/v1/notify/receivers", "/api/v1/notify/receivers", web.Nobody, "", 200},
		{"get", "/api/v1/notify/messages", "/api/v1/notify/messages?receiver=chat&state=waiting&limit=1", web.Nobody, "", 200},
		{"get", "/api/v1/notify/messages", "/api/v1/notify/messages?state=lost", web.Nobody, "", 422},
		{"post", receiver + "/test", "/api/v1/notify/receivers/ops/test", web.Operator, "", 200},
		{"post", receiver + "/test", "/api/v1/notify/receivers/chat/test", web.Operator, "", 200},
		{"post", receiver + "/test", "/api/v1/notify/receivers/none/test", web.Operator, "", 404},
		{"post", receiver + "/retry", "/api/v1/notify/receivers/chat/retry", web.Operator, "", 200},
		{"post", receiver + "/retry", "/api/v1/notify/receivers/chat/retry", web.Operator, `{"id":"given-up"}`, 200},
		{"post", receiver + "/retry", "/api/v1/notify/receivers/chat/retry", web.Operator, `{"id":"none"}`, 404},
		{"post", receiver + "/retry", "/api/v1/notify/receivers/none/retry", web.Operator, "", 404},
		{"get", "/api/v1/mutes", "/api/v1/mutes", web.Nobody, "", 200},
		{"post", "/api/v1/mutes", "/api/v1/mutes", web.Operator, `{"sensors":"pump-0/*","until":"2026-11-24T00:00:00Z","reason":"bearing"}`, 201},
		{"post", "/api/v1/mutes", "/api/v1/mutes", web.Operator, `{"sensors":"pump-0/*","acknowledge":true,"job":"hourly"}`, 201},
		{"post", "/api/v1/mutes", "/api/v1/mutes", web.Operator, `{"sensors":"pump-0/*","acknowledge":true,"job":"none"}`, 404},
		{"post", "/api/v1/mutes", "/api/v1/mutes", web.Operator, `{"sensors":"pump-0/*"}`, 422},
		{"post", "/api/v1/mutes", "/api/v1/mutes", web.Operator, `{"sensors":"pump-0/*","until":"2026-11-23T00:00:00Z"}`, 422},
		{"post", "/api/v1/mutes", "/api/v1/mutes", web.Operator, `{"sensors":"a\nb","until":"2026-11-24T00:00:00Z"}`, 422},
		{"post", "/api/v1/mutes", "/api/v1/mutes", web.Operator, `{"sensors":"","until":"2026-11-24T00:00:00Z"}`, 422},
		{"delete", "/api/v1/mutes/{mute}", "/api/v1/mutes/abcd1234", web.Operator, "", 200},
		{"delete", "/api/v1/mutes/{mute}", "/api/v1/mutes/abcd1234", web.Operator, "", 404},
		{"get", "/api/v1/status", "/api/v1/status", web.Nobody, "", 200},
		{"get", "/api/v1/audit", "/api/v1/audit?limit=1", web.Admin, "", 200},
		{"get", "/api/v1/audit", "/api/v1/audit?before=-1", web.Admin, "", 422},
		{"post", "/api/v1/config/apply", "/api/v1/config/apply", web.Admin, "", 200},
		{"get", "/api/v1/ledger/backup", "/api/v1/ledger/backup", web.Admin, "", 200},
		{"get", "/api/v1/tokens", "/api/v1/tokens", web.Admin, "", 200},
		{"post", "/api/v1/tokens", "/api/v1/tokens", web.Admin, `{"name":"grafana","role":"viewer","expires":"2027-01-01T00:00:00Z"}`, 201},
		{"post", "/api/v1/tokens", "/api/v1/tokens", web.Admin, `{"name":"gateway","role":"device","devices":["pump-*"]}`, 201},
		{"post", "/api/v1/tokens", "/api/v1/tokens", web.Admin, `{"name":"grafana","role":"viewer"}`, 409},
		{"post", "/api/v1/tokens", "/api/v1/tokens", web.Admin, `{"name":"old","role":"viewer","expires":"2020-01-01T00:00:00Z"}`, 422},
		{"post", "/api/v1/tokens", "/api/v1/tokens", web.Admin, `{"name":"x","role":"nobody"}`, 422},
		{"post", "/api/v1/tokens", "/api/v1/tokens", web.Admin, `{"name":"x","role":"device"}`, 422},
		{"post", "/api/v1/tokens/{token}/revoke", "/api/v1/tokens/grafana/revoke", web.Admin, "", 200},
		{"post", "/api/v1/tokens/{token}/revoke", "/api/v1/tokens/grafana/revoke", web.Admin, "", 404},
		{"post", "/api/v1/tokens/{token}/revoke", "/api/v1/tokens/fsk_abc/revoke", web.Admin, "", 422},
		{"post", "/api/v1/device-tokens", "/api/v1/device-tokens", web.Admin, `{"devices":["pump-*"],"expires":"2027-01-01T00:00:00Z"}`, 201},
		{"post", "/api/v1/device-tokens", "/api/v1/device-tokens", web.Admin, `{"devices":["pump-*"],"expires":"2020-01-01T00:00:00Z"}`, 422},
		{"post", "/api/v1/device-tokens", "/api/v1/device-tokens", web.Admin, `{"devices":[],"expires":"2027-01-01T00:00:00Z"}`, 422},
		{"post", "/api/v1/device-tokens/{token}/revoke", "/api/v1/device-tokens/dabcdefghij23/revoke", web.Admin, "", 200},
		{"post", "/api/v1/device-tokens/{token}/revoke", "/api/v1/device-tokens/x/revoke", web.Admin, "", 404},
		{"get", "/api/v1/signing-keys", "/api/v1/signing-keys", web.Admin, "", 200},
		{"post", "/api/v1/signing-keys", "/api/v1/signing-keys", web.Admin, "", 201},
		{"post", "/api/v1/signing-keys/{key}/remove", "/api/v1/signing-keys/none/remove", web.Admin, "", 404},
		{"get", "/api/v1/events", "/api/v1/events?run=none", web.Nobody, "", 404},
		{"get", "/healthz", "/healthz", web.Nobody, "", 200},
		{"get", "/readyz", "/readyz", web.Nobody, "", 200},
		{"get", "/metrics", "/metrics", web.Nobody, "", 200},
	}
	left := map[string]bool{}
	for path, item := range doc.Paths {
		for method, op := range item {
			left[method+" "+path] = true
			inPath := 0
			for _, p := range op.Parameters {
				if p.In == "path" {
					inPath++
				}
			}
			if inPath != strings.Count(path, "{") {
				t.Errorf("%s %s has %d parameters in its path, says the document", method, path, inPath)
			}
		}
	}
	for _, r := range requests {
		res, body := f.ask(r.role, strings.ToUpper(r.method), r.at, r.body)
		if res.StatusCode != r.status {
			t.Errorf("%s %s answers %s, not %d: %s", r.method, r.at, res.Status, r.status, body)
		}
		doc.check(t, r.path, r.method, res, body)
		delete(left, r.method+" "+r.path)
	}
	if len(left) > 0 {
		t.Errorf("operations without a test: %q", slices.Sorted(maps.Keys(left)))
	}
	if strings.Contains(f.Log.String(), "a request failed") {
		t.Errorf("something failed inside: %s", f.Log)
	}
}

// TestFailures has what is behind the API fail.
func TestFailures(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	_, raw := f.ask(web.Nobody, "GET", "/openapi.json", "")
	doc := readDocument(t, raw)
	f.Data.Break(errTest("azure: https://account.blob/?sig=SECRET refused"))
	res, body := f.ask(web.Nobody, "GET", "/api/v1/jobs/hourly/commits", "")
	doc.check(t, "/api/v1/jobs/{job}/commits", "get", res, body)
	var p web.Problem
	must(t, json.Unmarshal(body, &p))
	if res.StatusCode != http.StatusInternalServerError || p.Code != web.CodeInternal || strings.Contains(string(body), "SECRET") || p.Request == "" {
		t.Errorf("an error inside is told as %s", body)
	}
	if log := f.Log.String(); !strings.Contains(log, p.Request) || !strings.Contains(log, "SECRET") {
		t.Errorf("the log has not what went wrong in request %s: %s", p.Request, log)
	}
	res, body = f.ask(web.Nobody, "GET", "/readyz", "")
	doc.check(t, "/readyz", "get", res, body)
	if res.StatusCode != http.StatusServiceUnavailable || strings.Contains(string(body), "SECRET") {
		t.Errorf("not ready is told as %s: %s", res.Status, body)
	}
	f.Control.Fail = errTest("boom")
	for path, method := range map[string]string{"/api/v1/config/apply": "post"} {
		res, body := f.ask(web.Admin, "POST", path, "")
		doc.check(t, path, method, res, body)
		if res.StatusCode != http.StatusInternalServerError {
			t.Errorf("%s answers %s", path, res.Status)
		}
	}
	for path, want := range map[string]int{"/api/v1/nowhere": 404, "/api/v1/jobs/": 404, "/nowhere": 404} {
		res, body := f.ask(web.Nobody, "GET", path, "")
		if res.StatusCode != want || res.Header.Get("Content-Type") != "application/problem+json" || json.Unmarshal(body, &p) != nil || p.Hint == "" {
			t.Errorf("%s answers %s: %s", path, res.Status, body)
		}
	}
	res, body = f.ask(web.Admin, "DELETE", "/api/v1/jobs/hourly", "")
	if res.StatusCode != http.StatusMethodNotAllowed || !strings.Contains(res.Header.Get("Allow"), "GET") || !strings.Contains(string(body), web.CodeNoMethod) {
		t.Errorf("DELETE answers %s %v: %s", res.Status, res.Header, body)
	}
	res, body = f.ask(web.Operator, "POST", "/api/v1/jobs/hourly/runs", "{}", "Content-Type", "text/plain")
	if res.StatusCode != http.StatusUnsupportedMediaType || !strings.Contains(string(body), web.CodeMediaType) {
		t.Errorf("text/plain answers %s: %s", res.Status, body)
	}
}

// absent is a ledger in a database that gives no answer, or is another's.
type absent struct {
	web.Ledger
	err error
}

func (l absent) Jobs(context.Context) ([]ledger.Job, error) { return nil, l.err }

// TestAbsent has the ledger's database fail: it may be well soon, and is no fault inside.
func TestAbsent(t *testing.T) {
	t.Parallel()
	for _, err := range []error{
		fmt.Errorf("reading: %w: postgres://db.secret.example/fleet: %w", ledger.ErrAway, context.DeadlineExceeded),
		fmt.Errorf("reading: %w to process 7 on secret.example", ledger.ErrLost),
	} {
		f := newFixture(t, func(c *web.Config) { c.Ledger = absent{c.Ledger, err} })
		_, raw := f.ask(web.Nobody, "GET", "/openapi.json", "")
		res, body := f.ask(web.Nobody, "GET", "/api/v1/jobs", "")
		readDocument(t, raw).check(t, "/api/v1/jobs", "get", res, body)
		var p web.Problem
		must(t, json.Unmarshal(body, &p))
		if res.StatusCode != http.StatusServiceUnavailable || p.Code != web.CodeUnavailable || p.Hint == "" || res.Header.Get("Retry-After") != "5" || strings.Contains(string(body), "secret") {
			t.Errorf("%v is told as %s, %v: %s", err, res.Status, res.Header, body)
		}
	}
}

// TestNoBackup asks for a copy of a ledger that is in a database.
func TestNoBackup(t *testing.T) {
	t.Parallel()
	f := newFixture(t, func(c *web.Config) {
		c.Backup = func(context.Context) (*os.File, error) {
			return nil, fmt.Errorf("%w: pg_dump does", ledger.ErrNoBackup)
		}
	})
	res, body := f.ask(web.Admin, "GET", "/api/v1/ledger/backup", "")
	if res.StatusCode != http.StatusConflict || !strings.Contains(string(body), "pg_dump does") {
		t.Errorf("it is told as %s: %s", res.Status, body)
	}
}

type errTest string

func (e errTest) Error() string { return string(e) }
