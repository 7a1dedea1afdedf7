package command

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fleetscore/fleetscore/fleet"
	"github.com/fleetscore/fleetscore/score/runtime/sandbox"
	"github.com/fleetscore/fleetscore/store/memstore"
)

// TestFiles: a program sees the files of its folder of the store, and they are those of
// when the run was planned.
func TestFiles(t *testing.T) {
	s := memstore.New()
	put := func(key, text string) {
		t.Helper()
		if err := s.Put(t.Context(), key, strings.NewReader(text)); err != nil {
			t.Fatal(err)
		}
	}
	put("code/predict/run.sh", "#!/bin/sh\nexec \"$(dirname \"$0\")/lib/all\" \"$1\"\n")
	put("code/predict/lib/all", "#!/bin/sh\nprintf 'score\\n1\\n2\\n3\\n' >\"$1\"\n")
	put("code/predictors/other", "no")
	digest, err := Digest(t.Context(), s, "code/predict")
	if err != nil {
		t.Fatal(err)
	}
	box, err := sandbox.Find(t.Context(), sandbox.None, "")
	if err != nil {
		t.Fatal(err)
	}
	cfg := Config{Files: s, Sandbox: box, Dir: t.TempDir(), Command: fleet.CommandRuntime{
		Run: "{files}/run.sh {output}", Per: "sensor", Input: "csv", Output: "csv", Files: "code/predict/", FilesDigest: digest,
	}}
	r, err := New(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	if a := score(t, r, requests("d"))[0]; a.Err != nil || fmt.Sprint(a.Score) != "[1 2 3]" {
		t.Errorf("%v, %v", a.Score, a.Err)
	}
	if err := r.Close(); err != nil {
		t.Error(err)
	}
	put("code/predict/lib/all", "#!/bin/sh\nreboot\n")
	if _, err := New(t.Context(), cfg); err == nil || !strings.Contains(err.Error(), "have changed since the run was planned") {
		t.Errorf("changed files: %v", err)
	}
	cfg.Command.Files = "nothing"
	if _, err := New(t.Context(), cfg); err == nil || !strings.Contains(err.Error(), "there are no files in nothing/") {
		t.Errorf("no files: %v", err)
	}
	if left, err := filepath.Glob(filepath.Join(cfg.Dir, "*")); err != nil || len(left) > 0 {
		t.Errorf("left behind: %q, %v", left, err)
	}
	if _, err := os.Stat(r.folder.Path); !os.IsNotExist(err) {
		t.Errorf("%s: %v", r.folder.Path, err)
	}
}
