package sklearn_test

import (
	"errors"
	"math"
	"slices"
	"sync"
	"testing"

	"github.com/fleetscore/fleetscore/sklearn"
)

func load(t *testing.T, file string) *sklearn.Model {
	t.Helper()
	m, err := sklearn.Load(readModel(t, file))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestFeatureNames(t *testing.T) {
	for _, file := range []string{"1.0-names-p2.pkl", "1.2-names-p3-joblib.joblib", "1.9-names-p5.pkl"} {
		if got := load(t, file).FeatureNames(); !slices.Equal(got, []string{"température", "débit"}) {
			t.Errorf("%s: %q", file, got)
		}
	}
	if got := load(t, "1.9-p4-rbf-5.pkl").FeatureNames(); got != nil {
		t.Errorf("a model without names has %q", got)
	}
}

// Features so large that terms of both signs overflow leave nothing to decide by.
func TestOverflow(t *testing.T) {
	for name, data := range modelFiles(t) {
		m, err := sklearn.Load(data)
		if err != nil || m.Features() > 10 {
			continue
		}
		x := sklearn.Matrix{Rows: 4, Cols: m.Features(), Data: make([]float64, 4*m.Features())}
		for i := range x.Data {
			x.Data[i] = []float64{1e308, -1e308, 1.7e308}[i%3]
		}
		var s sklearn.Scores
		if err := m.Score(x, &s); err != nil {
			t.Fatal(err)
		}
		for i, d := range s.Decision {
			if math.IsNaN(d) != (s.Label[i] == sklearn.NotScored) {
				t.Errorf("%s: decision %v has label %d", name, d, s.Label[i])
			}
		}
	}
}

func TestScoreRefusesOtherWidths(t *testing.T) {
	m := load(t, "1.9-p4-rbf-5.pkl")
	var s sklearn.Scores
	for _, x := range []sklearn.Matrix{
		sklearn.Column([]float64{1, 2}),
		{Data: make([]float64, 9), Rows: 2, Cols: 5},
		{Data: make([]float64, 10), Rows: -2, Cols: -5},
	} {
		if err := m.Score(x, &s); !errors.Is(err, sklearn.ErrFeatures) {
			t.Errorf("%d × %d of %d values: error %v", x.Rows, x.Cols, len(x.Data), err)
		}
	}
	if err := m.Score(sklearn.Matrix{Cols: 5}, &s); err != nil || len(s.Label) != 0 {
		t.Errorf("no rows: error %v, %d labels", err, len(s.Label))
	}
}

func TestScoreLeavesOutWhatIsNotFinite(t *testing.T) {
	m := load(t, "1.2-zero-rbf-sparse.pkl")
	if f := m.Features(); f != 1 {
		t.Fatalf("%d features", f)
	}
	values := []float64{20, math.NaN(), math.Inf(1), math.Inf(-1), 20}
	var s sklearn.Scores
	if err := m.Score(sklearn.Column(values), &s); err != nil {
		t.Fatal(err)
	}
	for i, v := range values {
		finite := v == 20
		if (s.Label[i] != sklearn.NotScored) != finite || math.IsNaN(s.Decision[i]) == finite {
			t.Errorf("%v: label %d, decision %v", v, s.Label[i], s.Decision[i])
		}
		if !finite && s.Undecidable(i) {
			t.Errorf("%v counts as undecidable", v)
		}
	}
	if s.Decision[0] != s.Decision[4] {
		t.Error("a NaN changes its neighbours")
	}
}

// TestScoreInBlocks crosses the sizes at which rows are cut into blocks, by
// several goroutines with one model.
func TestScoreInBlocks(t *testing.T) {
	m := load(t, "1.9-steps-nested.pkl")
	const rows = 3001
	x := sklearn.Matrix{Data: make([]float64, rows*5), Rows: rows, Cols: 5}
	for i := range x.Data {
		x.Data[i] = float64(i%97) / 7
	}
	var whole sklearn.Scores
	if err := m.Score(x, &whole); err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for part := range 7 {
		wg.Go(func() {
			var s sklearn.Scores
			from := part * rows / 7
			to := (part + 1) * rows / 7
			if err := m.Score(sklearn.Matrix{Data: x.Data[from*5 : to*5], Rows: to - from, Cols: 5}, &s); err != nil {
				t.Error(err)
				return
			}
			for i := range s.Label {
				if s.Decision[i] != whole.Decision[from+i] || s.Label[i] != whole.Label[from+i] {
					t.Errorf("row %d: %v, in one go %v", from+i, s.Decision[i], whole.Decision[from+i])
					return
				}
			}
		})
	}
	wg.Wait()
}

func TestScoreDoesNotAllocate(t *testing.T) {
	m := load(t, "1.9-steps-nested.pkl")
	x := sklearn.Matrix{Data: make([]float64, 500), Rows: 100, Cols: 5}
	var s sklearn.Scores
	if n := testing.AllocsPerRun(10, func() {
		if err := m.Score(x, &s); err != nil {
			t.Fatal(err)
		}
	}); n != 0 {
		t.Errorf("%v allocations a call", n)
	}
}
