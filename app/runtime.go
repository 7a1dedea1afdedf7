package app

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/fleetscore/fleetscore/config"
	"github.com/fleetscore/fleetscore/fleet"
	"github.com/fleetscore/fleetscore/ledger"
	"github.com/fleetscore/fleetscore/run"
	"github.com/fleetscore/fleetscore/score/runtime"
	"github.com/fleetscore/fleetscore/score/runtime/command"
	"github.com/fleetscore/fleetscore/score/runtime/python"
	"github.com/fleetscore/fleetscore/score/runtime/sandbox"
	"github.com/fleetscore/fleetscore/sklearn"
	"github.com/fleetscore/fleetscore/store"
)

// runtimeOf is what settings say of what scores; nil: native.
func runtimeOf(r config.Runtime, f config.Fallback) *fleet.Runtime {
	switch {
	case r.Python != nil:
		return &fleet.Runtime{Python: pythonOf(r.Python)}
	case f.Python != nil:
		return &fleet.Runtime{Python: pythonOf(f.Python), Fallback: true}
	case r.Command != nil:
		c := r.Command
		return &fleet.Runtime{Command: &fleet.CommandRuntime{
			Confinement: confinement(c.Sandbox, c.Image, c.Network, c.Memory, c.Timeout, c.Workers),
			Run:         c.Run, Per: c.Per, Input: c.Input, Output: c.Output, Files: c.Files, Mounts: c.Mounts,
		}}
	}
	return nil
}

func pythonOf(p *config.Python) *fleet.PythonRuntime {
	return &fleet.PythonRuntime{
		Confinement: confinement(p.Sandbox, p.Image, p.Network, p.Memory, p.Timeout, p.Workers),
		Script:      p.Script, Lock: p.Env, Interpreter: p.Interpreter,
	}
}

func confinement(box, image, network string, memory config.Size, timeout config.Duration, workers config.Workers) fleet.Confinement {
	return fleet.Confinement{Sandbox: box, Image: image, Memory: int64(memory), Timeout: timeout.Std().Seconds(), Network: network, Workers: int(workers)}
}

// checkRuntime says what is wrong with what scores a job's models.
func checkRuntime(j config.Job, add func(setting string, err error)) {
	key := func(setting, key string) {
		if key != "" {
			add(setting, store.CheckKey(key))
		}
	}
	for path, p := range map[string]*config.Python{"runtime.python": j.Runtime.Python, "fallback.python": j.Fallback.Python} {
		if p != nil {
			key(path+".script", p.Script)
			key(path+".env", p.Env)
		}
	}
	add("runtime.command.run", checkRun(j.Runtime.Command))
}

// checkRun says what is wrong with a command line.
func checkRun(c *config.Command) error {
	if c == nil || c.Run == "" {
		return nil
	}
	_, err := command.ParseTemplate(c.Run, c.Per == "shard")
	return err
}

// pin notes which script, which lock file and which image a run is done with, however
// they change meanwhile.
func pin(ctx context.Context, s store.Store, r fleet.Runtime) (fleet.Runtime, error) {
	var err error
	var confined *fleet.Confinement
	switch {
	case r.Python != nil:
		p := *r.Python
		r.Python, confined = &p, &p.Confinement
		if p.ScriptDigest, err = digestOf(ctx, s, "script", p.Script); err != nil {
			return r, err
		}
		if p.LockDigest, err = digestOf(ctx, s, "env", p.Lock); err != nil {
			return r, err
		}
	case r.Command != nil:
		c := *r.Command
		r.Command, confined = &c, &c.Confinement
		if c.Files != "" {
			if c.FilesDigest, err = command.Digest(ctx, s, c.Files); err != nil {
				return r, err
			}
		}
	}
	if confined == nil || confined.Image == "" {
		return r, nil
	}
	if confined.Image, err = sandbox.Pin(ctx, confined.Image); err != nil {
		return r, fmt.Errorf("image: %w", err)
	}
	return r, nil
}

