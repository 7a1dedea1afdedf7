package score_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"strings"
	"sync/atomic"
	"testing"

	"go.uber.org/goleak"

	"github.com/fleetscore/fleetscore/fleet"
	"github.com/fleetscore/fleetscore/score"
	"github.com/fleetscore/fleetscore/score/predictions"
	"github.com/fleetscore/fleetscore/score/readings"
	"github.com/fleetscore/fleetscore/store"
	"github.com/fleetscore/fleetscore/store/memstore"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// oneFeature is a model of one feature; fiveFeatures one of five.
const (
	oneFeature   = "../sklearn/testdata/legacy/0.19-zero-rbf.pkl"
	fiveFeatures = "../sklearn/testdata/legacy/1.9-p4-rbf-5.pkl"
	osSystem     = "../sklearn/testdata/legacy/refused-os-system-p0.pkl"
	forest       = "../sklearn/testdata/legacy/refused-random-forest.pkl"
)

func put(t *testing.T, s store.Store, key, file string) {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Put(t.Context(), key, bytes.NewReader(data)); err != nil {
		t.Fatal(err)
	}
}

func read(t *testing.T, csv string) *readings.Set {
	t.Helper()
	c := readings.NewCollector(readings.Options{})
	if err := c.Read(t.Context(), "test.csv", strings.NewReader("ts,device,tag,value\n"+csv)); err != nil {
		t.Fatal(err)
	}
	return c.Finish()
}

