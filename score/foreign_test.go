package score_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/fleetscore/fleetscore/fleet"
	"github.com/fleetscore/fleetscore/score"
	"github.com/fleetscore/fleetscore/score/predictions"
	"github.com/fleetscore/fleetscore/score/runtime"
	"github.com/fleetscore/fleetscore/sklearn"
	"github.com/fleetscore/fleetscore/store"
	"github.com/fleetscore/fleetscore/store/memstore"
)

// elsewhere is a runtime that reads models as native does, so that what it says is known. The
// forest, which native does not read, is to it a model that fails, or says that all is an anomaly.
type elsewhere struct {
	asked, calls, most atomic.Int64
	err                error
}

func (e *elsewhere) Score(_ context.Context, requests []runtime.Request, answers []runtime.Answer) error {
	e.calls.Add(1)
	e.asked.Add(int64(len(requests)))
	if n := int64(len(requests)); n > e.most.Load() {
		e.most.Store(n)
	}
	for i := range requests {
		q, a := &requests[i], &answers[i]
		*a = runtime.Answer{Score: a.Score[:0], Label: a.Label[:0], Output: "scored " + q.Sensor.Tag + "\n"}
		m, err := sklearn.Load(q.Model)
		if err != nil && strings.HasSuffix(q.Key, "all.pkl") {
			for range q.Times {
				a.Score, a.Label = append(a.Score, -2), append(a.Label, -1)
			}
			continue
		}
		if err != nil {
			a.Cause, a.Err = fleet.ScriptFailed, fmt.Errorf("it says: %w", err)
			continue
		}
		var s sklearn.Scores
		if err := m.Score(sklearn.Matrix{Data: q.Values, Rows: q.Rows(), Cols: len(q.Features)}, &s); err != nil {
			return err
		}
		a.Score, a.Label = append(a.Score, s.Decision...), append(a.Label, s.Label...)
	}
	return e.err
}

func (*elsewhere) Close() error { return nil }

// fleetOfAll has sensors of one row and of many, whose models are native, are not, and are not there.
func fleetOfAll(t *testing.T) (store.Store, string) {
	t.Helper()
	models := memstore.New()
	var rows strings.Builder
	for i := range 300 {
		tag, model := fmt.Sprintf("t%03d", i), oneFeature
		switch i % 7 {
		case 3:
			model = forest
			tag += "-all"
		case 5:
			model = forest
		}
		for row := range 1 + i%5*i {
			fmt.Fprintf(&rows, "%d,d%d,%s,%d.5\n", 1_700_000_000+row, i/50, tag, row%50)
		}
		if i%7 != 6 {
			put(t, models, fmt.Sprintf("d%d/%s.pkl", i/50, tag), model)
		}
	}
	for row := range 20_000 {
		fmt.Fprintf(&rows, "%d,huge,x,%d.5\n", 1_700_000_000+row, row%50)
	}
	put(t, models, "huge/x.pkl", oneFeature)
	return models, rows.String()
}

// Whoever scores, natively or not, by pieces or all at once, with however many workers, the
// predictions are the same, in the same order.
func TestForeign(t *testing.T) {
	models, csv := fleetOfAll(t)
	set := read(t, csv)
	base := score.Config{Models: models, ModelName: template(t, "{device}/{tag}.pkl"), OutputName: template(t, "out")}
	for _, shape := range []struct {
		name   string
		format score.Format
		layout predictions.Layout
		out    string
	}{{"csv", score.CSV, predictions.Single, "out"}, {"parquet", score.Parquet, predictions.Single, "out"}, {"sensors", score.CSV, predictions.Sensor, "{device}/{tag}"}} {
		cfg := base
		cfg.Format, cfg.Layout, cfg.OutputName = shape.format, shape.layout, template(t, shape.out)
		var want map[string]string
		for _, workers := range []int{1, 7} {
			for _, kind := range []score.Foreign{{Name: "python"}, {Name: "python", Fallback: true}, {Name: "command", Whole: true}} {
				e := &elsewhere{}
				var printed atomic.Int64
				kind.Runtime, kind.Printed = e, func(s fleet.Sensor, text string) {
					if text == "scored "+s.Tag+"\n" {
						printed.Add(1)
					}
				}
				cfg.Workers, cfg.Foreign = workers, &kind
				report, out := run(t, cfg, set)
				found := objects(t, out)
				if want == nil {
					want = found
				}
				for key := range want {
					if found[key] != want[key] {
						t.Errorf("%s, %d workers, %+v: %s differs", shape.name, workers, kind, key)
					}
				}
				if len(found) != len(want) || report.Sensors != 301 || report.Failed != 85 || report.Scored != 216 {
					t.Errorf("%s: %d files; of %d sensors %d scored, %d failed", shape.name, len(found), report.Sensors, report.Scored, report.Failed)
				}
				asked := 259
				if kind.Fallback {
					asked = 86
				}
				if int(e.asked.Load()) != asked || printed.Load() != e.asked.Load() || kind.Whole && e.calls.Load() != 1 || !kind.Whole && e.most.Load() > 256 {
					t.Errorf("%s: %d asked in %d calls, %d at most; %d printed", shape.name, e.asked.Load(), e.calls.Load(), e.most.Load(), printed.Load())
				}
				checkScorers(t, report, &kind, asked)
			}
		}
		cfg.Foreign = nil
		report, out := run(t, cfg, set)
		if report.ScoredBy != nil || shape.layout != predictions.Sensor {
			continue
		}
		for key, text := range objects(t, out) { // all that is read natively
			if want[key] != text {
				t.Errorf("%s differs from native", key)
			}
		}
	}
}

func checkScorers(t *testing.T, report *score.Report, kind *score.Foreign, asked int) {
	t.Helper()
	sums := map[string]int{}
	for _, s := range report.ScoredBy {
		sums[s.Runtime] += s.Sensors
		if (s.Reason != "") != (kind.Fallback && s.Runtime != "native") || s.Example == "" {
			t.Errorf("%+v", s)
		}
	}
	native := 0
	if kind.Fallback {
		native = 173
	}
	if sums[kind.Name] != asked || sums["native"] != native || len(sums) > 2 {
		t.Errorf("scored by %+v", report.ScoredBy)
	}
	of := slices.IndexFunc(report.Results, func(r score.SensorResult) bool { return r.Tag == "t005" })
	if r := report.Results[of]; r.Runtime != kind.Name || (r.Reason != "") != kind.Fallback || r.Failures[0].Cause != fleet.ScriptFailed {
		t.Errorf("%+v", r)
	}
}

// A runtime that cannot score at all ends the scoring.
func TestForeignThatIsAway(t *testing.T) {
	models, csv := fleetOfAll(t)
	for _, whole := range []bool{false, true} {
		cfg := score.Config{Models: models, ModelName: template(t, "{device}/{tag}.pkl"), Output: memstore.New(), OutputName: template(t, "out")}
		cfg.Foreign = &score.Foreign{Runtime: &elsewhere{err: errors.New("no interpreter")}, Name: "python", Whole: whole}
		if _, err := score.Run(t.Context(), cfg, read(t, csv), &score.Progress{}); err == nil || !strings.Contains(err.Error(), "no interpreter") {
			t.Error(err)
		}
	}
}
