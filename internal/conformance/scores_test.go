//go:build conformance

package conformance

import (
	"encoding/csv"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/fleetscore/fleetscore/sklearn"
)

// TestScores compares every score that the program writes with numpy's, and
// every label, also where the decision value is exactly 0.
func TestScores(t *testing.T) {
	program := filepath.Join(t.TempDir(), "fleetscore")
	run(t, "go", "build", "-o", program, "../../cmd/fleetscore")
	eachPython(t, func(t *testing.T, python string) {
		for name, f := range fleets(t) {
			t.Run(name, func(t *testing.T) {
				oracle, out := filepath.Join(t.TempDir(), "oracle.csv"), t.TempDir()
				run(t, python, filepath.Join(scripts, "score_reference.py"),
					"--models", f.models, "--model-name", f.name, "--data", f.data, "--out", oracle)
				run(t, program, "score", "--models", f.models, "--model-name", f.name, "--data", f.data,
					"--out", out, "--format", "csv", "--progress", "none")
				compareScores(t, readCSV(t, filepath.Join(out, "predictions.csv")), readCSV(t, oracle))
			})
		}
	})
}

// compareScores takes rows of time, device, tag, value, score, anomaly, model and
// of device, tag, decision, bound, label.
func compareScores(t *testing.T, got, want [][]string) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%d predictions, numpy has %d", len(got), len(want))
	}
	zeros := 0
	for i, w := range want {
		g := got[i]
		score, decision, bound := number(t, g[4]), number(t, w[2]), number(t, w[3])
		if g[1] != w[0] || g[2] != w[1] || !(math.Abs(score-decision) <= sklearn.Tolerance*bound) {
			t.Fatalf("row %d: %v, numpy says %v", i, g, w)
		}
		anomaly := map[string]string{"1": "0", "-1": "1"}[w[4]]
		if g[5] != anomaly {
			t.Fatalf("row %d: %v is labelled %s, numpy says %v", i, g, g[5], w)
		}
		if decision == 0 {
			zeros++
		}
	}
	t.Logf("%d rows, %d of them exactly 0", len(want), zeros)
}

func readCSV(t *testing.T, path string) [][]string {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	rows, err := csv.NewReader(file).ReadAll()
	if err != nil || len(rows) < 2 {
		t.Fatalf("%s: %d rows, %v", path, len(rows), err)
	}
	return rows[1:]
}

func number(t *testing.T, text string) float64 {
	t.Helper()
	v, err := strconv.ParseFloat(text, 64)
	if err != nil {
		t.Fatal(err)
	}
	return v
}
