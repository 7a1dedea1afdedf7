package config_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/fleetscore/fleetscore/config"
)

// TestLoadReach has mistakes matter only where they leave it open where the service is.
func TestLoadReach(t *testing.T) {
	for yaml, found := range map[string]bool{
		"listen: 127.0.0.1:1\nstore: here\njobs: {a: {schedul: x}}\npool: {max: many}": true,
		"listen: 127.0.0.1:1\nstore: here\njobs: all":                                  true,
		"listen: 127.0.0.1:1\nstore: here\npartitions: 0\nlog: {level: loud}":          true,
		"listen: nowhere\nstore: here":                                                 false,
		"listn: 127.0.0.1:1\nstore: here":                                              false,
		"listen: 127.0.0.1:1\nstore: {a: b}":                                           false,
		"listen: 127.0.0.1:1\nstore: here\ndata: here/state":                           false,
		"listen: 127.0.0.1:1\nstore: here\njobs: [":                                    false,
	} {
		path := filepath.Join(t.TempDir(), "fleetscore.yaml")
		if err := os.WriteFile(path, []byte(yaml), 0o600); err != nil {
			t.Fatal(err)
		}
		f, err := config.LoadReach(path, nil)
		if (err == nil) != found {
			t.Errorf("%q: %v", yaml, err)
		}
		if found && (f.Listen != "127.0.0.1:1" || f.StateDir() != filepath.Join(filepath.Dir(path), "here", ".fleetscore")) {
			t.Errorf("%q: %s, %s", yaml, f.Listen, f.StateDir())
		}
	}
}
