package command

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/fleetscore/fleetscore/score/runtime"
	"github.com/fleetscore/fleetscore/score/runtime/sandbox"
)

// What is in the folder of a process.
const (
	configFile   = "config.json"
	modelsFolder = "models"
	ownFolder    = "predictions" // for a program that names its output itself
)

// all is the mode of what a program may write to, which can be another user. The folder
// of the Runtime, in which it lies, is ours alone.
const all = 0o777

// workspace is the folder of one process, and what it sees besides.
type workspace struct {
	sandbox sandbox.Sandbox
	root    *os.Root // the folder, whatever its path leads to by the end
	spec    sandbox.Spec
	files   string            // a folder of this machine; empty: none
	input   string            // a name in the folder; empty: standard input
	output  string            // likewise
	models  map[string]string // names in the folder by the keys of models
}

// prepare makes the folder of a process.
func (r *Runtime) prepare() (*workspace, error) {
	dir, err := os.MkdirTemp(r.folder.Path, "process-")
	if err != nil {
		return nil, fmt.Errorf("making a folder for the program: %w", err)
	}
	w := &workspace{sandbox: r.cfg.Sandbox, files: r.files, input: inputs[r.command.Input], output: outputs[r.command.Output], models: make(map[string]string)}
	w.spec = sandbox.Spec{Scratch: dir, Limits: sandbox.LimitsOf(r.command.Confinement), Network: r.command.Network == "host"}
	if w.root, err = os.OpenRoot(dir); err != nil {
		return nil, errors.Join(fmt.Errorf("opening the program's folder: %w", err), os.RemoveAll(dir))
	}
	if err := w.root.Chmod(".", all); err != nil {
		return nil, errors.Join(fmt.Errorf("opening the program's folder: %w", err), w.remove())
	}
	if w.files != "" {
		w.spec.Binds = append(w.spec.Binds, sandbox.Bind{From: w.files, To: "/files"})
	}
	for _, m := range r.command.Mounts {
		w.spec.Binds = append(w.spec.Binds, sandbox.Bind{From: m, To: m})
	}
	return w, nil
}

// fill writes what the program reads, and its command line. A sensorError is that of the first request.
func (w *workspace) fill(t Template, requests []runtime.Request) error {
	for _, folder := range []string{modelsFolder, ownFolder} {
		if err := errors.Join(w.root.Mkdir(folder, all), w.root.Chmod(folder, all)); err != nil {
			return fmt.Errorf("filling the program's folder: %w", err)
		}
	}
	for i := range requests {
		if err := w.addModel(&requests[i], len(requests) == 1); err != nil {
			return err
		}
	}
	if err := w.addInput(requests); err != nil {
		return err
	}
	values, err := w.describe(requests)
	if err != nil {
		return err
	}
	if w.spec.Argv, err = t.fill(values); err != nil {
		return sensorError{err}
	}
	return nil
}

// sensorError is an error of what is given, not of this machine.
type sensorError struct{ error }

// addModel writes the file of a model: as its own name says, if it is alone.
func (w *workspace) addModel(q *runtime.Request, alone bool) error {
	if q.Key == "" || w.models[q.Key] != "" {
		return nil
	}
	name := q.Key
	if alone {
		name = path.Base(name)
	}
	if !filepath.IsLocal(name) || name == "." || strings.IndexByte(name, 0) >= 0 {
		return sensorError{fmt.Errorf("the model's key %q is no name of a file", q.Key)}
	}
	name = path.Join(modelsFolder, name)
	if err := w.root.MkdirAll(path.Dir(name), 0o755); err != nil {
		return fmt.Errorf("writing the model %s: %w", q.Key, err)
	}
	w.models[q.Key] = name
	return w.write(name, q.Model)
}

// seen is how the program sees what is called name in its folder.
func (w *workspace) seen(name string) string {
	return w.sandbox.Path(&w.spec, filepath.Join(w.spec.Scratch, name))
}

func (w *workspace) write(name string, data []byte) error {
	// Whatever this process takes from the modes of its files, the program can be another user.
	if err := errors.Join(w.root.WriteFile(name, data, 0o644), w.root.Chmod(name, 0o644)); err != nil {
		return fmt.Errorf("writing %s for the program: %w", name, err)
	}
	return nil
}

// remove removes the folder, in which a program may have taken its own right to look.
func (w *workspace) remove() error {
	defer func() { _ = w.root.Close() }() // it was only looked at
	dir := w.spec.Scratch
	if err := os.RemoveAll(dir); err == nil {
		return nil
	}
	err := filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		if err == nil && d.IsDir() {
			err = os.Chmod(name, 0o700) //nolint:gosec // a folder, and its owner's
		}
		return err
	})
	return errors.Join(err, os.RemoveAll(dir))
}
