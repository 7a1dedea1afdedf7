package main

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/fleetscore/fleetscore/fleet"
	"github.com/fleetscore/fleetscore/score/runtime"
	"github.com/fleetscore/fleetscore/score/runtime/python"
	"github.com/fleetscore/fleetscore/score/runtime/sandbox"
	"github.com/fleetscore/fleetscore/sklearn"
)

// rowsEach is as in loop.py; batch is how many sensors score gives at once, and it has one
// caller more than there are processes.
const rowsEach, batch, workers = 60, 256, 2

func (b *bench) loop(what string, n int) ([]byte, error) {
	out, err := exec.Command(b.python, "bench/runtime/loop.py", what, b.folder, strconv.Itoa(n)).CombinedOutput()
	if err != nil {
		return nil, fmt.Errorf("loop.py %s: %w: %s", what, err, out)
	}
	return out, nil
}

func (b *bench) fit(context.Context) error {
	_, err := b.loop("fit", b.sensors)
	return err
}

// fleet is the requests of all sensors.
func (b *bench) fleet() ([]runtime.Request, error) {
	rows, err := os.ReadFile(filepath.Join(b.folder, "rows"))
	if err != nil {
		return nil, err
	}
	all := make([]runtime.Request, b.sensors)
	for i := range all {
		q := &all[i]
		q.Sensor, q.Key, q.Features = fleet.Sensor{Device: strconv.Itoa(i), Tag: "x"}, strconv.Itoa(i)+".pkl", []string{"value"}
		if q.Model, err = os.ReadFile(filepath.Join(b.folder, q.Key)); err != nil {
			return nil, err
		}
		q.Digest = sklearn.Digest(q.Model)
		for j := range rowsEach {
			q.Times = append(q.Times, int64(j)*1e9)
			q.Values = append(q.Values, math.Float64frombits(binary.LittleEndian.Uint64(rows[8*(i*rowsEach+j):])))
		}
	}
	return all, nil
}

func (b *bench) open(ctx context.Context, script string, processes int) (*python.Runtime, error) {
	box, err := sandbox.Find(ctx, sandbox.Bubblewrap, "")
	if err != nil {
		return nil, err
	}
	p := fleet.PythonRuntime{Interpreter: b.python, Confinement: fleet.Confinement{Memory: 2 << 30, Timeout: 30, Network: "none", Workers: processes}}
	if script != "" {
		p.Script = "score.py"
	}
	return python.New(ctx, python.Config{Python: p, Script: []byte(script), Sandbox: box})
}

// score has all sensors scored, in batches by so many callers as there are processes.
func score(ctx context.Context, r runtime.Runtime, all []runtime.Request, callers int) (seconds, inside float64, anomalies int, err error) {
	var calls errgroup.Group
	var next, found, took atomic.Int64
	start := time.Now()
	for range callers {
		calls.Go(func() error {
			answers := make([]runtime.Answer, batch)
			for {
				from := int(next.Add(batch)) - batch
				if from >= len(all) {
					return nil
				}
				part := all[from:min(from+batch, len(all))]
				if err := r.Score(ctx, part, answers[:len(part)]); err != nil {
					return err
				}
				for i := range part {
					a := &answers[i]
					if a.Err != nil {
						return fmt.Errorf("%s: %w", part[i].Sensor, a.Err)
					}
					took.Add(int64(a.Took))
					for _, l := range a.Label {
						if l == -1 {
							found.Add(1)
						}
					}
				}
			}
		})
	}
	err = calls.Wait()
	return time.Since(start).Seconds(), time.Duration(took.Load()).Seconds(), int(found.Load()), err
}

