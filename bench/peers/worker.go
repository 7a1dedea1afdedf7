package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
)

// bench is one run.
type bench struct {
	options
	ctx      context.Context
	python   string // the interpreter
	program  string // fleetscore
	workers  map[string]*worker
	tiers    []string
	versions string
	results  []result
}

// worker is a process that does what it is asked.
type worker struct {
	name string
	cmd  *exec.Cmd
	in   io.WriteCloser
	out  *bufio.Reader
}

// startWorker starts a worker, pinned to the first core where that can be done.
func (b *bench) startWorker(name string, env []string, args ...string) error {
	if taskset, err := exec.LookPath("taskset"); err == nil {
		args = append([]string{taskset, "-c", "0"}, args...)
	}
	w := &worker{name: name, cmd: exec.CommandContext(b.ctx, args[0], args[1:]...)}
	w.cmd.Env = append(os.Environ(), append(env, "OMP_NUM_THREADS=1", "OPENBLAS_NUM_THREADS=1", "GOMAXPROCS=1")...)
	w.cmd.Stderr = os.Stderr
	out, err := w.cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if w.in, err = w.cmd.StdinPipe(); err != nil {
		return err
	}
	w.out = bufio.NewReader(out)
	b.workers[name] = w
	return w.cmd.Start()
}

func (w *worker) ask(r request) (answer, error) {
	var a answer
	if err := json.NewEncoder(w.in).Encode(r); err != nil {
		return a, fmt.Errorf("%s: %w", w.name, err)
	}
	line, err := w.out.ReadBytes('\n')
	if err != nil {
		return a, fmt.Errorf("%s ended while it did %s: %w", w.name, r.Op, err)
	}
	return a, json.Unmarshal(line, &a)
}

// environment makes the peers' Python environment, unless it is there.
func (b *bench) environment() error {
	if err := os.MkdirAll(b.folder, 0o755); err != nil {
		return err
	}
	b.python = filepath.Join(b.folder, "venv", "bin", "python")
	b.program = filepath.Join(b.folder, "fleetscore")
	if err := b.exec("go", "build", "-trimpath", "-o", b.program, "./cmd/fleetscore"); err != nil {
		return err
	}
	lock, err := os.ReadFile("bench/python/requirements.txt")
	if err != nil {
		return fmt.Errorf("run this in the root of the repository: %w", err)
	}
	stamp := filepath.Join(b.folder, "venv", "lock")
	if made, err := os.ReadFile(stamp); err == nil && string(made) == string(lock) {
		return nil
	}
	interpreter, err := exec.LookPath("python3.11")
	if err != nil {
		return errors.New("needs Python 3.11 with venv, for example: apt-get install python3-venv (Debian 12)")
	}
	if err := b.exec(interpreter, "-m", "venv", "--clear", filepath.Join(b.folder, "venv")); err != nil {
		return err
	}
	if err := b.exec(b.python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input", "--require-hashes",
		"--only-binary", ":all:", "-r", "bench/python/requirements.txt"); err != nil {
		return err
	}
	return os.WriteFile(stamp, lock, 0o600)
}

func (b *bench) exec(name string, args ...string) error {
	cmd := exec.CommandContext(b.ctx, name, args...)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s %v: %w\n%s", name, args, err, out)
	}
	return nil
}

// start starts the workers: Python, and fleetscore with each tier that the processor has.
func (b *bench) start() error {
	b.workers = make(map[string]*worker)
	if err := b.startWorker("python", nil, b.python, "bench/python/worker.py"); err != nil {
		return err
	}
	a, err := b.workers["python"].ask(request{Op: "versions"})
	if err != nil {
		return err
	}
	b.versions = a.Versions
	self, err := os.Executable()
	if err != nil {
		return err
	}
	for _, tier := range availableTiers() {
		if err := b.startWorker(tier, []string{"FLEETSCORE_KERNEL=" + tier}, self, "worker"); err != nil {
			return err
		}
		b.tiers = append(b.tiers, tier)
	}
	return nil
}

func (b *bench) close() {
	for _, w := range b.workers {
		_ = w.in.Close()
		_ = w.cmd.Wait()
	}
}
