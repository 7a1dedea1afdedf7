package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"github.com/fleetscore/fleetscore/sklearn"
)

// request is what a worker is asked; the Python worker has the same.
type request struct {
	Op       string         `json:"op"`
	Model    string         `json:"model,omitempty"` // a file, or a folder
	X        string         `json:"x,omitempty"`
	Out      string         `json:"out,omitempty"`
	Near     string         `json:"near,omitempty"`
	Far      string         `json:"far,omitempty"`
	A        string         `json:"a,omitempty"`
	B        string         `json:"b,omitempty"`
	Seed     int            `json:"seed,omitempty"`
	Features int            `json:"features,omitempty"`
	Rows     int            `json:"rows,omitempty"`
	Train    int            `json:"train,omitempty"`
	Models   int            `json:"models,omitempty"`
	Nu       float64        `json:"nu,omitempty"`
	Seconds  float64        `json:"seconds,omitempty"`
	Files    map[string]int `json:"files,omitempty"`
}

// answer is what a worker says.
type answer struct {
	Seconds    float64 `json:"seconds"`
	Allocs     float64 `json:"allocs"`
	Vectors    int     `json:"vectors"`
	Rows       int     `json:"rows"`
	Labels     int     `json:"labels"`
	Difference float64 `json:"difference"`
	Versions   string  `json:"versions"`
}

// serve is the worker that is fleetscore.
func serve(in io.Reader, out io.Writer) error {
	requests, answers := json.NewDecoder(in), json.NewEncoder(out)
	for {
		var r request
		if err := requests.Decode(&r); err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
		do, ok := map[string]func(request) (answer, error){"decide": decide, "load": load, "single": single}[r.Op]
		if !ok {
			return fmt.Errorf("nothing called %s is measured", r.Op)
		}
		a, err := do(r)
		if err != nil {
			return err
		}
		if err := answers.Encode(a); err != nil {
			return err
		}
	}
}

// repeat calls until the time is full, and says how long a call took and how many
// allocations it made.
func repeat(seconds float64, call func() error) (took, allocs float64, err error) {
	if err := call(); err != nil {
		return 0, 0, err
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	calls, begin := 0, time.Now()
	for elapsed := 0.0; elapsed < seconds || calls == 0; elapsed = time.Since(begin).Seconds() {
		if err := call(); err != nil {
			return 0, 0, err
		}
		calls++
	}
	took = time.Since(begin).Seconds() / float64(calls)
	runtime.ReadMemStats(&after)
	return took, float64(after.Mallocs-before.Mallocs) / float64(calls), nil
}

func decide(r request) (answer, error) {
	data, err := os.ReadFile(r.Model)
	if err != nil {
		return answer{}, err
	}
	m, err := sklearn.Load(data)
	if err != nil {
		return answer{}, err
	}
	x, err := readFloats(r.X)
	if err != nil {
		return answer{}, err
	}
	rows := sklearn.Matrix{Data: x, Rows: len(x) / r.Features, Cols: r.Features}
	var scores sklearn.Scores
	took, allocs, err := repeat(r.Seconds, func() error { return m.Score(rows, &scores) })
	if err != nil {
		return answer{}, err
	}
	return answer{Seconds: took, Allocs: allocs}, writeFloats(r.Out, scores.Decision)
}

func modelFiles(r request) ([][]byte, error) {
	names, err := filepath.Glob(filepath.Join(r.Model, "*", "*.pkl"))
	if err != nil {
		return nil, err
	}
	var files [][]byte
	for _, name := range names[:min(r.Models, len(names))] {
		data, err := os.ReadFile(name)
		if err != nil {
			return nil, err
		}
		files = append(files, data)
	}
	return files, nil
}

// load loads models from their bytes, one after the other, as a run does.
func load(r request) (answer, error) {
	files, err := modelFiles(r)
	if err != nil {
		return answer{}, err
	}
	var loader sklearn.Loader
	took, allocs, err := repeat(r.Seconds, func() error {
		for _, data := range files {
			if _, err := loader.Load(data); err != nil {
				return err
			}
		}
		return nil
	})
	return answer{Seconds: took / float64(len(files)), Allocs: allocs / float64(len(files))}, err
}

// single scores one row with each of many models, which are loaded.
func single(r request) (answer, error) {
	files, err := modelFiles(r)
	if err != nil {
		return answer{}, err
	}
	models := make([]*sklearn.Model, len(files))
	for i, data := range files {
		if models[i], err = sklearn.Load(data); err != nil {
			return answer{}, err
		}
	}
	x := sklearn.Column([]float64{0.5})
	var scores sklearn.Scores
	decision := make([]float64, len(models))
	took, allocs, err := repeat(r.Seconds, func() error {
		for i, m := range models {
			if err := m.Score(x, &scores); err != nil {
				return err
			}
			decision[i] = scores.Decision[0]
		}
		return nil
	})
	if err != nil {
		return answer{}, err
	}
	n := float64(len(models))
	return answer{Seconds: took / n, Allocs: allocs / n}, writeFloats(r.Out, decision)
}
