//go:build conformance

package conformance

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"testing"

	"github.com/fleetscore/fleetscore/sklearn"
)

// How many random models are made in each environment, and rows for each.
const (
	models     = 1000
	soakModels = 20000
	rows       = 64
)

// manifest is what conformance.py writes beside the models.
type manifest struct {
	Sklearn string
	Models  []struct {
		Model, Expected string
		Kernel          string
		Features        int
		Unstable        int // rows left out: scikit-learn's own rounding is past the tolerance
	}
}

// tally counts how rows came out.
type tally struct {
	models, rows, equal, undecided int
	worst                          float64 // |difference| / bound
}

// TestModels fits random models with real scikit-learn and scores random rows
// with them. Decision values must be within the tolerance, and labels equal
// wherever scikit-learn's own value is outside the band; what is inside is counted.
func TestModels(t *testing.T) {
	eachPython(t, func(t *testing.T, python string) {
		n, seed := models, 1
		if os.Getenv("FLEETSCORE_SOAK") != "" {
			n, seed = soakModels, 2
		}
		dir := t.TempDir()
		run(t, python, filepath.Join(scripts, "conformance.py"), "--out", dir,
			"--models", fmt.Sprint(n), "--rows", fmt.Sprint(rows), "--seed", fmt.Sprint(seed))
		text, err := os.ReadFile(filepath.Join(dir, "manifest.json"))
		if err != nil {
			t.Fatal(err)
		}
		var m manifest
		if err := json.Unmarshal(text, &m); err != nil {
			t.Fatal(err)
		}
		var total tally
		unstable := 0
		for _, c := range m.Models {
			unstable += c.Unstable
			if err := total.compare(filepath.Join(dir, c.Model), filepath.Join(dir, c.Expected)); err != nil {
				t.Errorf("%s (%s, %d features): %v", c.Model, c.Kernel, c.Features, err)
			}
		}
		if total.models != n || total.rows < n*rows/2 {
			t.Fatalf("%d models and %d rows were compared, want %d models", total.models, total.rows, n)
		}
		t.Logf("scikit-learn %s: %d models, %d rows: %.2f%% the same bits, worst difference %.1e of the bound, %d rows undecidable, %d left out as unstable",
			m.Sklearn, total.models, total.rows, 100*float64(total.equal)/float64(total.rows), total.worst, total.undecided, unstable)
	})
}

func (t *tally) compare(model, expected string) error {
	data, err := os.ReadFile(model)
	if err != nil {
		return err
	}
	m, err := sklearn.Load(data)
	if err != nil {
		return err
	}
	x, decision, bound, label, err := readExpected(expected)
	if err != nil {
		return err
	}
	var got sklearn.Scores
	if err := m.Score(x, &got); err != nil {
		return err
	}
	t.models++
	for i := range label {
		t.rows++
		row := x.Data[i*x.Cols : (i+1)*x.Cols]
		// The bound is ours where numpy's own sum overflows.
		off := math.Abs(got.Decision[i]-decision[i]) / max(bound[i], got.Bound[i])
		switch {
		case got.Decision[i] == decision[i]:
			t.equal++
		case !(off <= sklearn.Tolerance):
			return fmt.Errorf("row %v: decision %v, scikit-learn says %v, %.1e of the bound", row, got.Decision[i], decision[i], off)
		default:
			t.worst = max(t.worst, off)
		}
		undecidable := math.Abs(decision[i]) <= sklearn.Tolerance*bound[i]
		if undecidable {
			t.undecided++
		}
		if got.Label[i] != label[i] && !undecidable {
			return fmt.Errorf("row %v: label %d, scikit-learn says %d (decision %v)", row, got.Label[i], label[i], decision[i])
		}
	}
	return nil
}

// readExpected reads the format that conformance.py documents.
func readExpected(path string) (x sklearn.Matrix, decision, bound []float64, label []int8, err error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return x, nil, nil, nil, err
	}
	r := bytes.NewReader(data)
	var head struct {
		Magic          [8]byte
		Rows, Features uint32
	}
	if err := binary.Read(r, binary.LittleEndian, &head); err != nil {
		return x, nil, nil, nil, err
	}
	if string(head.Magic[:]) != "FSCONF1\n" {
		return x, nil, nil, nil, fmt.Errorf("%s begins with %q", path, head.Magic)
	}
	n, d := int(head.Rows), int(head.Features)
	x = sklearn.Matrix{Data: make([]float64, n*d), Rows: n, Cols: d}
	decision, bound, label = make([]float64, n), make([]float64, n), make([]int8, n)
	for _, part := range []any{x.Data, decision, bound, label} {
		if err := binary.Read(r, binary.LittleEndian, part); err != nil {
			return x, nil, nil, nil, err
		}
	}
	return x, decision, bound, label, nil
}
