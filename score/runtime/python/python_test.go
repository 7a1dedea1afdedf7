//go:build runtimes

package python_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/fleetscore/fleetscore/fleet"
	"github.com/fleetscore/fleetscore/score/runtime"
	"github.com/fleetscore/fleetscore/score/runtime/python"
	"github.com/fleetscore/fleetscore/score/runtime/sandbox"
	"github.com/fleetscore/fleetscore/sklearn"
)

// interpreter is the environment of the tests, with what users import.
func interpreter(t testing.TB) string {
	folder := os.Getenv("FLEETSCORE_VENVS")
	if folder == "" {
		t.Fatal("FLEETSCORE_VENVS does not name the folder of the Python environments; run make runtimes")
	}
	path, err := filepath.Abs(filepath.Join(folder, "runtimes", "bin", "python"))
	if err != nil {
		t.Fatal(err)
	}
	return path
}

var models = sync.OnceValues(func() (string, error) {
	folder, err := os.MkdirTemp("", "fleetscore-models-")
	return folder, err
})

var making sync.Mutex

// model reads a model that models.py makes, once for all tests.
func model(t testing.TB, name string) []byte {
	t.Helper()
	folder, err := models()
	if err != nil {
		t.Fatal(err)
	}
	making.Lock()
	defer making.Unlock()
	if _, err := os.Stat(filepath.Join(folder, "booster.txt")); err != nil {
		if out, err := exec.Command(interpreter(t), "testdata/models.py", folder).CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
	}
	data, err := os.ReadFile(filepath.Join(folder, name))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestMain(m *testing.M) {
	code := m.Run()
	if folder, err := models(); err == nil {
		_ = os.RemoveAll(folder)
	}
	os.Exit(code)
}

// confined is how all tests run what they run: nothing without bubblewrap.
func confined(t testing.TB) sandbox.Sandbox {
	t.Helper()
	box, err := sandbox.Find(t.Context(), sandbox.Bubblewrap, "")
	if err != nil {
		t.Fatal(err)
	}
	return box
}

type change func(*python.Config)

func open(t testing.TB, script string, changes ...change) *python.Runtime {
	t.Helper()
	cfg := python.Config{Script: []byte(script), Sandbox: confined(t), Cache: t.TempDir()}
	cfg.Python = fleet.PythonRuntime{Interpreter: interpreter(t), Confinement: fleet.Confinement{Memory: 1 << 30, Timeout: 20, Network: "none", Workers: 2}}
	if script != "" {
		cfg.Python.Script = "scripts/score.py"
	}
	for _, c := range changes {
		c(&cfg)
	}
	r, err := python.New(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	})
	return r
}

// request is of a sensor whose rows are (10, 10), (11, 10), …
func request(name string, rows int, key string, data []byte) runtime.Request {
	q := runtime.Request{Sensor: fleet.Sensor{Device: "pump 1", Tag: name}, Features: []string{"mean", "max"}}
	if data != nil {
		sum := sha256.Sum256(data)
		q.Key, q.Digest, q.Model = key, hex.EncodeToString(sum[:]), data
	}
	for i := range rows {
		q.Times = append(q.Times, time.Date(2026, 1, 1, 0, 0, i, 0, time.UTC).UnixNano())
		q.Values = append(q.Values, 10+float64(i), 10)
	}
	return q
}

func score(t testing.TB, r runtime.Runtime, requests ...runtime.Request) []runtime.Answer {
	t.Helper()
	answers := make([]runtime.Answer, len(requests))
	if err := r.Score(t.Context(), requests, answers); err != nil {
		t.Fatal(err)
	}
	return answers
}

