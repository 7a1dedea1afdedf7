//go:build conformance

package conformance

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

// fleets are what both sides score. The data of 2018 is used where it lies
// beside the repository.
type testFleet struct{ models, name, data string }

func fleets(t *testing.T) map[string]testFleet {
	found := map[string]testFleet{
		"pumps": {"../../examples/pumps/models", "{device}/{tag}.pkl", "../../examples/pumps/readings.csv"},
	}
	reference := "../../../shared/reference"
	if _, err := os.Stat(reference); err == nil {
		found["2018"] = testFleet{reference + "/models", "model_{device}_{tag}", reference + "/data/sensor_data.csv"}
	} else if !os.IsNotExist(err) {
		t.Fatal(err)
	}
	return found
}

// TestPredictions compares the files of every sensor, byte for byte, with what
// a pandas program writes that scores as predict.py did in 2018.
func TestPredictions(t *testing.T) {
	program := filepath.Join(t.TempDir(), "fleetscore")
	run(t, "go", "build", "-o", program, "../../cmd/fleetscore")
	eachPython(t, func(t *testing.T, python string) {
		for name, f := range fleets(t) {
			t.Run(name, func(t *testing.T) {
				want, got := filepath.Join(t.TempDir(), "pandas"), filepath.Join(t.TempDir(), "fleetscore")
				run(t, python, filepath.Join(scripts, "predict_reference.py"),
					"--models", f.models, "--model-name", f.name, "--data", f.data, "--out", want)
				run(t, program, "score", "--models", f.models, "--model-name", f.name, "--data", f.data,
					"--out", got, "--format", "csv", "--layout", "sensor", "--progress", "none")
				compareFolders(t, got, want)
			})
		}
	})
}

func compareFolders(t *testing.T, got, want string) {
	t.Helper()
	wanted, err := os.ReadDir(want)
	if err != nil {
		t.Fatal(err)
	}
	written, err := os.ReadDir(got)
	if err != nil {
		t.Fatal(err)
	}
	if len(wanted) == 0 || len(written) != len(wanted) {
		t.Fatalf("%d files, pandas wrote %d", len(written), len(wanted))
	}
	for _, e := range wanted {
		a, err := os.ReadFile(filepath.Join(got, e.Name()))
		if err != nil {
			t.Error(err)
			continue
		}
		b, err := os.ReadFile(filepath.Join(want, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(a, b) {
			t.Errorf("%s differs from what pandas wrote", e.Name())
		}
	}
}
