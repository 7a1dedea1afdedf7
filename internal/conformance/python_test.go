//go:build conformance

package conformance

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

const scripts = "../testkit/python"

// eachPython runs a test for each environment, which stands for a version of scikit-learn and pandas.
func eachPython(t *testing.T, test func(t *testing.T, python string)) {
	folder := os.Getenv("FLEETSCORE_VENVS")
	if folder == "" {
		t.Fatal("FLEETSCORE_VENVS does not name the folder of the Python environments; run make conformance")
	}
	interpreters, err := filepath.Glob(filepath.Join(folder, "sklearn-*", "bin", "python"))
	if err != nil || len(interpreters) < 3 {
		t.Fatalf("%d Python environments under %s, want at least 3; run make conformance", len(interpreters), folder)
	}
	for _, python := range interpreters {
		t.Run(filepath.Base(filepath.Dir(filepath.Dir(python))), func(t *testing.T) { test(t, python) })
	}
}

func run(t *testing.T, name string, args ...string) {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), name, args...).CombinedOutput()
	if err != nil {
		t.Fatalf("%s %v: %v\n%s", name, args, err, out)
	}
}