// Python and the native kernels say the same of the same models, to the contract.
func TestEqualToNative(t *testing.T) {
	r := open(t, "")
	var requests []runtime.Request
	for n := range 24 {
		name := fmt.Sprintf("svm-%d.pkl", n)
		q := request(fmt.Sprint(n), 0, "models/"+name, model(t, name))
		for i := range 60 {
			q.Times = append(q.Times, int64(i))
			q.Values = append(q.Values, rand.NormFloat64()*3+10+float64(n), rand.NormFloat64()*3+10+float64(n))
		}
		requests = append(requests, q)
	}
	anomalies := 0
	for range 2 { // the second time the models are loaded already
		for i, a := range score(t, r, requests...) {
			if a.Err != nil {
				t.Fatal(requests[i].Sensor, a.Err)
			}
			native, err := sklearn.Load(requests[i].Model)
			if err != nil {
				t.Fatal(err)
			}
			var want sklearn.Scores
			if err := native.Score(sklearn.Matrix{Data: requests[i].Values, Rows: 60, Cols: 2}, &want); err != nil {
				t.Fatal(err)
			}
			for j := range want.Label {
				off := math.Abs(want.Decision[j] - a.Score[j])
				if off > 1e-12*want.Bound[j] || a.Label[j] != want.Label[j] && !want.Undecidable(j) {
					t.Errorf("%s row %d: %v, %d; native says %v, %d", requests[i].Sensor, j, a.Score[j], a.Label[j], want.Decision[j], want.Label[j])
				}
				if a.Label[j] == -1 {
					anomalies++
				}
			}
			if a.Took <= 0 || a.Memory < 1<<20 {
				t.Errorf("took %v and %d bytes", a.Took, a.Memory)
			}
		}
	}
	if anomalies < 100 {
		t.Errorf("%d anomalies: too few to tell", anomalies)
	}
}

// Without a script, models say what they say when they are asked for both, decision and label.
func TestEqualToTheModel(t *testing.T) {
	t.Parallel()
	without := open(t, "")
	with := open(t, "def predict(model, X):\n return model.decision_function(X), model.predict(X)")
	for _, name := range []string{"svm.pkl", "forest.pkl", "lof.pkl", "elliptic.pkl", "sgd.pkl", "classifier.pkl"} {
		q := request(name, 0, name, model(t, name))
		for i := range 400 {
			q.Times = append(q.Times, int64(i))
			q.Values = append(q.Values, rand.NormFloat64()*2+10, rand.NormFloat64()*2+10)
		}
		a, b := score(t, without, q)[0], score(t, with, q)[0]
		if a.Err != nil || b.Err != nil || !slices.Equal(a.Label, b.Label) || !slices.Equal(a.Score, b.Score) || !slices.Contains(a.Label, -1) || !slices.Contains(a.Label, 1) {
			t.Errorf("%s: %v, %v: %v and %v", name, a.Err, b.Err, a.Label, b.Label)
		}
	}
}

