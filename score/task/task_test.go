package task_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/fleetscore/fleetscore/fleet"
	"github.com/fleetscore/fleetscore/score/predictions"
	"github.com/fleetscore/fleetscore/score/task"
	"github.com/fleetscore/fleetscore/store"
	"github.com/fleetscore/fleetscore/store/memstore"
	"github.com/fleetscore/fleetscore/store/pack"
	"github.com/fleetscore/fleetscore/store/tile"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const partitions = 8

// plant is a store with the example's models and readings.
type plant struct {
	store.Store
	t     *testing.T
	packs []string
	input fleet.Input
}

func newPlant(t *testing.T) *plant {
	t.Helper()
	p := &plant{Store: memstore.New(), t: t}
	root := filepath.Join("..", "..", "examples", "pumps", "models")
	paths, err := filepath.Glob(root + "/*/*.pkl")
	if err != nil || len(paths) == 0 {
		t.Fatal("no models", err)
	}
	for _, path := range paths {
		relative, _ := filepath.Rel(root, path)
		p.put("models/"+filepath.ToSlash(relative), readFile(t, path))
	}
	p.put("models/pump-9/idle.pkl", readFile(t, paths[0]))
	p.put("models/pump-8/bad.pkl", []byte("no model"))
	text := string(readFile(t, filepath.Join("..", "..", "examples", "pumps", "readings.csv")))
	text += "2025-06-02T00:00:00Z,pump-8,bad,1\n2025-06-02T00:00:00Z,pump-7,none,1\n2025-06-02T00:00:00Z,pump-1,temperature,x\n,,,\n"
	p.put("readings.csv", []byte(text))
	p.input = fleet.Input{Key: "readings.csv", Size: int64(len(text))}
	sources := make([][]pack.Source, partitions)
	name, err := store.ParseKeyTemplate("models/{device}/{tag}.pkl")
	if err != nil {
		t.Fatal(err)
	}
	for info, err := range p.List(t.Context(), "models/") {
		if err != nil {
			t.Fatal(err)
		}
		owner, _ := name.Owner(info.Key)
		n := fleet.Partition(owner.Device, partitions)
		sources[n] = append(sources[n], pack.Source{Key: info.Key, Size: info.Size, ModTime: info.ModTime})
	}
	builder := &pack.Builder{Store: p}
	for n, models := range sources {
		set, _, err := builder.Build(t.Context(), n, models)
		if err != nil {
			t.Fatal(err)
		}
		p.packs = append(p.packs, set.Packs...)
	}
	return p
}

