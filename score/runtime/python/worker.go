package python

import (
	"bufio"
	"context"
	_ "embed"
	"errors"
	"fmt"
	"os"
	"path"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/fleetscore/fleetscore/fleet"
	"github.com/fleetscore/fleetscore/score/runtime"
	"github.com/fleetscore/fleetscore/score/runtime/sandbox"
)

//go:embed runner.py
var runner string

// bootstrap is the program that the interpreter is given: it executes what comes by its
// standard input.
const bootstrap = `import os, sys
wire = open(os.dup(0), "rb", 1 << 20)
exec(compile(wire.read(int(sys.argv[1])), "<fleetscore>", "exec"), {"__name__": "fleetscore", "wire": wire})`

// startFor is how long a process may take until its script is loaded.
const startFor = 3 * time.Minute

// worker is a process. One goroutine at a time uses it.
type worker struct {
	process sandbox.Process
	stop    context.CancelFunc
	scratch string
	in      *os.File // requests
	out     *os.File // answers
	said    tail     // what libraries print past Python
	answers *bufio.Reader
	// ended is the other end of out, by which we are told that the process has ended: that it is
	// closed does not tell, as who is left of it may have it too.
	ended   *os.File
	gone    chan struct{} // that was told
	took    time.Duration // about what a sensor takes
	printed []byte
	frame   []byte
	mu      sync.Mutex
	known   map[string]struct{} // models that it holds, as far as we know
	late    atomic.Bool         // it was ended as it took too long
	retire  bool
}

// tail keeps the end of what is written to it.
type tail struct {
	mu   sync.Mutex
	text []byte
}

const tailBytes = 8 << 10

func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	n := len(p)
	if len(p) > tailBytes {
		p = p[len(p)-tailBytes:]
	}
	if over := len(t.text) + len(p) - tailBytes; over > 0 {
		t.text = slices.Delete(t.text, 0, over)
	}
	t.text = append(t.text, p...)
	return n, nil
}

// take gives what came since the last time.
func (t *tail) take() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.text) == 0 {
		return ""
	}
	s := strings.ToValidUTF8(string(t.text), "�")
	t.text = t.text[:0]
	return s
}

// brokenError is that the script cannot be loaded, or ends the process that loads it. No other
// process would do better.
type brokenError struct {
	cause fleet.Cause
	text  string
}

func (e brokenError) Error() string { return e.text }

// start starts a process, and waits until the script is loaded.
func (r *Runtime) start(ctx context.Context) (*worker, error) {
	scratch, err := os.MkdirTemp(r.folder.Path, "worker-")
	if err != nil {
		return nil, fmt.Errorf("making a folder for a Python process: %w", err)
	}
	w := &worker{scratch: scratch, known: map[string]struct{}{}}
	if err := w.launch(r); err != nil { //nolint:contextcheck // the process outlives the call
		return nil, errors.Join(err, os.RemoveAll(scratch))
	}
	timer := time.AfterFunc(startFor, func() {
		w.late.Store(true)
		w.process.Kill()
	})
	defer timer.Stop()
	defer context.AfterFunc(ctx, w.process.Kill)()
	if err := w.greet(r); err != nil {
		return nil, errors.Join(err, w.close())
	}
	return w, nil
}

// launch starts the process, with its pipes. They are files, so that no goroutine copies
// between us and it. That of answers is one that blocks a thread which reads it: the others wake a
// thread for each answer, whether it is waited for or not, which costs more than all else that we do for a sensor.
func (w *worker) launch(r *Runtime) error {
	theirIn, in, err := os.Pipe()
	if err != nil {
		return err
	}
	defer theirIn.Close()
	if w.out, w.ended, err = blockingPipe(); err != nil {
		return errors.Join(err, in.Close())
	}
	widen(in)
	widen(w.out)
	w.in, w.gone = in, make(chan struct{})
	w.answers = bufio.NewReaderSize(w.out, 256<<10)
	ctx, stop := context.WithCancel(r.ctx)
	w.stop = stop
	w.process, err = r.cfg.Sandbox.Start(ctx, &sandbox.Spec{
		Argv: []string{r.interpreter, "-s", "-B", "-c", bootstrap, strconv.Itoa(len(runner))},
		Env:  r.env, Scratch: w.scratch, Binds: r.binds,
		Stdin: theirIn, Stdout: w.ended, Stderr: &w.said,
		Limits: sandbox.LimitsOf(r.cfg.Python.Confinement), Network: r.cfg.Python.Network == "host",
	})
	if err != nil {
		stop()
		return errors.Join(fmt.Errorf("starting a Python process: %w", err), in.Close(), w.out.Close(), w.ended.Close())
	}
	go func() {
		defer close(w.gone)
		_ = w.process.Wait()                  // how it ended is asked where that is wanted
		_, _ = w.ended.Write(make([]byte, 4)) // a frame of nothing
	}()
	return nil
}