// What a script may be, and answer. The rows' first feature is 10, 11, 12, 13.
func TestScripts(t *testing.T) {
	t.Parallel()
	const failed = fleet.ScriptFailed
	svm := request("svm", 4, "models/a%2Fb/svm.pkl", model(t, "svm.pkl"))
	rule := request("rule", 4, "", nil)
	for _, c := range []struct {
		name, script string
		request      runtime.Request
		labels       string // + and -, by row
		cause        fleet.Cause
		text         string // of the error, or what is printed
	}{
		{"booleans", "def predict(model, X):\n return X[:,0] > 11", rule, "++--", "", ""},
		{"0 and 1", "def predict(model, X):\n return (X[:,0] > 11).astype(int)", rule, "++--", "", ""},
		{"-1 and 1", "import numpy as np\ndef predict(model, X):\n return np.where(X[:,0] > 11, -1, 1)", rule, "++--", "", ""},
		{"a list of floats", "def predict(model, X):\n return [1.0, 1, -1, 1]", rule, "++-+", "", ""},
		{"a column", "def predict(model, X):\n return X[:,:1] > 11", rule, "++--", "", ""},
		{"only 1 of 0 and 1", "def predict(model, X):\n return (X[:,0] > 5) * 1", rule, "----", "", ""},
		{"only 1 of -1 and 1", "def predict(model, X):\n return (X[:,0] < 50) * 2 - 1", rule, "++++", "", ""},
		{"only 1, as a model says", "def predict(model, X):\n return model.predict(X)", request("s", 1, "svm.pkl", model(t, "svm.pkl")), "+", "", ""},
		{"only 1, declared", "ANOMALY = 1\ndef predict(model, X):\n return [1] * len(X)", rule, "----", "", ""},
		{"only 1, for ever", "def predict(model, X):\n return [1] * len(X)", rule, "", failed, "ANOMALY = -1 or ANOMALY = 1"},
		{"scores and labels", "def predict(model, X):\n return 12 - X[:,0], X[:,0] > 12", rule, "+++-", "", ""},
		{"writes to X", "def predict(model, X):\n X[:,0] -= 11\n return X[:,0] > 0", rule, "++--", "", ""},
		{"a DataFrame", "import pandas as pd\ndef predict(model, X: pd.DataFrame):\n assert list(X) == ['mean', 'max'], X\n assert str(X.index[1]) == '2026-01-01 00:00:01+00:00', X.index\n return X['mean'] > 11", rule, "++--", "", ""},
		{"a DataFrame by its name", "def predict(model, X: 'DataFrame'):\n return X.iloc[:,0] > 11", rule, "++--", "", ""},
		{"names and times", "def predict(model, X, *, device, tag, times):\n assert (device, tag, str(times[1])) == ('pump 1', 'rule', '2026-01-01T00:00:01.000000000'), (device, tag, times)\n return X[:,0] > 11", rule, "++--", "", ""},
		{"load alone", "import joblib, os\ndef load(path):\n assert os.path.basename(path) == 'svm.pkl', path\n return joblib.load(path)", svm, "+++-", "", ""},
		{"load of nothing but the path", "def load(path):\n return path\ndef predict(model, X):\n return X[:,0] > len(open(model,'rb').read(2)) + 9", svm, "++--", "", ""},
		{"a class of the script", "class Limit:\n  def predict(self, X):\n    return X[:,0] > 11\ndef load(path):\n  return Limit()", svm, "++--", "", ""},
		{"LightGBM", "import lightgbm\ndef load(path):\n return lightgbm.Booster(model_file=path)\ndef predict(model, X):\n return model.predict(X) > 0.5", request("b", 4, "booster.txt", model(t, "booster.txt")), "+---", "", ""},
		{"no script, ONNX", "", request("o", 4, "m/model.onnx", model(t, "model.onnx")), "+++-", "", ""},
		{"no script, a network", "", request("o", 4, "m/net.onnx", model(t, "net.onnx")), "+++-", "", ""},
		{"no script, a forest", "", request("o", 4, "m/forest.pkl", model(t, "forest.pkl")), "++--", "", ""},
		{"print and logging", "import logging, sys\nprint('by me')\ndef predict(model, X):\n print('this', len(X))\n logging.info('and that')\n sys.stderr.write('and')\n return X[:,0] > 11", rule, "++--", "", "by me\nthis 4\nINFO root: and that\nand"},

		{"no model", "", request("m", 4, "m/x.pkl", []byte("no model")), "", fleet.BadModel, "loading model m/x.pkl in Python: "},
		{"too short", "def predict(model, X):\n return [True]", rule, "", failed, "there are 4 rows"},
		{"too wide", "def predict(model, X):\n return X", rule, "", failed, "(4, 2)"},
		{"nothing", "def predict(model, X):\n pass", rule, "", failed, "predict returned nothing"},
		{"words", "def predict(model, X):\n return ['normal'] * len(X)", rule, "", failed, "the type <U6"},
		{"scores alone", "def predict(model, X):\n return X[:,0]", rule, "", failed, "with scores, return (scores, labels)"},
		{"both kinds of labels", "def predict(model, X):\n return [1, 0, -1, 1]", rule, "", failed, "predict returned -1, 0 and 1"},
		{"NaN", "import numpy as np\ndef predict(model, X):\n return X[:,0] * np.nan, [1, 1, 1, -1]", rule, "", failed, "4 of the scores that predict returned are NaN"},
		{"an exception", "def predict(model, X):\n  return deeper(X)\ndef deeper(X):\n  raise ValueError('oh no')", rule, "", failed, "ValueError: oh no\n  File \"score.py\", line 2, in predict\n    return deeper(X)"},
		{"an end", "import sys\ndef predict(model, X):\n  sys.exit(3)", rule, "", failed, "SystemExit: 3"},
		{"no syntax", "def predict(model, X):\n  return (", rule, "", failed, "SyntaxError"},
		{"no module", "import surely_not_there", rule, "", failed, "No module named 'surely_not_there'"},
		{"an end while it is loaded", "import os\nos._exit(4)", rule, "", fleet.Crashed, "exit code 4"},
		{"a predict of one", "def predict(X):\n  return X", rule, "", failed, "predict(model, X)"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r := open(t, c.script, func(cfg *python.Config) { cfg.Python.Workers = 1 })
			a := score(t, r, c.request)[0]
			if c.cause != "" {
				if a.Cause != c.cause || a.Err == nil || !strings.Contains(a.Err.Error(), c.text) || strings.Contains(a.Err.Error(), "<fleetscore>") {
					t.Errorf("%s: %v", a.Cause, a.Err)
				}
				return
			}
			labels := ""
			for _, l := range a.Label {
				labels += map[int8]string{1: "+", -1: "-"}[l]
			}
			if a.Err != nil || labels != c.labels || len(a.Score) != len(a.Label) || strings.TrimSpace(a.Output) != c.text {
				t.Errorf("labels %q, scores %v, printed %q, %v", labels, a.Score, a.Output, a.Err)
			}
		})
	}
}

