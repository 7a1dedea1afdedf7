//go:build runtimes

package python_test

import (
	"archive/zip"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/fleetscore/fleetscore/fleet"
	"github.com/fleetscore/fleetscore/score/runtime/python"
)

// numpyLock is the lock of numpy alone, with its hashes.
func numpyLock(t *testing.T) []byte {
	t.Helper()
	all, err := os.ReadFile("../../../internal/testkit/python/locks/runtimes.txt")
	if err != nil {
		t.Fatal(err)
	}
	lock := regexp.MustCompile(`(?m)^numpy==.*\\\n(\s+--hash=.*\\?\n)+`).Find(all)
	if lock == nil {
		t.Fatal("the lock has no numpy")
	}
	return lock
}

// An environment is built once, by however many want it, and again where half of one was left.
func TestEnvironment(t *testing.T) {
	cache, lock := t.TempDir(), numpyLock(t)
	const script = "import numpy, sys\ndef predict(model, X):\n  print(numpy.__file__)\n  return X[:,0] > 11"
	locked := func(cfg *python.Config) {
		cfg.Python.Interpreter, cfg.Python.Lock, cfg.Lock, cfg.Cache = "", "requirements.lock", lock, cache
	}
	var builders sync.WaitGroup
	runtimes := make([]*python.Runtime, 3)
	for i := range runtimes {
		builders.Go(func() { runtimes[i] = open(t, script, locked) })
	}
	builders.Wait()
	found, err := filepath.Glob(cache + "/python/*/.fleetscore-ready")
	if err != nil || len(found) != 1 {
		t.Fatal(found, err)
	}
	for _, r := range runtimes {
		if a := score(t, r, request("x", 4, "", nil))[0]; a.Err != nil || !strings.HasPrefix(a.Output, filepath.Dir(found[0])) {
			t.Errorf("%v: %s", a.Err, a.Output)
		}
	}
	before, err := os.Stat(found[0])
	if err != nil {
		t.Fatal(err)
	}
	score(t, open(t, script, locked), request("x", 4, "", nil))
	if after, err := os.Stat(found[0]); err != nil || !after.ModTime().Equal(before.ModTime()) {
		t.Error("it is built again", err)
	}
	if err := os.Remove(found[0]); err != nil { // as a builder that was killed leaves it
		t.Fatal(err)
	}
	if a := score(t, open(t, script, locked), request("x", 4, "", nil))[0]; a.Err != nil {
		t.Error(a.Err)
	}
}

// Who cannot build says what the installer said, and leaves nothing.
func TestEnvironmentThatCannotBe(t *testing.T) {
	for lock, text := range map[string]string{
		"surely-no-such-package-of-anybody==1.0": "surely-no-such-package-of-anybody",
		"numpy==0.0.999":                         "0.0.999",
		"numpy":                                  "line 1",
	} {
		cache := t.TempDir()
		_, err := python.New(t.Context(), python.Config{Lock: []byte(lock), Cache: cache, Sandbox: confined(t), Python: fleet.PythonRuntime{Lock: "requirements.lock"}})
		if err == nil || !strings.Contains(err.Error(), text) {
			t.Errorf("%s: %v", lock, err)
		}
		if left, _ := filepath.Glob(cache + "/python/*/"); len(left) > 0 {
			t.Errorf("%s leaves %v", lock, left)
		}
	}
}

// A package that runs whenever Python starts does so in the sandbox only, already while its environment is built.
func TestEnvironmentThatRuns(t *testing.T) {
	outside := t.TempDir()
	mark := filepath.Join(outside, "mark")
	wheel, err := os.Create(filepath.Join(outside, "eager-1.0-py3-none-any.whl"))
	if err != nil {
		t.Fatal(err)
	}
	files := zip.NewWriter(wheel)
	for name, text := range map[string]string{
		"eager.pth":                    "import os, sys; os.path.isdir(os.path.dirname('" + mark + "')) and open('" + mark + "', 'w'); sys.eager = True\n",
		"eager-1.0.dist-info/WHEEL":    "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
		"eager-1.0.dist-info/METADATA": "Metadata-Version: 2.1\nName: eager\nVersion: 1.0\n",
		"eager-1.0.dist-info/RECORD":   "eager.pth,,\neager-1.0.dist-info/WHEEL,,\neager-1.0.dist-info/METADATA,,\neager-1.0.dist-info/RECORD,,\n",
	} {
		w, err := files.Create(name)
		if err == nil {
			_, err = w.Write([]byte(text))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(files.Close(), wheel.Close()); err != nil {
		t.Fatal(err)
	}
	lock := append(numpyLock(t), "--find-links "+outside+"\neager==1.0 --hash=sha256:"+digest(t, wheel.Name())+"\n"...)
	cache := t.TempDir()
	for range 2 { // built, and found
		r := open(t, "import sys\ndef predict(model, X):\n  assert sys.eager\n  return X[:,0] > 11", func(cfg *python.Config) {
			cfg.Python.Interpreter, cfg.Python.Lock, cfg.Lock, cfg.Cache = "", "requirements.lock", lock, cache
		})
		if a := score(t, r, request("x", 4, "", nil))[0]; a.Err != nil {
			t.Error(a.Err)
		}
	}
	if _, err := os.Stat(mark); err == nil {
		t.Error("it has run outside the sandbox")
	}
}

func digest(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("%x", sha256.Sum256(data))
}