// greet sends the runner and the script.
func (w *worker) greet(r *Runtime) error {
	begin, err := appendJSON([]byte(runner), "", r.settings)
	if err != nil {
		return err
	}
	sent := make(chan struct{})
	go func() {
		defer close(sent)
		_, _ = w.in.Write(begin) // that it has ended shows where answers are read
	}()
	defer func() { <-sent }()
	hello := false
	for {
		a, err := w.read(0)
		if err != nil {
			return w.startError(err, hello)
		}
		switch {
		case a.kind == isHello:
			hello = true
		case a.kind == isReady:
			return nil
		case a.kind == isPrinted:
			w.keep(a.text)
		case a.kind == isFailure && a.fault == ofNumpy:
			return fmt.Errorf("the interpreter has no numpy, which is all that it needs: give env a lock file with numpy in it: %s", a.text)
		case a.kind == isFailure:
			return brokenError{fleet.ScriptFailed, "the script cannot be loaded: " + a.text}
		default:
			return fmt.Errorf("%w: %q before there was a request", errProtocol, a.kind)
		}
	}
}

// startError says why a process came to nothing.
func (w *worker) startError(err error, hello bool) error {
	text := w.ending(err)
	switch {
	case w.late.Load():
		text = fmt.Sprintf("a Python process took longer than %s to load the script", startFor)
	case !hello:
		return fmt.Errorf("a Python process did not start: %s", text)
	}
	return brokenError{fleet.Crashed, "the script ends the process that loads it: " + text}
}

// ending waits for the process's end, and says how that was.
func (w *worker) ending(err error) string {
	ended := w.end(err)
	var why *sandbox.Ended
	text := "the process ended"
	switch {
	case errors.Is(err, errProtocol):
		text = err.Error()
	case errors.As(ended, &why) && (why.Limit != "" || !why.Killed || why.Signal != 0 || why.Code != 0):
		text = why.Error()
	}
	if said := strings.TrimSpace(string(w.printed) + w.said.take()); said != "" {
		if len(said) > 1500 {
			said = "…" + strings.ToValidUTF8(said[len(said)-1500:], "")
		}
		text += "; last it said:\n" + said
	}
	return text
}

// endFor is how long a process may take to end that has closed its pipes.
const endFor = 2 * time.Second

func (w *worker) end(err error) error {
	done := make(chan error, 1)
	go func() { done <- w.process.Wait() }()
	if !errors.Is(err, errProtocol) {
		select {
		case ended := <-done:
			return ended
		case <-time.After(endFor):
		}
	}
	w.process.Kill()
	return <-done
}

// read reads an answer.
func (w *worker) read(rows int) (a answer, err error) {
	a, w.frame, err = readAnswer(w.answers, w.frame, rows)
	return a, err
}

// maxPrinted bounds what is kept of what is printed for a sensor: the runner keeps less.
const maxPrinted = 32 << 10

func (w *worker) keep(text string) {
	if len(w.printed) < maxPrinted {
		w.printed = append(w.printed, text...)
	}
}

// output is what was printed since the last sensor.
func (w *worker) output() string {
	text := string(w.printed) + w.said.take()
	w.printed = w.printed[:0]
	return text
}

// close ends the process.
func (w *worker) close() error {
	w.stop()
	w.process.Kill()
	_ = w.process.Wait() // however it ended
	err := errors.Join(w.in.Close(), w.out.Close())
	<-w.gone
	return errors.Join(err, w.ended.Close(), os.RemoveAll(w.scratch))
}

// A turn is some requests on their way through a process.
type turn struct {
	requests []runtime.Request
	answers  []runtime.Answer
	queue    []int // requests without an answer, in the order in which the process has them
	rows     int   // of the greatest
}