func template(t *testing.T, s string) store.KeyTemplate {
	t.Helper()
	k, err := store.ParseKeyTemplate(s)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// run scores with a fresh output store, which it returns.
func run(t *testing.T, cfg score.Config, set *readings.Set) (*score.Report, store.Store) {
	t.Helper()
	out := memstore.New()
	cfg.Output = out
	report, err := score.Run(t.Context(), cfg, set, &score.Progress{})
	if err != nil {
		t.Fatal(err)
	}
	return report, out
}

func objects(t *testing.T, s store.Store) map[string]string {
	t.Helper()
	found := make(map[string]string)
	for info, err := range s.List(t.Context(), "") {
		if err != nil {
			t.Fatal(err)
		}
		body, err := s.Get(t.Context(), info.Key, nil)
		if err != nil {
			t.Fatal(err)
		}
		found[info.Key] = string(body)
	}
	return found
}

// skewed is a fleet with one huge sensor among many small ones.
func skewed() string {
	var b strings.Builder
	for i := range 60_000 {
		fmt.Fprintf(&b, "%d,huge,x,%d.5\n", 1_700_000_000+i, i%50)
		if i < 3_000 {
			fmt.Fprintf(&b, "%d,small-%04d,x,%d\n", 1_700_000_000+i, i%500, i%50)
		}
	}
	return b.String()
}

// together is models whose first n are given out when n are asked for at the same time.
type together struct {
	store.Store
	waiting atomic.Int32
	n       int32
	all     chan struct{}
}

func (m *together) Get(ctx context.Context, key string, buf []byte) ([]byte, error) {
	if m.waiting.Add(1) == m.n {
		close(m.all)
	}
	select {
	case <-m.all:
		return m.Store.Get(ctx, key, buf)
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// TestPrefetch: one worker, and many models on their way.
func TestPrefetch(t *testing.T) {
	models := &together{Store: memstore.New(), n: 16, all: make(chan struct{})}
	var csv strings.Builder
	for i := range 100 {
		put(t, models, fmt.Sprintf("%d.pkl", i), oneFeature)
		fmt.Fprintf(&csv, "1,%d,x,11\n", i)
	}
	cfg := score.Config{Models: models, ModelName: template(t, "{device}.pkl"), OutputName: template(t, "all"), Workers: 1, Prefetch: 16}
	report, _ := run(t, cfg, read(t, csv.String()))
	if report.Predictions != 100 || report.Failed != 0 {
		t.Errorf("%+v", report)
	}
}

// TestSameBytes: whatever the number of workers, the layout's files are the same.
func TestSameBytes(t *testing.T) {
	models := memstore.New()
	put(t, models, "shared.pkl", oneFeature)
	set := read(t, skewed())
	for _, format := range []score.Format{score.CSV, score.Parquet} {
		for _, layout := range []predictions.Layout{predictions.Single, predictions.Sensor} {
			name := template(t, "all")
			if layout == predictions.Sensor {
				name = template(t, "{device}-{tag}")
			}
			cfg := score.Config{Models: models, ModelName: template(t, "shared.pkl"), OutputName: name, Format: format, Layout: layout}
			var want map[string]string
			for _, workers := range []int{1, 2, 7} {
				cfg.Workers, cfg.Prefetch = workers, workers-1
				report, out := run(t, cfg, set)
				got := objects(t, out)
				if report.Predictions != 63_000 || report.Failed != 0 || report.Scored != 501 {
					t.Fatalf("%d workers: %+v", workers, report.Failures)
				}
				if want == nil {
					want = got
				}
				if len(got) != len(want) || layout == predictions.Sensor && len(got) != 501 {
					t.Fatalf("%d workers: %d files, want %d", workers, len(got), len(want))
				}
				for key := range want {
					if got[key] != want[key] {
						t.Fatalf("%d workers: %s differs", workers, key)
					}
				}
			}
		}
	}
}

// TestSplitSensor: a sensor that is scored in pieces has all its rows, in order, in the one file.
func TestSplitSensor(t *testing.T) {
	models := memstore.New()
	put(t, models, "m/huge/x.pkl", oneFeature)
	set := read(t, skewed())
	report, out := run(t, score.Config{Models: models, ModelName: template(t, "m/{device}/{tag}.pkl"),
		OutputName: template(t, "{device}.csv"), Format: score.CSV, Layout: predictions.Sensor, Workers: 4}, set)
	if report.Scored != 1 || report.Failed != 500 || report.Failures[0].Cause != fleet.NoModel || report.Failures[0].Rows != 3000 {
		t.Fatalf("scored %d, failed %d: %+v", report.Scored, report.Failed, report.Failures)
	}
	lines := strings.Split(objects(t, out)["huge.csv"], "\n")
	if len(lines) != 60_002 {
		t.Fatalf("%d lines", len(lines))
	}
	for i, line := range lines[1:60_001] {
		if want := fmt.Sprintf("%d,huge,x,%d.5,", 1_700_000_000+i, i%50); !strings.HasPrefix(line, want) {
			t.Fatalf("line %d is %q, want %q…", i+2, line, want)
		}
	}
}

// TestFailuresStayApart: each cause in its sensor, and the good sensor's predictions as if it were alone.
func TestFailuresStayApart(t *testing.T) {
	models := memstore.New()
	put(t, models, "good/x.pkl", oneFeature)
	put(t, models, "nan/x.pkl", oneFeature)
	put(t, models, "wide/x.pkl", fiveFeatures)
	put(t, models, "hostile/x.pkl", osSystem)
	put(t, models, "forest/x.pkl", forest)
	put(t, models, "idle/x.pkl", oneFeature)
	put(t, models, "idle/notes.txt", forest)
	rows := ""
	for _, device := range []string{"wide", "good", "nan", "hostile", "forest", "absent"} {
		for i := range 3 {
			rows += fmt.Sprintf("%d,%s,x,%d\n", 1_700_000_000+i, device, i)
		}
	}
	set := read(t, rows+"1700000000,nan,x,\n1700000000,nan,x,inf\nyesterday,nan,x,1\n1700000000,nan,x,1e308\n,,,\n")
	report, out := run(t, score.Config{Models: models, ModelName: template(t, "{device}/{tag}.pkl"),
		OutputName: template(t, "all.csv"), Format: score.CSV}, set)

	want := map[fleet.Cause]int64{fleet.NoModel: 3, fleet.BadModel: 3, fleet.UnsupportedModel: 3, fleet.WrongFeatures: 3,
		fleet.NotFinite: 3, fleet.BadRow: 2}
	for _, g := range report.Failures {
		if g.Rows != want[g.Cause] || g.Example == "" {
			t.Errorf("%s: %d rows (%s), want %d", g.Cause, g.Rows, g.Example, want[g.Cause])
		}
		delete(want, g.Cause)
	}
	if len(want) != 0 {
		t.Errorf("causes not reported: %v", want)
	}
	if report.Sensors != 6 || report.Scored != 2 || report.Failed != 5 || report.Orphans != 1 || report.Readings != 23 || report.Predictions != 6 {
		t.Errorf("%d sensors, %d scored, %d failed, %d readings, %d predictions",
			report.Sensors, report.Scored, report.Failed, report.Readings, report.Predictions)
	}
	if fmt.Sprint(report.UnusedModels) != "[idle/x.pkl]" {
		t.Errorf("models without readings: %v", report.UnusedModels)
	}
	for _, g := range report.Failures {
		if g.Cause == fleet.BadModel && !strings.Contains(g.Example, "os.system") {
			t.Errorf("the example %q does not name os.system", g.Example)
		}
	}
	alone, aloneOut := run(t, score.Config{Models: models, ModelName: template(t, "{device}/{tag}.pkl"),
		OutputName: template(t, "all.csv"), Format: score.CSV}, read(t, "1700000000,good,x,0.0\n1700000001,good,x,1.0\n1700000002,good,x,2.0\n"))
	if alone.Failed != 0 {
		t.Fatal(alone.Failures)
	}
	_, body, _ := strings.Cut(objects(t, aloneOut)["all.csv"], "\n")
	if all := objects(t, out)["all.csv"]; !strings.Contains(all, body) || strings.Count(all, "\n") != 7 {
		t.Errorf("predictions\n%s do not hold, besides those of nan, just\n%s", all, body)
	}
	if _, err := json.Marshal(report); err != nil {
		t.Error(err)
	}
}

func TestNameClash(t *testing.T) {
	models := memstore.New()
	put(t, models, "m", oneFeature)
	set := read(t, "1700000000,a_b,c,1\n1700000000,a,b_c,2\n1700000000,d,e,3\n")
	report, out := run(t, score.Config{Models: models, ModelName: template(t, "m"),
		OutputName: template(t, "preds_{device}_{tag}.csv"), Format: score.CSV, Layout: predictions.Sensor}, set)
	if len(report.Failures) != 1 || report.Failures[0].Cause != fleet.NameClash || report.Failed != 1 || report.Predictions != 2 {
		t.Fatalf("%+v", report)
	}
	if got := objects(t, out); len(got) != 2 || !strings.Contains(got["preds_a_b_c.csv"], "1700000000,a,b_c,2,") {
		t.Errorf("%v", got)
	}
}

// TestNameIsFree: a sensor that writes nothing takes no name from another.
func TestNameIsFree(t *testing.T) {
	models := memstore.New()
	put(t, models, "a_b/c", oneFeature)
	set := read(t, "1700000000,a_b,c,1\n1700000000,a,b_c,2\n")
	report, out := run(t, score.Config{Models: models, ModelName: template(t, "{device}/{tag}"),
		OutputName: template(t, "preds_{device}_{tag}.csv"), Format: score.CSV, Layout: predictions.Sensor}, set)
	if len(report.Failures) != 1 || report.Failures[0].Cause != fleet.NoModel || report.Predictions != 1 {
		t.Fatalf("%+v", report)
	}
	if got := objects(t, out); !strings.Contains(got["preds_a_b_c.csv"], ",a_b,c,1,") {
		t.Errorf("%v", got)
	}
}

// odd is a store that cannot be listed, and that counts what is read.
type odd struct {
	store.Store
	gets *atomic.Int64
}

func (o odd) Get(ctx context.Context, key string, buf []byte) ([]byte, error) {
	o.gets.Add(1)
	return o.Store.Get(ctx, key, buf)
}

func (odd) List(context.Context, string) iter.Seq2[store.Info, error] {
	return func(yield func(store.Info, error) bool) { yield(store.Info{}, errors.New("permission denied")) }
}

// TestModelsAreReadOnce, also those of sensors that a unit's end cuts in two,
// and that the folder cannot be listed is no failure.
func TestModelsAreReadOnce(t *testing.T) {
	models := odd{memstore.New(), &atomic.Int64{}}
	var rows strings.Builder
	for device := range 20 {
		put(t, models.Store, fmt.Sprint(device, "/x"), oneFeature)
		for i := range 5000 {
			fmt.Fprintf(&rows, "%d,%d,x,%d\n", 1_700_000_000+i, device, i%50)
		}
	}
	var progress score.Progress
	report, err := score.Run(t.Context(), score.Config{Models: models, ModelName: template(t, "{device}/{tag}"), Output: memstore.New(),
		OutputName: template(t, "all"), Workers: 4}, read(t, rows.String()+"1,none,x,1\n1,0,x,\n"), &progress)
	if err != nil {
		t.Fatal(err)
	}
	if n := models.gets.Load(); n != 21 {
		t.Errorf("%d models were read, want 21", n)
	}
	if report.Predictions != 100_000 || report.UnusedError == "" || report.Failed != 2 {
		t.Errorf("%d predictions, %d failed, listing: %q", report.Predictions, report.Failed, report.UnusedError)
	}
	if progress.Failures.Load() != 2 || progress.SensorsDone.Load() != 21 || progress.Rows.Load() != 100_000 {
		t.Errorf("progress: %d failures, %d sensors, %d rows", progress.Failures.Load(), progress.SensorsDone.Load(), progress.Rows.Load())
	}
}

func TestOrphansCountAsOneSensor(t *testing.T) {
	report := score.Report{Sensors: 1, Failed: 1, Orphans: 5}
	for text, ok := range map[string]bool{"100%": true, "99%": false, "2": true, "1": false} {
		tolerance, err := fleet.ParseTolerance(text)
		if err != nil {
			t.Fatal(err)
		}
		if err := report.Check(tolerance); (err == nil) != ok {
			t.Errorf("--max-failed %s: %v", text, err)
		}
	}
}

func TestNoReadings(t *testing.T) {
	models := memstore.New()
	put(t, models, "a/b.pkl", oneFeature)
	report, out := run(t, score.Config{Models: models, ModelName: template(t, "{device}/{tag}.pkl"),
		OutputName: template(t, "all.csv"), Format: score.CSV}, read(t, ""))
	if report.Sensors != 0 || report.Failed != 0 || len(report.UnusedModels) != 1 {
		t.Errorf("%+v", report)
	}
	if got := objects(t, out)["all.csv"]; got != "time,device,tag,value,score,anomaly,model\n" {
		t.Errorf("%q", got)
	}
}

// failing is an output that cannot store some keys.
type failing struct {
	store.Store
	key string
	err error
}

func (f failing) Put(ctx context.Context, key string, body io.Reader) error {
	if strings.Contains(key, f.key) {
		_, _ = io.CopyN(io.Discard, body, 1000)
		return f.err
	}
	return f.Store.Put(ctx, key, body)
}

func TestOutputFails(t *testing.T) {
	full := errors.New("no space left")
	models := memstore.New()
	put(t, models, "m", oneFeature)
	cfg := score.Config{Models: models, ModelName: template(t, "m"), OutputName: template(t, "{device}"), Layout: predictions.Sensor}
	for _, cfg.Format = range []score.Format{score.CSV, score.Parquet} {
		cfg.Output = failing{memstore.New(), "small-0003", full}
		report, err := score.Run(t.Context(), cfg, read(t, skewed()), &score.Progress{})
		if err != nil {
			t.Fatal(err)
		}
		if report.Failed != 1 || report.Failures[0].Cause != fleet.WriteFailed || report.Failures[0].Rows != 6 ||
			report.Predictions != 62_994 || report.Scored != 500 {
			t.Errorf("failed %d, scored %d, predictions %d: %+v", report.Failed, report.Scored, report.Predictions, report.Failures)
		}
	}
	cfg.Layout, cfg.OutputName = predictions.Single, template(t, "all")
	for _, cfg.Format = range []score.Format{score.CSV, score.Parquet} {
		cfg.Output = failing{memstore.New(), "all", full}
		if _, err := score.Run(t.Context(), cfg, read(t, skewed()), &score.Progress{}); !errors.Is(err, full) {
			t.Errorf("error %v", err)
		}
	}
}

func TestCancel(t *testing.T) {
	models := memstore.New()
	put(t, models, "m", oneFeature)
	set := read(t, skewed())
	for _, layout := range []predictions.Layout{predictions.Single, predictions.Sensor} {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		out := memstore.New()
		_, err := score.Run(ctx, score.Config{Models: models, Output: out, ModelName: template(t, "m"),
			OutputName: template(t, "x"), Format: score.CSV, Layout: layout}, set, &score.Progress{})
		if !errors.Is(err, context.Canceled) {
			t.Errorf("error %v", err)
		}
		if got := objects(t, out); len(got) != 0 {
			t.Errorf("%d files are left", len(got))
		}
	}
}