func readFile(t *testing.T, path string) []byte {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func (p *plant) put(key string, body []byte) {
	p.t.Helper()
	if err := p.Put(context.Background(), key, bytes.NewReader(body)); err != nil {
		p.t.Fatal(err)
	}
}

var interval = fleet.NewInterval(time.Date(2025, 6, 2, 0, 0, 0, 0, time.UTC), time.Date(2025, 6, 2, 1, 0, 0, 0, time.UTC))

const runID = "20250602t010000000-abcde"

// plan stores a manifest whose tasks are parts of the fleet.
func (p *plant) plan(recipe fleet.Recipe, parts ...fleet.Part) string {
	p.t.Helper()
	m := fleet.Manifest{Run: runID, Job: "pumps", Interval: interval, Rev: 3, Partitions: partitions, Recipe: recipe, ShardsKey: fleet.ShardsKey(runID, 0, "x")}
	var shards bytes.Buffer
	for i, part := range parts {
		line, err := json.Marshal(fleet.Shard{Index: i, Part: part, Inputs: []fleet.Input{p.input}, Packs: p.packs})
		if err != nil {
			p.t.Fatal(err)
		}
		shards.Write(line)
		m.Shards = append(m.Shards, int64(shards.Len()))
	}
	p.put(m.ShardsKey, shards.Bytes())
	root, err := json.Marshal(m)
	if err != nil {
		p.t.Fatal(err)
	}
	p.put(fleet.ManifestKey(runID, 0), root)
	return fleet.ManifestKey(runID, 0)
}

// result reads the result of a task's first attempt, and its fates.
func (p *plant) result(index int) (fleet.Result, []tile.Entry) {
	p.t.Helper()
	data, err := p.Get(context.Background(), fleet.ResultKey(fleet.Task{Run: runID, Index: index, Attempt: 1}), nil)
	if err != nil {
		p.t.Fatal(err)
	}
	head, fates, _ := bytes.Cut(data, []byte("\n"))
	var r fleet.Result
	if err := json.Unmarshal(head, &r); err != nil {
		p.t.Fatal(err)
	}
	entries, err := tile.ReadEntries(fates)
	if err != nil {
		p.t.Fatal(err)
	}
	return r, entries
}

// rows reads the predictions of a result, sorted, without what names the attempt.
func (p *plant) rows(results ...fleet.Result) []string {
	p.t.Helper()
	var all []string
	for _, r := range results {
		for _, o := range r.Outputs {
			data, err := p.Get(context.Background(), o.Key, nil)
			if err != nil {
				p.t.Fatal(err)
			}
			n := int64(0)
			err = predictions.Read(o.Key, data, func(row predictions.Row) error {
				n++
				if row.Run != runID && row.Run != "" || row.Rev != 3 && row.Run != "" {
					p.t.Errorf("%s has a row of run %s, revision %d", o.Key, row.Run, row.Rev)
				}
				all = append(all, fmt.Sprint(row.Sensor, row.Time, row.Values, row.Anomaly))
				return nil
			})
			if err != nil || n != o.Rows || int64(len(data)) != o.Size {
				p.t.Errorf("%s has %d rows, not %d: %v", o.Key, n, o.Rows, err)
			}
		}
	}
	slices.Sort(all)
	return all
}

var everything = fleet.Part{Partitions: []int{0, 1, 2, 3, 4, 5, 6, 7}, High: ^uint32(0)}

var native = fleet.Recipe{Entity: "sensor", Models: "models/{device}/{tag}.pkl", Format: "parquet", Layout: "single", MissingModel: "fail"}

// run makes the first attempt at each task, as if there had been none.
func (p *plant) run(manifest string, tasks int, cfg task.Config) []fleet.Result {
	p.t.Helper()
	cfg.Store, cfg.Node = p, "node-1"
	runner := task.NewRunner(cfg)
	var results []fleet.Result
	for i := range tasks {
		name := fleet.Task{Run: runID, Index: i, Attempt: 1}
		if err := p.Delete(p.t.Context(), fleet.ResultKey(name)); err != nil {
			p.t.Fatal(err)
		}
		if err := runner.Run(p.t.Context(), manifest, name, func(fleet.Progress) {}); err != nil {
			p.t.Fatal(err)
		}
		r, _ := p.result(i)
		results = append(results, r)
	}
	return results
}

// However a fleet is cut into tasks, and whatever the format, the rows and the
// fates are the same.
func TestPartsAreTheWhole(t *testing.T) {
	p := newPlant(t)
	whole := p.run(p.plan(native, everything), 1, task.Config{})
	want := p.rows(whole...)
	r, entries := p.result(0)
	if len(want) == 0 || r.Predictions != int64(len(want)) || r.Sensors != len(entries) || r.Orphans != 1 || r.Silent != 1 || r.Failed != 3 || r.Anomalies == 0 {
		t.Fatalf("%d rows, %d fates: %+v", len(want), len(entries), r.Counts)
	}
	fates := map[string]string{}
	for _, e := range entries {
		fates[e.Sensor.String()] = e.Fate.String()
		if (e.Cost > 0) != (e.Fate != tile.Silent) {
			t.Errorf("%s, which is %v, took %v", e.Sensor, e.Fate, e.Cost.Duration())
		}
	}
	for s, fate := range map[string]string{"pump-9/idle": "silent", "pump-8/bad": "bad_model", "pump-7/none": "no_model", "pump-1/temperature": "bad_row"} {
		if fates[s] != fate {
			t.Errorf("%s is %q, not %s", s, fates[s], fate)
		}
	}
	if len(r.Failures) != 3 || len(r.Causes) != 3+0 {
		t.Errorf("causes: %+v", r.Causes)
	}
	for name, recipe := range map[string]fleet.Recipe{
		"parquet": native,
		"csv":     {Entity: "sensor", Models: native.Models, Format: "csv", Layout: "single", MissingModel: "fail"},
		"sensors": {Entity: "sensor", Models: native.Models, Format: "csv", Layout: "sensor", MissingModel: "fail"},
	} {
		p := newPlant(t)
		only := fleet.Sensor{Device: "pump-1", Tag: "temperature"}
		half := fleet.Spread(only) / 2
		manifest := p.plan(recipe,
			fleet.Part{Partitions: everything.Partitions, High: half, Except: []fleet.Sensor{only}},
			fleet.Part{Partitions: everything.Partitions, Low: half + 1, High: ^uint32(0), Except: []fleet.Sensor{only}},
			fleet.Part{Partitions: []int{fleet.Partition(only.Device, partitions)}, High: ^uint32(0), Only: &only},
		)
		results := p.run(manifest, 3, task.Config{Workers: 1})
		if got := p.rows(results...); !slices.Equal(got, want) {
			t.Errorf("%s: %d rows, not %d", name, len(got), len(want))
		}
		var sums fleet.Counts
		var together []string
		for i := range results {
			sums.Add(results[i].Counts)
			_, entries := p.result(i)
			for _, e := range entries {
				together = append(together, e.Sensor.String()+" "+e.Fate.String())
			}
		}
		if sums != r.Counts {
			t.Errorf("%s: the parts are %+v, the whole is %+v", name, sums, r.Counts)
		}
		for _, line := range together {
			if s, fate, _ := strings.Cut(line, " "); fates[s] != fate {
				t.Errorf("%s: %s is %s, not %s", name, s, fate, fates[s])
			}
		}
	}
}

// An input that cannot be read is a result, not the end of the task.
func TestDamagedInput(t *testing.T) {
	p := newPlant(t)
	p.put("readings.csv", []byte("PAR1 and then nothing"))
	p.input.Size = 21
	r := p.run(p.plan(native, everything), 1, task.Config{})[0]
	if r.Error == "" || r.Scored != 0 || r.Failed != r.Sensors || r.Sensors != 14 || len(r.Outputs) != 0 {
		t.Errorf("%+v, %q, %+v", r.Counts, r.Error, r.Outputs)
	}
}

// A file that has grown since the run was planned is read as it was.
func TestInputThatGrows(t *testing.T) {
	p := newPlant(t)
	manifest := p.plan(native, everything)
	want := p.rows(p.run(manifest, 1, task.Config{})...)
	data, _ := p.Get(t.Context(), "readings.csv", nil)
	p.put("readings.csv", append(data, "2025-06-02T00:00:00Z,pump-1,temperature,60\n"...))
	if got := p.rows(p.run(manifest, 1, task.Config{})...); !slices.Equal(got, want) {
		t.Errorf("%d rows, not %d", len(got), len(want))
	}
}

func TestRecipe(t *testing.T) {
	p := newPlant(t)
	below := 1e9
	recipe := native
	recipe.MissingModel, recipe.Threshold, recipe.Clip = "skip", &below, true
	r := p.run(p.plan(recipe, everything), 1, task.Config{})[0]
	if r.Skipped != 1 || r.Failed != 2 || r.Anomalies != r.Predictions || r.Predictions == 0 {
		t.Errorf("%+v", r.Counts)
	}
	recipe.Models = "models/pump-1/temperature.pkl" // one for all
	r = p.run(p.plan(recipe, everything), 1, task.Config{})[0]
	if r.Skipped != 0 || r.Failed != 1 || r.Silent != 0 || r.Scored < 10 {
		t.Errorf("one model for all: %+v", r.Counts)
	}
	recipe.Timeout = 1e-6
	err := task.NewRunner(task.Config{Store: p}).Run(t.Context(), p.plan(recipe, everything), fleet.Task{Run: runID, Attempt: 2}, nil)
	if err == nil || !strings.Contains(err.Error(), "timeout") {
		t.Errorf("a task that may take no time: %v", err)
	}
}

// What is no task is an error that says so.
func TestNoSuchTask(t *testing.T) {
	p := newPlant(t)
	manifest := p.plan(native, everything)
	runner := task.NewRunner(task.Config{Store: p})
	for _, bad := range []fleet.Task{{Run: runID, Index: 1, Attempt: 1}, {Run: runID, Index: -1, Attempt: 1}, {Run: "other", Attempt: 1}, {Run: runID, Generation: 1, Attempt: 1}} {
		if err := runner.Run(t.Context(), manifest, bad, nil); err == nil {
			t.Errorf("%+v is done", bad)
		}
	}
	if err := runner.Run(t.Context(), "runs/x/manifest-0.json", fleet.Task{Run: runID}, nil); err == nil {
		t.Error("a manifest that is not there is done")
	}
	p.put("runs/y/manifest-0.json", []byte(`{"run":"y","surprise":1}`))
	if err := runner.Run(t.Context(), "runs/y/manifest-0.json", fleet.Task{Run: "y"}, nil); err == nil || !strings.Contains(err.Error(), "surprise") {
		t.Errorf("a manifest of another version: %v", err)
	}
}

// An attempt that has a result stays as it is.
func TestAttemptIsMadeOnce(t *testing.T) {
	p := newPlant(t)
	manifest := p.plan(native, everything)
	runner := task.NewRunner(task.Config{Store: p})
	name := fleet.Task{Run: runID, Attempt: 1}
	if err := runner.Run(t.Context(), manifest, name, nil); err != nil {
		t.Fatal(err)
	}
	before, err := p.Stat(t.Context(), fleet.ResultKey(name))
	if err != nil {
		t.Fatal(err)
	}
	if err := runner.Run(t.Context(), manifest, name, nil); err == nil || !strings.Contains(err.Error(), "attempt 0-0-1 of run "+runID+" has a result already") {
		t.Errorf("made again: %v", err)
	}
	if after, err := p.Stat(t.Context(), fleet.ResultKey(name)); err != nil || after != before {
		t.Errorf("its result is another: %+v, and was %+v (%v)", after, before, err)
	}
	name.Attempt++
	if err := runner.Run(t.Context(), manifest, name, nil); err != nil {
		t.Errorf("another attempt: %v", err)
	}
}

// The log tells of failures and of how long each part took.
func TestLog(t *testing.T) {
	p := newPlant(t)
	p.run(p.plan(native, everything), 1, task.Config{})
	var log bytes.Buffer
	for info, err := range p.List(t.Context(), fleet.LogPrefix("pumps", fleet.Task{Run: runID, Attempt: 1}, false)) {
		if err != nil {
			t.Fatal(err)
		}
		r, err := p.GetRange(t.Context(), info.Key, 0, -1)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.Copy(&log, r)
		_ = r.Close()
	}
	for _, want := range []string{"msg=start", "cause=no_model", "device=pump-8", "msg=done", "score=", "read=", "write="} {
		if !strings.Contains(log.String(), want) {
			t.Errorf("the log has no %q:\n%s", want, log.String())
		}
	}
}
