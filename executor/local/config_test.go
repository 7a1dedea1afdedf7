package local

import (
	"strings"
	"testing"

	"github.com/fleetscore/fleetscore/fleet"
)

func TestConfigSaysAllThatIsWrong(t *testing.T) {
	_, err := New(Config{Min: -1, Idle: -1, Hang: 1, Memory: 5, Procs: -2})
	if err == nil {
		t.Fatal("accepted")
	}
	for _, word := range []string{"command:", "target:", "min: -1", "max: 0", "idle:", "hang:", "memory:", "procs:"} {
		if !strings.Contains(err.Error(), word) {
			t.Errorf("nothing of %s in: %v", word, err)
		}
	}
	if _, err := New(Config{Command: []string{"x"}, Target: func(fleet.Load) int { return 0 }, Min: 3, Max: 2}); err == nil || !strings.Contains(err.Error(), "min: 3") {
		t.Errorf("more at least than at most: %v", err)
	}
}
