package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/fleetscore/fleetscore/score"
)

// TestReference scores the data of the 2018 implementation, where it lies beside
// the repository: real models of scikit-learn 0.19.2, which no newer one loads. The
// anomalies of each sensor are numpy's count; the 7 undecidable rows are exactly 0.
func TestReference(t *testing.T) {
	reference := "../../../shared/reference"
	if _, err := os.Stat(reference); errors.Is(err, fs.ErrNotExist) {
		t.Log("the data of 2018 is not here; the fixtures in its manner stand in for it")
		return
	}
	report := filepath.Join(t.TempDir(), "report.json")
	cmd := exec.Command(os.Args[0])
	cmd.Args = []string{"fleetscore", "score", "--models", reference + "/models", "--model-name", "model_{device}_{tag}",
		"--data", reference + "/data/sensor_data.csv", "--out", t.TempDir(), "--report", report}
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	text, err := os.ReadFile(report)
	if err != nil {
		t.Fatal(err)
	}
	var r score.Report
	if err := json.Unmarshal(text, &r); err != nil {
		t.Fatal(err)
	}
	want := []int64{189, 1154, 358, 85, 1136, 305, 229, 314, 83, 1133, 10, 135, 156, 1176, 294}
	if r.Sensors != 15 || r.Predictions != 17768 || r.Undecidable != 7 || r.Failed != 0 || len(r.Results) != len(want) {
		t.Fatalf("%+v", r)
	}
	for i, result := range r.Results {
		if sensor := fmt.Sprintf("%d/%d", i/5+1, i%5+1); result.String() != sensor || result.Anomalies != want[i] {
			t.Errorf("%s has %d anomalies, want %s with %d", result.Sensor, result.Anomalies, sensor, want[i])
		}
	}
}