// exchange has a process answer the requests of a queue. When it fails, it was the turn of
// the first that is left.
func (w *worker) exchange(ctx context.Context, t *turn, timeout time.Duration) (err error) {
	most := len(t.queue)
	sending := make(chan int, 2*most) // requests, again where their model was missing
	for _, i := range t.queue {
		sending <- i
		t.rows = max(t.rows, t.requests[i].Rows())
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		w.send(t.requests, sending)
	}()
	defer func() {
		close(sending)
		if err != nil {
			w.process.Kill() // or the sender may wait for ever
		}
		<-done
	}()
	var timer *time.Timer
	if timeout > 0 {
		timer = time.AfterFunc(timeout, func() {
			w.late.Store(true)
			w.process.Kill()
		})
		defer timer.Stop()
	}
	defer context.AfterFunc(ctx, w.process.Kill)()
	again := 0
	for len(t.queue) > 0 {
		w.rest(len(t.queue))
		a, err := w.read(t.rows)
		if err != nil {
			return err
		}
		switch head := t.queue[0]; {
		case a.kind == isPrinted:
			w.keep(a.text)
		case a.kind == isEvicted:
			w.forget(a.text)
		case a.id != uint32(head):
			return fmt.Errorf("%w: %q of sensor %d, and it was the turn of %d", errProtocol, a.kind, a.id, head)
		case a.kind == isMissing:
			if again++; again > most {
				return fmt.Errorf("%w: models are missing that it was given", errProtocol)
			}
			w.forget(modelKey(&t.requests[head]))
			t.queue = append(t.queue[1:], head)
			sending <- head
		case a.kind == isAnswer, a.kind == isFailure:
			if err := w.answer(&a, &t.requests[head], &t.answers[head]); err != nil {
				return err
			}
			t.queue = t.queue[1:]
			if timer != nil {
				timer.Reset(timeout)
			}
		default:
			return fmt.Errorf("%w: %q", errProtocol, a.kind)
		}
	}
	if timer != nil && !timer.Stop() {
		w.retire = true // it is being killed after all
	}
	return nil
}

// Each sleep and each waking costs as much as a small sensor, so we do not wait for single
// answers while there are many to come, but for a part of them.
const (
	leastRest = 200 * time.Microsecond
	mostRest  = 5 * time.Millisecond
)

// rest lets answers come, of which so many are missing.
func (w *worker) rest(missing int) {
	if pause := min(w.took*time.Duration(missing/2), mostRest); pause >= leastRest && w.answers.Buffered() == 0 {
		<-time.After(pause)
	}
}

// answer takes in what came of a sensor.
func (w *worker) answer(a *answer, q *runtime.Request, into *runtime.Answer) error {
	into.Took, into.Memory = a.took, a.memory
	w.took = (7*w.took + a.took) / 8
	w.retire = w.retire || a.retire
	switch {
	case a.kind == isAnswer:
		if err := a.put(q.Rows(), into); err != nil {
			return err
		}
	case a.fault == ofModel:
		into.Cause, into.Err = fleet.BadModel, fmt.Errorf("loading model %s in Python: %s", q.Key, a.text)
	default:
		into.Cause, into.Err = fleet.ScriptFailed, errors.New(a.text)
	}
	into.Output += w.output()
	return nil
}

// modelKey is how a process and we call a model: what load is given is its name too.
func modelKey(q *runtime.Request) string { return q.Digest + "/" + path.Base(q.Key) }

// hold notes that the process is given a model; false: it has it already.
func (w *worker) hold(key string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if _, ok := w.known[key]; ok {
		return false
	}
	w.known[key] = struct{}{}
	return true
}

func (w *worker) forget(key string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.known, key)
}

// send writes requests. That the process does not read them any more shows where
// answers are read.
func (w *worker) send(requests []runtime.Request, sending <-chan int) {
	var frames []byte
	var features []string
	for {
		i, ok := <-sending
		if !ok {
			return
		}
		q := &requests[i]
		var err error
		if features == nil || !slices.Equal(features, q.Features) {
			features = q.Features
			if frames, err = appendJSON(frames, featuresKind, features); err != nil {
				return
			}
		}
		key, name, bytesToo := "", "", false
		if q.Key != "" {
			key, name = modelKey(q), path.Base(q.Key)
			bytesToo = w.hold(key)
		}
		frames = appendSensor(frames, uint32(i), q, key, name, bytesToo)
		if bytesToo {
			frames = append(frames, q.Model...)
		}
		if len(frames) < 64<<10 && len(sending) > 0 {
			continue
		}
		if _, err = w.in.Write(frames); err != nil {
			for range sending { // until there are no more
			}
			return
		}
		frames = frames[:0]
	}
}
