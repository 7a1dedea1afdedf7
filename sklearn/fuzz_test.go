package sklearn_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/fleetscore/fleetscore/sklearn"
)

// FuzzLoad loads, inspects and scores with whatever it is given. Load and Inspect
// agree, and every row gets a label.
func FuzzLoad(f *testing.F) {
	files, err := filepath.Glob("testdata/legacy/*.*")
	if err != nil {
		f.Fatal(err)
	}
	for _, name := range files {
		if data, err := os.ReadFile(name); err != nil {
			f.Fatal(err)
		} else if len(data) < 2000 && filepath.Ext(name) != ".json" {
			f.Add(data)
		}
	}
	for _, model := range []any{
		pipeline(scaler("mean_", floats(tuple{1}, 1), "scale_", floats(tuple{1}, 2)), linear()),
		nest(linear(), 3, 1), nest(pipeline(), 15, 10), nest(scaler(), 4, 3), itself(), shared(3, 5),
		detector(emptyCSR(1, 3)), detector(emptyCSR(1, 1<<26)), detector(csr(1, 2, ints(0, 2), ints(1, 1), floats(tuple{2}, 1, 2))),
	} {
		f.Add(encode(model))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		info, ierr := sklearn.Inspect(data)
		m, err := sklearn.Load(data)
		if err != nil {
			if info.Native || info.Reason != err.Error() || errors.Is(err, sklearn.ErrDamaged) && ierr == nil {
				t.Errorf("load says %v, inspect %q and %v", err, info.Reason, ierr)
			}
			return
		}
		if ierr != nil || !info.Native || info.Features != m.Features() {
			t.Errorf("loads, and inspect says %v, %q, %d features of %d", ierr, info.Reason, info.Features, m.Features())
		}
		if m.Features() > 1<<12 {
			return
		}
		const rows = 3
		x := sklearn.Matrix{Data: make([]float64, rows*m.Features()), Rows: rows, Cols: m.Features()}
		for i := range x.Data {
			x.Data[i] = float64(i) - 1.5
		}
		var s sklearn.Scores
		if err := m.Score(x, &s); err != nil {
			t.Fatal(err)
		}
		for i, label := range s.Label {
			if (label == sklearn.Inlier) != (s.Decision[i] > 0) || s.Bound[i] < 0 {
				t.Errorf("row %d: label %d, decision %v, bound %v", i, label, s.Decision[i], s.Bound[i])
			}
		}
	})
}
