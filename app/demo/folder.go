package demo

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

const (
	settingsName = "fleetscore.yaml"
	storeName    = "data"
	logName      = "fleetscore.log"
	truthName    = "truth.ndjson"
	// mark is how the settings of a demo begin, so that no other folder is taken for one.
	mark = "# Settings of fleetscore demo"
)

// settings are those of the service. Windows come out soon, are scored at once, and
// nodes go when they have nothing to do for a moment. Tasks are small, so that there is
// more than one node.
const settings = mark + `, which writes this file anew each time.
store: ./` + storeName + `
listen: %s
partitions: 8
ingest: {mqtt: "%s"}
stream: {flush: 10s}
windows:
  5s: {every: 5s, tolerance: 500ms, idle: 2s, settle: 1s, lateness: 2m, early: 1m}
pool: {min: 0, idle: 2s}
jobs:
  ` + Job + `:
    schedule: "@every 5s"
    delay: 1s
    input: {window: 5s, wait: 15s}
    tasks: {max_sensors: 50, seconds: 0s}
`

// Job is the name of the demo's.
const Job = "demo"

// folder is where a demo has everything.
type folder struct {
	path string
	kept bool
}

// openFolder makes a temporary folder, or takes dir if nothing but a demo is in it.
func openFolder(dir string) (folder, error) {
	if dir == "" {
		path, err := os.MkdirTemp("", "fleetscore-demo-")
		return folder{path: path}, err
	}
	path, err := filepath.Abs(dir)
	if err != nil {
		return folder{}, err
	}
	f := folder{path: path, kept: true}
	entries, err := os.ReadDir(path)
	if errors.Is(err, fs.ErrNotExist) {
		return f, os.MkdirAll(path, 0o755)
	}
	if err != nil || len(entries) == 0 {
		return f, err
	}
	if text, err := os.ReadFile(f.at(settingsName)); err != nil || !bytes.HasPrefix(text, []byte(mark)) {
		return f, fmt.Errorf("%s has files that no demo has made; give another folder, or an empty one", dir)
	}
	return f, nil
}

func (f folder) at(name string) string { return filepath.Join(f.path, name) }

// writeSettings writes where the service listens, or is to.
func (f folder) writeSettings(listen, mqtt string) error {
	return os.WriteFile(f.at(settingsName), fmt.Appendf(nil, settings, listen, mqtt), 0o644)
}

// close removes the folder, unless it is kept.
func (f folder) close() error {
	if f.kept {
		return nil
	}
	return os.RemoveAll(f.path)
}