// What labels mean is told of each model by itself, whoever was asked before.
func TestMeaningOfLabels(t *testing.T) {
	t.Parallel()
	const script = `
def load(path):
    return open(path).read()
def predict(model, X):
    return (X[:,0] < 50) * 2 - 1 if model == "-1 and 1" else (X[:,0] > 5) * 1`
	r := open(t, script, func(cfg *python.Config) { cfg.Python.Workers = 1 })
	minus, zero := request("m", 4, "m/minus", []byte("-1 and 1")), request("z", 4, "m/zero", []byte("0 and 1"))
	for _, a := range [][]runtime.Request{{minus, zero}, {zero, minus}} {
		for i, answer := range score(t, r, a...) {
			want := map[string]int8{"m": 1, "z": -1}[a[i].Sensor.Tag]
			if answer.Err != nil || len(answer.Label) != 4 || answer.Label[0] != want {
				t.Errorf("%s: %v, %v; labels of %d are wanted", a[i].Sensor, answer.Label, answer.Err, want)
			}
		}
	}
}

// A script is in the encoding that it says, and in UTF-8 if it says none, as for Python.
func TestEncodingOfScript(t *testing.T) {
	t.Parallel()
	const predict = "def predict(model, X):\n print(ascii('\xe9'))\n return X[:,0] > 11"
	rule := request("e", 4, "", nil)
	if a := score(t, open(t, "# -*- coding: latin-1 -*-\n"+predict), rule)[0]; a.Output != "'\\xe9'\n" {
		t.Errorf("latin-1: %q, %v", a.Output, a.Err)
	}
	a := score(t, open(t, predict), rule)[0]
	if a.Cause != fleet.ScriptFailed || !strings.Contains(a.Err.Error(), "SyntaxError") || !strings.Contains(a.Err.Error(), "score.py") {
		t.Errorf("no UTF-8: %s, %v", a.Cause, a.Err)
	}
}

