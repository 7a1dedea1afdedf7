//go:build runtimes

package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/fleetscore/fleetscore/internal/testkit/containers"
)

// TestRuntimes runs testdata/runtimes/*.txtar, in which foreign programs score. Scripts find a
// Python with scikit-learn and pandas as $PYTHON, what it is made of as $MOUNTS, and an image
// that has such a Python as $IMAGE.
func TestRuntimes(t *testing.T) {
	repo, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	venv := filepath.Join(os.Getenv("FLEETSCORE_VENVS"), "sklearn-1.2") // which the image has too
	python := filepath.Join(venv, "bin", "python")
	prefix, err := exec.Command(python, "-c", "import sys; print(sys.base_prefix)").Output()
	if err != nil {
		t.Fatalf("%s: %v; run these tests with make runtimes", python, err)
	}
	containers.Setenv(t)
	testscript.Run(t, testscript.Params{
		Dir: "testdata/runtimes",
		Setup: func(env *testscript.Env) error {
			env.Setenv("FLEETSCORE_INGEST_MQTT", "off")
			env.Setenv("REPO", repo)
			env.Setenv("IMAGE", containers.Image)
			for _, name := range []string{"CONTAINERS_CONF", "CONTAINERS_STORAGE_CONF"} {
				env.Setenv(name, os.Getenv(name))
			}
			env.Setenv("PYTHON", python)
			env.Setenv("MOUNTS", venv+", "+strings.TrimSpace(string(prefix)))
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits": exits, "freeaddress": freeAddress, "eventually": eventually, "capture": capture, "expand": expand,
		},
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
	})
}

// expand puts the values of variables into files.
func expand(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) == 0 {
		ts.Fatalf("usage: expand FILE ...")
	}
	for _, name := range args {
		ts.Check(os.WriteFile(ts.MkAbs(name), []byte(os.Expand(ts.ReadFile(name), ts.Getenv)), 0o644))
	}
}
