package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/fleetscore/fleetscore/executor/local"
	"github.com/fleetscore/fleetscore/fleet"
	"github.com/fleetscore/fleetscore/score/runtime"
	"github.com/fleetscore/fleetscore/score/task"
	"github.com/fleetscore/fleetscore/store/pack"
)

// Node is what executes tasks: a child process of the service, or whatever an
// engine starts.
type Node struct {
	Name    string
	Cache   string // folder for packs; empty: none are kept
	Workers int    // 0: as many as there are cores

	mu      sync.Mutex
	runners map[string]*task.Runner // by store
	opened  []io.Closer
}

// cacheBytes bounds the packs that a node's folder keeps.
const cacheBytes = 4 << 30

// Serve executes what comes in, until in ends or ctx does.
func (n *Node) Serve(ctx context.Context, in io.Reader, out io.Writer) error {
	defer n.close()
	return local.Serve(ctx, in, out, n.Run)
}

// RunOne executes one attempt at a task of a manifest, whose run and generation
// the manifest's name tells, and lets go of the store.
func (n *Node) RunOne(ctx context.Context, manifest string, t fleet.Task) error {
	defer n.close()
	_, key, err := splitManifest(manifest)
	if err != nil {
		return err
	}
	parts := strings.Split(key, "/")
	if len(parts) == 3 {
		t.Run = parts[1]
		_, err = fmt.Sscanf(parts[2], "manifest-%d.json", &t.Generation)
	}
	if len(parts) != 3 || err != nil {
		return fmt.Errorf("%s is no manifest; one is at …/runs/<run>/manifest-0.json", key)
	}
	return n.Run(ctx, manifest, t, nil)
}

// Run executes one attempt at a task.
func (n *Node) Run(ctx context.Context, manifest string, t fleet.Task, progress func(fleet.Progress)) error {
	l, key, err := splitManifest(manifest)
	if err != nil {
		return err
	}
	r, err := n.runner(ctx, l)
	if err != nil {
		return err
	}
	return r.Run(ctx, key, t, progress)
}

// close lets go of stores.
func (n *Node) close() {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, r := range n.runners {
		r.Close()
	}
	for _, c := range n.opened {
		_ = c.Close() // what was written is durable already
	}
	n.opened, n.runners = nil, nil
}

// runner opens the store of a manifest, once.
func (n *Node) runner(ctx context.Context, l location) (*task.Runner, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if r := n.runners[l.text]; r != nil {
		return r, nil
	}
	s, err := openExisting(ctx, l)
	if err != nil {
		return nil, task.OpenError(err)
	}
	enter, err := faults(os.Getenv("FLEETSCORE_INJECT"))
	if err != nil {
		return nil, errors.Join(err, s.Close())
	}
	cfg := task.Config{Store: s, Remote: l.remote(), Node: n.Name, Workers: n.Workers, Enter: enter}
	cfg.OpenRuntime = func(ctx context.Context, r *fleet.Runtime) (runtime.Runtime, error) {
		return openRuntime(ctx, r, s, n.Cache, n.Workers)
	}
	if l.remote() { // a folder of this machine needs no copy on it
		cfg.Cache = pack.Cache{Folder: n.Cache, Bytes: cacheBytes}
	}
	if n.runners == nil {
		n.runners = make(map[string]*task.Runner)
	}
	r := task.NewRunner(cfg)
	n.runners[l.text] = r
	n.opened = append(n.opened, s)
	return r, nil
}

// faults makes sensors do harm to whoever scores them, for tests of what happens
// then: "crash:device/tag,hang:device/tag,memory:device/tag".
func faults(text string) (func(fleet.Sensor), error) {
	if text == "" {
		return nil, nil
	}
	harm := map[string]func(){
		"crash":  func() { panic("a crash was injected") },
		"hang":   func() { select {} },
		"memory": useMemory,
		"slow":   func() { <-time.After(200 * time.Millisecond) },
	}
	by := map[string]func(){}
	for item := range strings.SplitSeq(text, ",") {
		kind, sensor, _ := strings.Cut(item, ":")
		if harm[kind] == nil {
			return nil, fmt.Errorf("FLEETSCORE_INJECT: %q is none of crash:, hang:, memory:, slow: with device/tag", item)
		}
		by[sensor] = harm[kind]
	}
	return func(s fleet.Sensor) {
		if do := by[s.String()]; do != nil {
			do()
		}
	}, nil
}

// useMemory takes more and more, as a model that unfolds would.
func useMemory() {
	var all [][]byte
	for {
		block := make([]byte, 16<<20)
		for i := 0; i < len(block); i += 4096 {
			block[i] = 1
		}
		all = append(all, block)
		if len(all) == 1<<16 {
			return
		}
	}
}