// A thread that a script has started prints while answers are on their way.
func TestThreadThatPrints(t *testing.T) {
	t.Parallel()
	const script = `
import threading, time
def chat():
    while True:
        print("still here")
        time.sleep(0.0001)
threading.Thread(target=chat, daemon=True).start()
def predict(model, X):
    return X[:,0], X[:,0] > 11`
	r := open(t, script, func(cfg *python.Config) { cfg.Python.Workers = 1 })
	var requests []runtime.Request
	for range 20 {
		requests = append(requests, request("t", 50_000, "", nil))
	}
	for i, a := range score(t, r, requests...) {
		if a.Err != nil || len(a.Label) != 50_000 || a.Label[0] != 1 || a.Label[2] != -1 {
			t.Fatalf("answer %d: %d labels, %v", i, len(a.Label), a.Err)
		}
	}
}

// poison does harm to whoever scores the sensor that is called after it.
const poison = `
import os, sys, time, ctypes, signal, threading
import numpy as np

def loop_for_ever():
    while True:
        pass

def fork_without_end():
    while True:
        try:
            os.fork()
        except OSError:
            pass

def allocate():
    all = []
    while True:
        all.append(np.ones(1 << 27))
        if len(all) >= 10:
            return

def dying_thread():
    threading.Thread(target=lambda: ctypes.string_at(0)).start()
    time.sleep(10)

def print_a_gigabyte():
    for _ in range(1 << 14):
        print("x" * (1 << 16))

def write_a_gigabyte():
    for _ in range(1 << 14):
        os.write(1, b"y" * (1 << 16))

def lie():
    for fd in range(3, 20):
        try:
            os.write(fd, b"\x10\0\0\0A\0\0\0\0\0\0\0garbage garbage garbage")
        except OSError:
            pass

def answer_twice():
    if os.fork() == 0:
        return

harms = {
    "segfault": lambda: ctypes.string_at(0), "exit": lambda: os._exit(3), "exit 0": lambda: os._exit(0),
    "loop": loop_for_ever, "allocate": allocate, "print": print_a_gigabyte, "write": write_a_gigabyte, "kill": lambda: os.kill(os.getpid(), signal.SIGKILL),
    "raise": lambda: 1 / 0, "fork": fork_without_end, "lie": lie, "thread": dying_thread, "close": lambda: os.closerange(0, 100),
    "twice": answer_twice, "recursion": lambda: harms["recursion"](), "everything": lambda: os.kill(-1, signal.SIGKILL),
}

def predict(model, X, tag):
    if tag in harms:
        harms[tag]()
    if tag == "length":
        return [1]
    return X[:, 0] > 11
`

