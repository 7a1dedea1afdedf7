package sandbox

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"time"
)

// engine is podman or docker, by its command.
type engine struct {
	name    string
	path    string
	version string
}

// How long an engine may take.
const (
	askFor  = 30 * time.Second // to answer, or to remove a container
	pullFor = 15 * time.Minute
)

// findEngine finds podman, or else docker, that works.
func findEngine(ctx context.Context) (*engine, error) {
	var why error
	for _, e := range []engine{{name: "podman"}, {name: "docker"}} {
		path, err := exec.LookPath(e.name)
		if err != nil {
			why = errors.Join(why, fmt.Errorf("%s is not installed", e.name))
			continue
		}
		e.path = path
		ask := []string{"info", "--format", "{{.Version.Version}}"} // podman's looks at its storage too
		if e.name == "docker" {
			ask = []string{"version", "--format", "{{.Server.Version}}"}
		}
		if e.version, err = e.run(ctx, askFor, ask...); err == nil {
			return &e, nil
		}
		why = errors.Join(why, err)
	}
	return nil, why
}

// run runs one of its commands, and returns what that says.
func (e *engine) run(ctx context.Context, most time.Duration, args ...string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, most)
	defer cancel()
	//nolint:gosec // found by its name
	cmd := exec.CommandContext(ctx, e.path, args...)
	var out, said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &said
	cmd.WaitDelay = time.Second
	err := cmd.Run()
	switch {
	case ctx.Err() != nil:
		return "", fmt.Errorf("%s %s has not ended within %s: look whether %s works by itself: %w", e.name, args[0], most, e.name, ctx.Err())
	case err != nil:
		return "", fmt.Errorf("%s %s: %s (%w)", e.name, args[0], strings.TrimSpace(said.String()), err)
	}
	return strings.TrimSpace(out.String()), nil
}

// label is what our containers have, of this machine: those of others may be the same engine's.
func label() (string, error) {
	host, err := os.Hostname()
	return "fleetscore=" + host, err
}

// sweep removes containers whose makers are gone.
func (e *engine) sweep(ctx context.Context) error {
	label, err := label()
	if err != nil {
		return err
	}
	names, err := e.run(ctx, askFor, "ps", "--all", "--filter", "label="+label, "--format", "{{.Names}}")
	if err != nil {
		return err
	}
	for name := range strings.FieldsSeq(names) {
		if orphaned(name) {
			_, _ = e.run(ctx, askFor, "rm", "--force", name) // another sweeps too
		}
	}
	return nil
}