// speed compares with a bare loop, and with a process for each sensor.
func (b *bench) speed(ctx context.Context) error {
	all, err := b.fleet()
	if err != nil {
		return err
	}
	var ours [2][]float64   // loading the models, and asking them again
	var theirs [3][]float64 // and asking them for their decision alone, which is what we do
	for range b.rounds {
		out, err := b.loop("score", b.sensors)
		if err != nil {
			return err
		}
		var bare struct {
			Cold, Warm, Once float64
			Anomalies        int
		}
		if err := json.Unmarshal(out, &bare); err != nil {
			return err
		}
		for i, seconds := range []float64{bare.Cold, bare.Warm, bare.Once} {
			theirs[i] = append(theirs[i], seconds)
		}
		r, err := b.open(ctx, "", workers)
		if err != nil {
			return err
		}
		// Its imports are paid before, as theirs are: a batch for each process.
		warm := make([]runtime.Request, 0, workers*batch)
		for i := range workers * batch {
			warm = append(warm, all[i%8])
		}
		if _, _, _, err = score(ctx, r, warm, workers+1); err != nil {
			return err
		}
		for i := range 2 {
			seconds, _, anomalies, err := score(ctx, r, all, workers+1)
			if err != nil {
				return err
			}
			if anomalies != bare.Anomalies {
				return fmt.Errorf("%d anomalies, and the loop finds %d", anomalies, bare.Anomalies)
			}
			ours[i] = append(ours[i], seconds)
		}
		if err := r.Close(); err != nil {
			return err
		}
	}
	for i, what := range []string{"each model loaded and asked", "models loaded before", "models loaded before, and the loop asks for the decision alone"} {
		bare, own := median(theirs[i]), median(ours[min(i, 1)])
		b.add(fmt.Sprintf("speed of a bare warm loop, %d models × %d rows, %d processes, %s", b.sensors, rowsEach, workers, what),
			fmt.Sprintf("%.2f× (%.0f sensors/s, the loop %.0f)", bare/own, float64(b.sensors)/own, float64(b.sensors)/bare), aimed(bare/own >= 0.9, "≥ 0.9×"))
	}
	var each []float64
	for i := range 5 {
		start := time.Now()
		if _, err := b.loop("one", i); err != nil {
			return err
		}
		each = append(each, time.Since(start).Seconds())
	}
	once := median(each) / (median(ours[0]) / float64(b.sensors) * workers)
	b.add("beside a process for each sensor, on a core", fmt.Sprintf("%.0f× (%.2f s each)", once, median(each)), aimed(once >= 200, "≥ 200×"))
	return nil
}

// pipe measures what a sensor costs beside what its script takes.
func (b *bench) pipe(ctx context.Context) error {
	all, err := b.fleet()
	if err != nil {
		return err
	}
	r, err := b.open(ctx, "def load(path): return 0\ndef predict(model, X): return X[:, 0] > 30", 1)
	if err != nil {
		return err
	}
	defer func() { _ = r.Close() }()
	var overheads []float64
	for i := range b.rounds + 1 {
		seconds, inside, _, err := score(ctx, r, all, 1) // one caller: what it does is part of it
		if err != nil {
			return err
		}
		if i > 0 { // the models are there then, as they are where a script scores
			overheads = append(overheads, (seconds-inside)/float64(b.sensors))
		}
	}
	over := median(overheads) * 1e6
	b.add("overhead a sensor of the pipe", fmt.Sprintf("%.1f µs", over), aimed(over <= 30, "≤ 30 µs"))
	return nil
}

// crash measures from the crash of a process to the answer of the next sensor: the first time,
// and when another process is ready. A sensor is asked twice, so there are two of them.
func (b *bench) crash(ctx context.Context) error {
	const script = "import sklearn.pipeline, sklearn.svm, sklearn.preprocessing, ctypes\ndef predict(model, X, tag):\n  if tag == 'crash':\n    ctypes.string_at(0)\n  return X[:, 0] > 30"
	var first, later []float64
	for range b.rounds {
		r, err := b.open(ctx, script, 1)
		if err != nil {
			return err
		}
		sensor := func(tag string) runtime.Request {
			return runtime.Request{Sensor: fleet.Sensor{Device: "a", Tag: tag}, Features: []string{"value"}, Times: []int64{0}, Values: []float64{1}}
		}
		answers := make([]runtime.Answer, 2)
		for i := range 3 {
			requests := []runtime.Request{sensor("crash"), sensor("next")}
			if i == 0 {
				requests[0] = sensor("before")
			}
			start := time.Now()
			if err := r.Score(ctx, requests, answers); err != nil {
				return err
			}
			if answers[1].Err != nil || (answers[0].Cause == fleet.Crashed) != (i > 0) {
				return fmt.Errorf("a crash: %+v", answers)
			}
			seconds := time.Since(start).Seconds() / 2
			switch i {
			case 1:
				first = append(first, seconds)
			case 2:
				later = append(later, seconds)
			}
		}
		if err := r.Close(); err != nil {
			return err
		}
	}
	b.add("from a crash until work goes on, of a script that imports scikit-learn", fmt.Sprintf("%.2f s; soon after another %.2f s", median(first), median(later)),
		aimed(median(first) <= 2 && median(later) <= 2, "≤ 2 s"))
	return nil
}