// Whatever a sensor's model does costs that sensor, and no other.
func TestPoison(t *testing.T) {
	for _, c := range []struct {
		harm  string
		cause fleet.Cause // empty: it does no harm
		text  string
	}{
		{"segfault", fleet.Crashed, "Segmentation fault"},
		{"exit", fleet.Crashed, "exit code 3"},
		{"exit 0", fleet.Crashed, "the process ended"},
		{"loop", fleet.TimedOut, "longer than 3s"},
		{"allocate", "", "memory"}, // an exception or a crash, by what limits there are
		{"length", fleet.ScriptFailed, "4 rows"},
		{"print", "", ""}, {"write", "", ""}, {"twice", "", ""},
		{"raise", fleet.ScriptFailed, "ZeroDivisionError"},
		{"fork", fleet.TimedOut, "longer than 3s"},
		{"lie", fleet.ScriptFailed, "no answer"},
		{"thread", fleet.Crashed, "Segmentation fault"},
		{"close", fleet.Crashed, ""},
		{"kill", fleet.Crashed, "signal 9"},
		{"everything", fleet.ScriptFailed, "ProcessLookupError"}, // it is alone
		{"recursion", fleet.ScriptFailed, "RecursionError"},
	} {
		t.Run(c.harm, func(t *testing.T) {
			r := open(t, poison, func(cfg *python.Config) { cfg.Python.Timeout, cfg.Python.Memory, cfg.Python.Workers = 3, 512<<20, 1 })
			var requests []runtime.Request
			for i := range 12 {
				name := fmt.Sprint("healthy ", i)
				if i == 5 {
					name = c.harm
				}
				requests = append(requests, request(name, 4, "", nil))
			}
			for range 2 { // what is left of the harm hurts none later
				for i, a := range score(t, r, requests...) {
					healthy := i != 5 || c.cause == "" && c.harm != "allocate"
					right := a.Err == nil && fmt.Sprint(a.Label) == "[1 1 -1 -1]"
					if healthy && !right || !healthy && a.Err == nil {
						t.Errorf("%s: %v, %v: %v", requests[i].Sensor, a.Label, a.Cause, a.Err)
					}
					if !healthy && (c.harm != "allocate" && a.Cause != c.cause || !strings.Contains(strings.ToLower(a.Err.Error()), strings.ToLower(c.text))) {
						t.Errorf("%s: %s: %v", c.harm, a.Cause, a.Err)
					}
					if len(a.Output) > 64<<10 {
						t.Errorf("%s: %d bytes of what it printed are kept", requests[i].Sensor, len(a.Output))
					}
				}
			}
		})
	}
}

// recorder is a sandbox that knows what it has started.
type recorder struct {
	sandbox.Sandbox
	mu      sync.Mutex
	started []sandbox.Process
}

func (r *recorder) Start(ctx context.Context, spec *sandbox.Spec) (sandbox.Process, error) {
	p, err := r.Sandbox.Start(ctx, spec)
	r.mu.Lock()
	defer r.mu.Unlock()
	if err == nil {
		r.started = append(r.started, p)
	}
	return p, err
}

// killOne kills a process at random.
func (r *recorder) killOne() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if n := len(r.started); n > 0 {
		r.started[n-1-rand.IntN(min(n, 3))].Kill()
	}
}

// Whenever processes are killed, what is answered is right, and nearly all is.
func TestKilledAtAnyInstant(t *testing.T) {
	box := &recorder{Sandbox: confined(t)}
	r := open(t, "import time\ndef predict(model, X, tag):\n  time.sleep(0.002)\n  return X[:,0] > 10 + int(tag) % 4", func(cfg *python.Config) { cfg.Sandbox = box })
	const sensors, rounds = 100, 4
	var requests []runtime.Request
	for i := range sensors {
		requests = append(requests, request(fmt.Sprint(i), 8, "", nil))
	}
	stop := make(chan struct{})
	killed := make(chan int, 1)
	go func() {
		n := 0
		for {
			select {
			case <-time.After(time.Duration(rand.IntN(400)) * time.Millisecond):
				box.killOne()
				n++
			case <-stop:
				killed <- n
				return
			}
		}
	}()
	var wrong, crashed int
	var mu sync.Mutex
	var calls sync.WaitGroup
	for range 2 {
		calls.Go(func() {
			for range rounds {
				answers := make([]runtime.Answer, sensors)
				if err := r.Score(t.Context(), requests, answers); err != nil {
					// A process that is killed before it runs at all tells of nothing but that.
					if !strings.Contains(err.Error(), "did not start") {
						t.Error(err)
					}
					continue
				}
				mu.Lock()
				for i, a := range answers {
					if a.Cause == fleet.Crashed {
						crashed++
						continue
					}
					for row, l := range a.Label {
						if want := row > i%4; a.Err != nil || (l == -1) != want {
							wrong++
						}
					}
				}
				mu.Unlock()
			}
		})
	}
	calls.Wait()
	close(stop)
	n := <-killed
	if wrong > 0 || crashed > n/2 {
		t.Errorf("%d wrong, %d crashed of %d, with %d kills", wrong, crashed, 2*rounds*sensors, n)
	}
}
