//go:build runtimes

package python_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/fleetscore/fleetscore/fleet"
	"github.com/fleetscore/fleetscore/internal/testkit/containers"
	"github.com/fleetscore/fleetscore/score/runtime"
	"github.com/fleetscore/fleetscore/score/runtime/python"
	"github.com/fleetscore/fleetscore/score/runtime/sandbox"
)

// In a container, which has nothing of ours, all is as it is elsewhere.
func TestContainer(t *testing.T) {
	containers.Setenv(t)
	box, err := sandbox.Find(t.Context(), sandbox.Container, containers.Image)
	if err != nil {
		t.Fatal(err)
	}
	r := open(t, poison+"\nimport joblib\ndef load(path):\n    return open(path).read()\nprint('loaded')\n", func(cfg *python.Config) {
		cfg.Sandbox, cfg.Python.Interpreter, cfg.Python.Image = box, "", containers.Image
		cfg.Python.Workers, cfg.Python.Timeout, cfg.Python.Memory = 1, 5, 512<<20
	})
	var requests []runtime.Request
	for _, tag := range []string{"healthy 1", "segfault", "healthy 2", "loop", "healthy 3", "print", "raise", "healthy 4"} {
		requests = append(requests, request(tag, 4, "models/x.txt", []byte(tag)))
	}
	causes := map[string]fleet.Cause{"segfault": fleet.Crashed, "loop": fleet.TimedOut, "raise": fleet.ScriptFailed}
	for i, a := range score(t, r, requests...) {
		tag := requests[i].Sensor.Tag
		if a.Cause != causes[tag] || a.Cause == "" && fmt.Sprint(a.Label) != "[1 1 -1 -1]" {
			t.Errorf("%s: %v, %s: %v", tag, a.Label, a.Cause, a.Err)
		}
		if tag == "healthy 1" && !strings.Contains(a.Output, "loaded") || len(a.Output) > 64<<10 {
			t.Errorf("%s printed %d bytes", tag, len(a.Output))
		}
	}
}
