package command

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	stdruntime "runtime"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/fleetscore/fleetscore/fleet"
	"github.com/fleetscore/fleetscore/score/runtime"
	"github.com/fleetscore/fleetscore/score/runtime/sandbox"
)

// Config is what a Runtime works with.
type Config struct {
	Command fleet.CommandRuntime
	Sandbox sandbox.Sandbox
	// Files is where the command's files are; it may be nil if it has none.
	Files Files
	// Dir is where the folders of processes are made; empty: os.TempDir.
	Dir string
}

// Runtime scores with a program. It implements [runtime.Runtime].
type Runtime struct {
	cfg      Config
	command  fleet.CommandRuntime
	template Template
	folder   *sandbox.Folder // those of processes are in it
	files    string          // a folder in it; empty: none
	slots    chan struct{}   // one for each process at a time
}

// New returns a Runtime. It fetches the files of the command.
func New(ctx context.Context, cfg Config) (*Runtime, error) {
	r := &Runtime{cfg: cfg, command: cfg.Command}
	var err error
	if r.template, err = ParseTemplate(r.command.Run, r.perShard()); err != nil {
		return nil, fmt.Errorf("the command %q: %w", r.command.Run, err)
	}
	if r.template.Uses("files") && r.command.Files == "" {
		return nil, fmt.Errorf("the command %q has {files}, and files is not set", r.command.Run)
	}
	if r.folder, err = sandbox.NewFolder(cfg.Dir); err != nil {
		return nil, err
	}
	if r.command.Files != "" {
		if r.files, err = fetch(ctx, cfg.Files, r.command.Files, r.command.FilesDigest, r.folder.Path); err != nil {
			return nil, errors.Join(err, r.Close())
		}
	}
	workers := r.command.Workers
	if workers <= 0 {
		workers = stdruntime.GOMAXPROCS(0)
	}
	r.slots = make(chan struct{}, workers)
	return r, nil
}

func (r *Runtime) perShard() bool { return r.command.Per == "shard" }

// Close removes the files of the command, and what processes have left.
func (r *Runtime) Close() error { return r.folder.Remove() }

// Score implements [runtime.Runtime].
func (r *Runtime) Score(ctx context.Context, requests []runtime.Request, answers []runtime.Answer) error {
	if len(requests) == 0 {
		return nil
	}
	if r.perShard() {
		return r.shard(ctx, requests, answers, newBudget(len(requests)))
	}
	group, ctx := errgroup.WithContext(ctx)
	for i := range requests {
		if err := r.take(ctx); err != nil {
			return cmp.Or(group.Wait(), err)
		}
		group.Go(func() error {
			defer func() { <-r.slots }()
			failed, err := r.run(ctx, requests[i:i+1], answers[i:i+1])
			if failed != nil {
				fail(&answers[i], failed.cause, failed.err)
			}
			return err
		})
	}
	return group.Wait()
}

// failure is why a process has answered nothing.
type failure struct {
	cause fleet.Cause
	err   error
}

// run runs one process for requests. A failure is of them all; an error is of this machine.
func (r *Runtime) run(ctx context.Context, requests []runtime.Request, answers []runtime.Answer) (_ *failure, err error) {
	sheets := newSheets(requests, answers)
	w, err := r.prepare()
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, w.remove()) }()
	var given sensorError
	switch err := w.fill(r.template, requests); {
	case errors.As(err, &given):
		return &failure{fleet.ScriptFailed, given}, nil
	case err != nil:
		return nil, err
	}
	p := &process{Runtime: r, workspace: w, most: most(requests)}
	started := time.Now()
	failed, err := p.run(ctx, r.timeout(len(requests)))
	answers[0].Output = p.printed.String()
	each := time.Since(started) / time.Duration(len(answers))
	for i := range answers {
		answers[i].Took = each
	}
	if failed != nil || err != nil {
		return failed, err
	}
	if err := p.read(ctx, sheets); err != nil {
		return &failure{fleet.ScriptFailed, err}, nil
	}
	sheets.finish()
	return nil, nil
}

// timeout is how long a process for so many sensors may take; 0: for ever.
func (r *Runtime) timeout(sensors int) time.Duration {
	return time.Duration(r.command.Timeout * float64(sensors) * float64(time.Second))
}
