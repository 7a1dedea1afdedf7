package python

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/fleetscore/fleetscore/score/runtime/sandbox"
)

// interpreter is a Python of this machine.
type interpreter struct {
	Path     string   `json:"path"`
	Version  string   `json:"version"`
	Prefixes []string `json:"prefixes"` // folders of it and its packages
}

// askFor is how long an interpreter may take to say who it is.
const askFor = time.Minute

// describe has an interpreter say who it is, for what is found on the PATH is often a script that starts another.
const describe = `import json, sys
print(json.dumps({"path": sys.executable, "version": sys.version, "prefixes": [sys.prefix, sys.exec_prefix, sys.base_prefix, sys.base_exec_prefix]}))`

// find finds an interpreter by its name or path; empty: python3.
func find(ctx context.Context, name string) (*interpreter, error) {
	name = cmp.Or(name, "python3")
	path, err := exec.LookPath(name)
	if err != nil {
		return nil, fmt.Errorf("the interpreter %s is not on this machine (%w): install it, or name another by interpreter", name, err)
	}
	ctx, cancel := context.WithTimeout(ctx, askFor)
	defer cancel()
	var complaint bytes.Buffer
	cmd := exec.CommandContext(ctx, path, "-I", "-c", describe) //nolint:gosec // the user names it
	cmd.Stderr = &complaint
	text, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("the interpreter %s does not run: %w: %s", path, err, clipped(strings.TrimSpace(complaint.String()), 1000))
	}
	i := &interpreter{}
	if err := json.Unmarshal(text, i); err != nil || !filepath.IsAbs(i.Path) {
		return nil, fmt.Errorf("the interpreter %s is none: it said %.100q", path, text)
	}
	return i, nil
}

// of is the interpreter of a virtual environment of i in a folder. It is not asked who it is,
// as what is installed there would run.
func (i *interpreter) of(folder string) *interpreter {
	return &interpreter{filepath.Join(folder, "bin", "python"), i.Version, append([]string{folder}, i.Prefixes...)}
}

// binds are the folders that a sandbox must show for the interpreter to run, under their own
// paths and those to which links on the way lead.
func (i *interpreter) binds() []sandbox.Bind {
	var folders []string
	add := func(folder string) {
		if folder != "" && folder != "/" && folder != "/usr" && !strings.HasPrefix(folder, "/usr/") && !slices.Contains(folders, folder) {
			folders = append(folders, folder)
		}
	}
	for _, prefix := range i.Prefixes {
		add(filepath.Clean(prefix))
		if target, err := filepath.EvalSymlinks(prefix); err == nil {
			add(target)
		}
	}
	if target, err := filepath.EvalSymlinks(i.Path); err == nil {
		add(filepath.Dir(filepath.Dir(target)))
	}
	slices.Sort(folders)
	binds := make([]sandbox.Bind, len(folders))
	for n, folder := range folders {
		binds[n] = sandbox.Bind{From: folder, To: folder}
	}
	return binds
}
