package sandbox

import (
	"context"
	"os"
	"path/filepath"
)

// none starts programs on this machine, as the user that we are.
type none struct{ *bounds }

func (none) Name() string { return None }

func (n none) String() string { return "no sandbox, " + n.bounds.String() }

func (none) Path(_ *Spec, file string) string { return file }

func (n none) Start(ctx context.Context, spec *Spec) (Process, error) {
	if err := spec.check(); err != nil {
		return nil, err
	}
	l, err := n.launch(spec.Limits, spec.Argv)
	if err != nil {
		return nil, err
	}
	l.env = spec.environment("PATH="+os.Getenv("PATH"), spec.Scratch, filepath.Join(spec.Scratch, temporary))
	return begin(ctx, spec, l)
}
