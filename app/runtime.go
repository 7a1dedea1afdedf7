package app

import (
	"context"
	"errors"
	"fmt"

	"github.com/fleetscore/fleetscore/config"
	"github.com/fleetscore/fleetscore/fleet"
	"github.com/fleetscore/fleetscore/score/runtime"
	"github.com/fleetscore/fleetscore/score/runtime/command"
	"github.com/fleetscore/fleetscore/score/runtime/sandbox"
	"github.com/fleetscore/fleetscore/store"
)

// runtimeOf is what scores a job's models; nil: nothing foreign.
func runtimeOf(r config.Runtime, f config.Fallback) *fleet.Runtime {
	switch {
	case r.Python != nil:
		return &fleet.Runtime{Python: pythonOf(r.Python)}
	case r.Command != nil:
		return &fleet.Runtime{Command: commandOf(r.Command)}
	case f.Python != nil:
		return &fleet.Runtime{Python: pythonOf(f.Python), Fallback: true}
	}
	return nil
}

func pythonOf(p *config.Python) *fleet.PythonRuntime {
	return &fleet.PythonRuntime{
		Confinement: fleet.Confinement{
			Sandbox: p.Sandbox, Image: p.Image, Memory: int64(p.Memory), Timeout: p.Timeout.Std().Seconds(), Network: p.Network, Workers: int(p.Workers),
		},
		Script: p.Script, Lock: p.Env, Interpreter: p.Interpreter,
	}
}

func commandOf(c *config.Command) *fleet.CommandRuntime {
	return &fleet.CommandRuntime{
		Confinement: fleet.Confinement{
			Sandbox: c.Sandbox, Image: c.Image, Memory: int64(c.Memory), Timeout: c.Timeout.Std().Seconds(), Network: c.Network, Workers: int(c.Workers),
		},
		Run: c.Run, Per: c.Per, Input: c.Input, Output: c.Output, Files: c.Files, Mounts: c.Mounts,
	}
}

// checkCommand says what is wrong with a command line.
func checkCommand(c *config.Command) error {
	if c == nil {
		return nil
	}
	_, err := command.ParseTemplate(c.Run, c.Per == "shard")
	return err
}

// pinRuntime fixes what a foreign program is made of as it is now.
func pinRuntime(ctx context.Context, s store.Store, r fleet.Runtime) (fleet.Runtime, error) {
	if r.Command == nil || r.Command.Files == "" {
		return r, nil
	}
	c := *r.Command
	var err error
	c.FilesDigest, err = command.Digest(ctx, s, c.Files)
	r.Command = &c
	return r, err
}

// openRuntime starts what scores in tasks whose store is s.
func openRuntime(ctx context.Context, s store.Store, r *fleet.Runtime, _, _ []byte) (runtime.Runtime, error) {
	if r.Command == nil {
		return nil, errors.New("this version runs no Python")
	}
	box, err := sandbox.Find(ctx, r.Command.Sandbox, r.Command.Image)
	if err != nil {
		return nil, fmt.Errorf("the sandbox of the command: %w", err)
	}
	return command.New(ctx, command.Config{Command: *r.Command, Sandbox: box, Files: s})
}
