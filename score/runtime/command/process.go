package command

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/fleetscore/fleetscore/fleet"
	"github.com/fleetscore/fleetscore/score/runtime/sandbox"
)

// process is a program at work.
type process struct {
	*Runtime
	*workspace
	most    int64      // bytes of output
	printed transcript // for the log
	errors  transcript // what of that is from standard error
	stdout  bounded    // its output, if it is not a file
}

var (
	errTooMuch = errors.New("it wrote too much")
	errTooLong = errors.New("it took too long")
)

// run runs the program to its end.
func (p *process) run(ctx context.Context, timeout time.Duration) (*failure, error) {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	if timeout > 0 {
		timer := time.AfterFunc(timeout, func() { stop(errTooLong) })
		defer timer.Stop()
	}
	p.spec.Stderr = both{&p.printed, &p.errors}
	p.spec.Stdout = &p.printed
	if p.output == "" {
		p.stdout = bounded{most: p.most, over: func() { stop(errTooMuch) }}
		p.spec.Stdout = &p.stdout
	}
	running, err := p.sandbox.Start(ctx, &p.spec)
	if err != nil {
		return nil, fmt.Errorf("starting %q: %w", p.spec.Argv[0], err)
	}
	err = running.Wait()
	switch cause := context.Cause(ctx); {
	case errors.Is(cause, errTooLong):
		return p.failed(fleet.TimedOut, fmt.Sprintf("it took longer than %v and was ended", timeout)), nil
	case errors.Is(cause, errTooMuch):
		return p.failed(fleet.ScriptFailed, fmt.Sprintf("it wrote more than %d bytes to its standard output, the most for these rows, and was ended", p.most)), nil
	case cause != nil:
		return nil, cause
	}
	return p.ended(err)
}

// ended judges how it ended by itself.
func (p *process) ended(err error) (*failure, error) {
	var how *sandbox.Ended
	switch {
	case err == nil:
		return nil, nil
	case !errors.As(err, &how), how.Limit == sandbox.Start:
		return nil, fmt.Errorf("running %q: %w", p.spec.Argv[0], err)
	case how.Limit == sandbox.Memory, how.Signal != 0:
		return p.failed(fleet.Crashed, how.Error()), nil
	}
	return p.failed(fleet.ScriptFailed, how.Error()), nil
}

func (p *process) failed(cause fleet.Cause, why string) *failure {
	// The last line says what was wrong, as a rule, and a report shows one line.
	lines := p.errors.last()
	if n := len(lines); n > 0 {
		why += ": " + lines[n-1]
		if n > 1 {
			why += "\n" + strings.Join(lines, "\n")
		}
	}
	return &failure{cause, errors.New(why)}
}

// read reads the output.
func (p *process) read(ctx context.Context, into *sheets) error {
	if p.output == "" {
		return into.readCSV(bytes.NewReader(p.stdout.buffer.Bytes()))
	}
	file, size, err := p.open(p.most)
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }() // it was only read
	if p.output == outputs["parquet"] {
		return into.readParquet(ctx, file, size)
	}
	return into.readCSV(io.NewSectionReader(file, 0, size))
}

// both writes to both.
type both [2]*transcript

func (b both) Write(text []byte) (int, error) {
	for _, p := range b {
		_, _ = p.Write(text) // which takes all
	}
	return len(text), nil
}
