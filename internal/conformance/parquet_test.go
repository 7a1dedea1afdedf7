//go:build conformance

package conformance

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

// TestParquet: readings that pyarrow wrote, in every type and encoding, give the
// predictions that CSV gives, byte for byte; and pyarrow reads those.
func TestParquet(t *testing.T) {
	program := filepath.Join(t.TempDir(), "fleetscore")
	run(t, "go", "build", "-o", program, "../../cmd/fleetscore")
	python := filepath.Join(os.Getenv("FLEETSCORE_VENVS"), "sklearn-newest", "bin", "python")
	f := fleets(t)["pumps"]
	score := func(data, out, format string) []byte {
		t.Helper()
		run(t, program, "score", "--models", f.models, "--data", data, "--out", out, "--format", format, "--max-failed", "100%", "--progress", "none")
		written, err := os.ReadFile(filepath.Join(out, "predictions."+format))
		if err != nil {
			t.Fatal(err)
		}
		return written
	}
	folder := t.TempDir()
	want := score(f.data, filepath.Join(folder, "csv"), "parquet")
	score(f.data, filepath.Join(folder, "csv"), "csv")
	script := filepath.Join(scripts, "parquet_peer.py")
	run(t, python, script, "read", filepath.Join(folder, "csv", "predictions.parquet"), filepath.Join(folder, "csv", "predictions.csv"))

	data := t.TempDir()
	run(t, python, script, "write", f.data, data)
	variants, err := filepath.Glob(filepath.Join(data, "*.parquet"))
	if err != nil || len(variants) < 10 {
		t.Fatalf("%d files, %v", len(variants), err)
	}
	for _, variant := range variants {
		if got := score(variant, filepath.Join(folder, filepath.Base(variant)), "parquet"); !bytes.Equal(got, want) {
			t.Errorf("%s gives other predictions than CSV", filepath.Base(variant))
		}
	}
}
