package kernel

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// TestTableIsGenerated proves that table.go is what gen_table.go writes here
// too, to the byte.
func TestTableIsGenerated(t *testing.T) {
	program, err := filepath.Abs("gen_table.go")
	if err != nil {
		t.Fatal(err)
	}
	run := exec.CommandContext(t.Context(), "go", "run", program)
	run.Dir = t.TempDir()
	run.Env = append(os.Environ(), "GOOS=", "GOARCH=") // it runs here, whatever is under test
	if out, err := run.CombinedOutput(); err != nil {
		t.Fatalf("go run gen_table.go: %v\n%s", err, out)
	}
	got, err := os.ReadFile(filepath.Join(run.Dir, "table.go"))
	if err != nil {
		t.Fatal(err)
	}
	want, err := os.ReadFile("table.go")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("table.go is not what gen_table.go writes; run go generate")
	}
}
