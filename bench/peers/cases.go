package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/fleetscore/fleetscore/sklearn/kernel"
)

// result is what one contestant took for one measure.
type result struct {
	Measure    string    `json:"measure"`
	Contestant string    `json:"contestant"`
	Seconds    []float64 `json:"seconds"` // by round, of what Per says
	Per        string    `json:"per"`
	Target     float64   `json:"target,omitempty"` // how often as fast as the peer it should be
	Peer       string    `json:"peer,omitempty"`
	Memory     float64   `json:"peak_megabytes,omitempty"`
	Note       string    `json:"note,omitempty"`
}

func availableTiers() []string {
	best, err := kernel.Tier()
	all := []string{"portable", "avx2", "avx512"}
	if i := slices.Index(all, best); err == nil && i >= 0 {
		return all[:i+1]
	}
	return nil
}

// contestant is one who takes part in a measure.
type contestant struct {
	name   string
	target float64
	peer   string
	// once measures one round, in seconds of what the measure counts.
	once func() (float64, error)
	note string
	peak *float64 // megabytes
}

// compete measures the contestants in turns.
func (b *bench) compete(measure, per string, contestants []contestant) error {
	results := make([]result, len(contestants))
	fmt.Fprintf(os.Stderr, "  %s\n", measure)
	for range b.rounds {
		for i, c := range contestants {
			seconds, err := c.once()
			if err != nil {
				return fmt.Errorf("%s: %s: %w", measure, c.name, err)
			}
			results[i].Seconds = append(results[i].Seconds, seconds)
		}
	}
	for i, c := range contestants {
		results[i].Measure, results[i].Per, results[i].Contestant = measure, per, c.name
		results[i].Target, results[i].Peer, results[i].Note = c.target, c.peer, c.note
		if c.peak != nil {
			results[i].Memory = *c.peak
		}
	}
	b.results = append(b.results, results...)
	return nil
}

// machines are the support-vector machines that are measured.
var machines = []struct {
	name                  string
	features, train, rows int
	nu                    float64
	targets               map[string]float64 // by tier
}{
	{"1 feature, 3,600 rows", 1, 200, 3600, 0.25, map[string]float64{"avx512": 50, "avx2": 25, "portable": 2.5}},
	{"10 features, 20,000 rows", 10, 5000, 20_000, 0.101, map[string]float64{"avx512": 35, "avx2": 18, "portable": 2.5}},
	{"200 features, 2,000 rows", 200, 2000, 2000, 0.225, map[string]float64{"avx512": 15, "avx2": 8, "portable": 1.2}},
}

// kernels measures decision functions, of rows near the support vectors and far from them.
func (b *bench) kernels() error {
	for i, m := range machines {
		file := func(name string) string { return filepath.Join(b.folder, fmt.Sprintf("machine-%d-%s", i, name)) }
		made, err := b.workers["python"].ask(request{Op: "fit", Seed: i + 1, Features: m.features, Train: m.train, Rows: m.rows, Nu: m.nu,
			Model: file("model.pkl"), Near: file("near"), Far: file("far")})
		if err != nil {
			return err
		}
		for _, where := range []string{"near", "far"} {
			measure := fmt.Sprintf("OneClassSVM rbf, %s, %d support vectors, %s", m.name, made.Vectors, where)
			if !b.only.MatchString(measure) {
				continue
			}
			r := request{Model: file("model.pkl"), X: file(where), Features: m.features, Seconds: b.sample()}
			if err := b.decisions(measure, r, m.targets); err != nil {
				return err
			}
		}
	}
	return nil
}

// sample is how long a worker repeats what it measures, in seconds.
func (b *bench) sample() float64 {
	if b.quick {
		return 0.05
	}
	return 0.3
}

func (b *bench) decisions(measure string, r request, targets map[string]float64) error {
	peer := r
	peer.Op, peer.Out = "decide_sklearn", r.X+".sklearn"
	contestants := []contestant{{name: "scikit-learn", once: b.asking("python", peer)}}
	onnx := r
	onnx.Op, onnx.Out = "decide_onnx", r.X+".onnx"
	contestants = append(contestants, contestant{name: "ONNX Runtime (float32)", once: b.asking("python", onnx)})
	for _, tier := range b.tiers {
		own := r
		own.Op, own.Out = "decide", r.X+"."+tier
		once := b.asking(tier, own)
		contestants = append(contestants, contestant{name: "fleetscore " + tier, target: targets[tier], peer: "scikit-learn",
			once: func() (float64, error) {
				seconds, err := once()
				if err == nil {
					err = b.agrees(own.Out, peer.Out)
				}
				return seconds, err
			}})
	}
	return b.compete(measure, "call", contestants)
}

// asking measures by asking a worker.
func (b *bench) asking(worker string, r request) func() (float64, error) {
	return func() (float64, error) {
		a, err := b.workers[worker].ask(r)
		if err == nil && a.Allocs >= 0.5 {
			err = fmt.Errorf("%.2f allocations, once warm", a.Allocs)
		}
		return a.Seconds, err
	}
}

func (b *bench) agrees(own, peer string) error {
	var values [3][]float64
	for i, path := range []string{own, peer, peer + ".bound"} {
		var err error
		if values[i], err = readFloats(path); err != nil {
			return err
		}
	}
	return agree(values[0], values[1], values[2])
}

// single measures one row for each of many models, which are loaded.
func (b *bench) single() error {
	const measure = "1 row a model, loaded (Pipeline of StandardScaler and OneClassSVM)"
	if !b.only.MatchString(measure) {
		return nil
	}
	r := request{Model: b.models(), Models: 1000, Seconds: b.sample()}
	peer, own := r, r
	peer.Op, peer.Out = "single_sklearn", filepath.Join(b.folder, "single.sklearn")
	own.Op, own.Out = "single", filepath.Join(b.folder, "single.fleetscore")
	return b.compete(measure, "model", []contestant{
		{name: "scikit-learn", once: b.asking("python", peer)},
		{name: "fleetscore " + b.best(), target: 300, peer: "scikit-learn", once: b.asking(b.best(), own)},
	})
}

func (b *bench) best() string { return b.tiers[len(b.tiers)-1] }

// loading measures models from their bytes.
func (b *bench) loading() error {
	const measure = "loading a model from its bytes"
	if !b.only.MatchString(measure) {
		return nil
	}
	r := request{Model: b.models(), Models: 1000, Seconds: b.sample()}
	peer, own := r, r
	peer.Op, own.Op = "load_pickle", "load"
	return b.compete(measure, "model", []contestant{
		{name: "pickle.loads", once: b.asking("python", peer)},
		{name: "fleetscore", target: 10, peer: "pickle.loads", once: b.asking(b.best(), own)},
	})
}
