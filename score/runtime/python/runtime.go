package python

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path"
	stdruntime "runtime"
	"strconv"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/fleetscore/fleetscore/fleet"
	"github.com/fleetscore/fleetscore/score/runtime"
	"github.com/fleetscore/fleetscore/score/runtime/sandbox"
)

// Config is what a Runtime works with.
type Config struct {
	Python fleet.PythonRuntime
	// Script and Lock are the files that Python names.
	Script, Lock []byte
	Sandbox      sandbox.Sandbox
	// Cache is the folder in which environments are kept; empty: the user's own for caches.
	Cache string
}

// Runtime scores in Python processes. It implements [runtime.Runtime].
type Runtime struct {
	cfg         Config
	settings    settings
	interpreter string
	binds       []sandbox.Bind
	env         []string
	timeout     time.Duration
	folder      *sandbox.Folder // those of processes are in it
	pool        *pool
	//nolint:containedctx // of all processes: they outlive the calls for which they are started
	ctx  context.Context
	stop context.CancelFunc
}

// New returns a Runtime. It builds the environment, if need be, and starts no process yet.
func New(ctx context.Context, cfg Config) (*Runtime, error) {
	r := &Runtime{cfg: cfg, timeout: time.Duration(cfg.Python.Timeout * float64(time.Second))}
	p := &cfg.Python
	r.settings = settings{Cache: 256 << 20, Memory: p.Memory}
	if p.Memory > 0 {
		r.settings.Cache = p.Memory / 4
	}
	if p.Script != "" {
		r.settings.Name, r.settings.Script = path.Base(p.Script), cfg.Script
	}
	if err := r.findInterpreter(ctx); err != nil {
		return nil, err
	}
	workers := p.Workers
	if workers <= 0 {
		workers = stdruntime.GOMAXPROCS(0)
	}
	threads := strconv.Itoa(max(1, stdruntime.NumCPU()/workers))
	for _, library := range []string{"OMP", "OPENBLAS", "MKL", "NUMEXPR", "VECLIB_MAXIMUM"} {
		r.env = append(r.env, library+"_NUM_THREADS="+threads)
	}
	r.env = append(r.env, "PYTHONHASHSEED=0", "JOBLIB_MULTIPROCESSING=0")
	var err error
	if r.folder, err = sandbox.NewFolder(""); err != nil {
		return nil, err
	}
	r.ctx, r.stop = context.WithCancel(context.WithoutCancel(ctx))
	r.pool = newPool(r.ctx, workers, r.start) //nolint:contextcheck // it outlives the call
	return r, nil
}

// findInterpreter finds it, or builds it, unless it is in an image.
func (r *Runtime) findInterpreter(ctx context.Context) error {
	p := &r.cfg.Python
	if r.cfg.Sandbox.Name() == sandbox.Container {
		if r.interpreter = p.Interpreter; r.interpreter == "" {
			r.interpreter = "python3"
		}
		return nil
	}
	python, err := find(ctx, p.Interpreter)
	if err != nil {
		return err
	}
	if p.Lock != "" {
		cache := r.cfg.Cache
		if cache == "" {
			if cache, err = userCache(); err != nil {
				return err
			}
		}
		if python, err = environment(ctx, python, r.cfg.Lock, cache, r.cfg.Sandbox); err != nil {
			return err
		}
	}
	r.interpreter, r.binds = python.Path, python.binds()
	return nil
}

func userCache() (string, error) {
	folder, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("there is no folder to keep environments in: %w; give one by --cache", err)
	}
	return path.Join(folder, "fleetscore"), nil
}

// Close ends all processes.
func (r *Runtime) Close() error {
	r.stop()
	return errors.Join(r.pool.close(), r.folder.Remove())
}

// Score implements [runtime.Runtime].
func (r *Runtime) Score(ctx context.Context, requests []runtime.Request, answers []runtime.Answer) error {
	queues := make([][]int, len(r.pool.turns))
	for i := range requests {
		a := &answers[i]
		*a = runtime.Answer{Score: a.Score[:0], Label: a.Label[:0]}
		n := r.pool.numberOf(requests[i].Sensor)
		queues[n] = append(queues[n], i)
	}
	parts, ctx := errgroup.WithContext(ctx)
	for n, queue := range queues {
		if len(queue) > 0 {
			parts.Go(func() error { return r.score(ctx, n, &turn{requests: requests, answers: answers, queue: queue}) })
		}
	}
	return parts.Wait()
}

// score has process n answer what is in a queue.
func (r *Runtime) score(ctx context.Context, n int, t *turn) error {
	suspect := -1
	for len(t.queue) > 0 {
		w, err := r.pool.get(ctx, n)
		var broken brokenError
		if errors.As(err, &broken) {
			for _, i := range t.queue {
				t.answers[i].Cause, t.answers[i].Err = broken.cause, broken
			}
			return nil
		}
		if err != nil {
			return err
		}
		whole := t.queue
		if suspect >= 0 {
			t.queue = t.queue[:1:1] // alone, so that nobody else can be at fault
		}
		err = w.exchange(ctx, t, r.timeout)
		if suspect >= 0 {
			t.queue = append(t.queue, whole[1:]...)
		}
		if err == nil {
			suspect = -1
			r.pool.put(n, w)
			continue
		}
		if ctx.Err() != nil {
			r.pool.discard(n, w)
			return context.Cause(ctx)
		}
		suspect = r.blame(w, t, err, suspect)
		r.pool.replace(n, w)
	}
	return nil
}

// blame says whose fault it is that a process failed. The first time it gives the suspect,
// who is asked again.
func (r *Runtime) blame(w *worker, t *turn, err error, suspect int) int {
	head := t.queue[0]
	a := &t.answers[head]
	late := w.late.Load()
	text := w.ending(err)
	if !late && suspect != head {
		return head
	}
	a.Output = w.output()
	switch {
	case late:
		a.Cause, a.Err = fleet.TimedOut, fmt.Errorf("it took longer than %s, the timeout of a sensor in Python", r.timeout)
	case errors.Is(err, errProtocol):
		a.Cause, a.Err = fleet.ScriptFailed, errors.New(text)
	default:
		a.Cause, a.Err = fleet.Crashed, errors.New(text)
	}
	t.queue = t.queue[1:]
	return -1
}