func digestOf(ctx context.Context, s store.Reader, setting, key string) (string, error) {
	if key == "" {
		return "", nil
	}
	data, err := s.Get(ctx, key, nil)
	if errors.Is(err, store.ErrNotFound) {
		return "", fmt.Errorf("%s: there is no %s in the store: %w", setting, key, err)
	}
	if err != nil {
		return "", fmt.Errorf("%s: reading %s: %w", setting, key, err)
	}
	return sklearn.Digest(data), nil
}

// unchanged reads a file that must be as it was when the run was planned.
func unchanged(ctx context.Context, s store.Reader, key, digest string) ([]byte, error) {
	if key == "" {
		return nil, nil
	}
	data, err := s.Get(ctx, key, nil)
	switch {
	case errors.Is(err, store.ErrNotFound):
		return nil, fmt.Errorf("%w%s, which was there when the run was planned: %w", runtime.ErrFinal, key, err)
	case err != nil:
		return nil, fmt.Errorf("reading %s: %w", key, err)
	case sklearn.Digest(data) != digest:
		return nil, fmt.Errorf("%w%s has changed since the run was planned; run it again", runtime.ErrFinal, key)
	}
	return data, nil
}

// openRuntime starts what scores the models of a job, with the files of a store that it names.
// Workers is how many processes there are where the job does not say.
func openRuntime(ctx context.Context, r *fleet.Runtime, s store.Store, cache string, workers int) (runtime.Runtime, error) {
	if r.Command != nil {
		return openCommand(ctx, *r.Command, s, workers)
	}
	script, err := unchanged(ctx, s, r.Python.Script, r.Python.ScriptDigest)
	if err != nil {
		return nil, err
	}
	lock, err := unchanged(ctx, s, r.Python.Lock, r.Python.LockDigest)
	if err != nil {
		return nil, err
	}
	return openPython(ctx, *r.Python, script, lock, cache, workers)
}

func openPython(ctx context.Context, p fleet.PythonRuntime, script, lock []byte, cache string, workers int) (runtime.Runtime, error) {
	box, err := sandbox.Find(ctx, p.Sandbox, p.Image)
	if err != nil {
		return nil, err
	}
	if p.Workers == 0 {
		p.Workers = workers
	}
	opened, err := python.New(ctx, python.Config{Python: p, Script: script, Lock: lock, Sandbox: box, Cache: cache})
	if err != nil {
		return nil, err
	}
	return opened, nil
}

func openCommand(ctx context.Context, c fleet.CommandRuntime, files command.Files, workers int) (runtime.Runtime, error) {
	box, err := sandbox.Find(ctx, c.Sandbox, c.Image)
	if err != nil {
		return nil, err
	}
	if c.Workers == 0 {
		c.Workers = workers
	}
	opened, err := command.New(ctx, command.Config{Command: c, Sandbox: box, Files: files})
	if err != nil {
		return nil, err
	}
	return opened, nil
}

// openByHand starts what scores by hand: what a job's settings name by keys of the store are
// paths then.
func openByHand(ctx context.Context, r *fleet.Runtime, workers int) (runtime.Runtime, error) {
	if r.Command != nil {
		return openCommand(ctx, *r.Command, nil, workers)
	}
	read := func(flag, path string) ([]byte, error) {
		if path == "" {
			return nil, nil
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", flag, err)
		}
		return data, nil
	}
	script, err := read("--script", r.Python.Script)
	if err != nil {
		return nil, err
	}
	lock, err := read("--env", r.Python.Lock)
	if err != nil {
		return nil, err
	}
	return openPython(ctx, *r.Python, script, lock, "", workers)
}

// scoredBy is who scored the sensors of a run, where not all were scored natively.
func (a *App) scoredBy(ctx context.Context, r ledger.Run) ([]fleet.Scorer, error) {
	if !r.Committed {
		return nil, nil
	}
	c, err := run.ReadCommit(ctx, a.store, fleet.CommitKey(r.Job, r.Interval, r.Rev))
	if errors.Is(err, store.ErrNotFound) || errors.As(err, new(*run.Damage)) {
		return nil, nil // its retention is over; or verify-store tells
	}
	if err != nil {
		return nil, err
	}
	return c.ScoredBy, nil
}
