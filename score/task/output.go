package task

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"hash"
	"io"
	"sync"

	"github.com/fleetscore/fleetscore/fleet"
	"github.com/fleetscore/fleetscore/score"
	"github.com/fleetscore/fleetscore/score/predictions"
	"github.com/fleetscore/fleetscore/score/readings"
	"github.com/fleetscore/fleetscore/sklearn"
	"github.com/fleetscore/fleetscore/store"
)

func digestOf(data []byte) string { return sklearn.Digest(data) }

// scoring is how set is scored.
func (a *attempt) scoring(set *readings.Set, out *hashing) (score.Config, error) {
	recipe := &a.manifest.Recipe
	cfg := score.Config{
		ModelName: a.models.name, Models: &a.models, Output: out, Foreign: a.foreign,
		Workers: a.cfg.Workers, Threshold: recipe.Threshold, Enter: a.cfg.Enter,
		Run: a.task.Run, Rev: a.manifest.Rev,
	}
	switch {
	case a.models.none:
		cfg.Models = nil
	case a.models.packed:
		cfg.Models = packedModels{&a.models}
	case a.cfg.Remote:
		cfg.Prefetch = modelsAhead
	}
	if recipe.Format == "csv" {
		cfg.Format = score.CSV
	}
	if recipe.Layout == "sensor" {
		cfg.Layout = predictions.Sensor
	}
	out.discard = set.Rows == 0 // nothing to predict: no file, rather than an empty one
	var err error
	if cfg.OutputName, err = a.outputName(); err != nil || cfg.Layout != predictions.Sensor {
		return cfg, err
	}
	out.names = newFileNames(cfg.OutputName, set)
	cfg.FileName = out.names.of
	return cfg, nil
}

// outputName names the file of all sensors, or that of each.
func (a *attempt) outputName() (store.KeyTemplate, error) {
	recipe := &a.manifest.Recipe
	name := fleet.PredictionsKey(a.manifest.Job, a.manifest.Interval, a.task)
	switch {
	case recipe.Layout != "sensor":
	case recipe.Entity == "device":
		name += "/preds_{device}"
	default:
		name += "/preds_{device}_{tag}"
	}
	return store.ParseKeyTemplate(name + "." + recipe.Format)
}

// hashing is a store that notes the size and the digest of what is written to it.
type hashing struct {
	store.Writer
	discard bool
	names   *fileNames // nil: there is one file, or no sensor

	mu      sync.Mutex
	outputs []fleet.Output
}

func newHashing(w store.Writer) *hashing { return &hashing{Writer: w} }

func (h *hashing) note(key string, size int64, sum []byte) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.outputs = append(h.outputs, fleet.Output{Key: key, Size: size, SHA256: hex.EncodeToString(sum)})
}

// Put implements store.Writer.
func (h *hashing) Put(ctx context.Context, key string, body io.Reader) error {
	if h.discard {
		_, err := io.Copy(io.Discard, body)
		return err
	}
	sum := &summing{Reader: body, sum: sha256.New()}
	if err := h.Writer.Put(ctx, key, sum); err != nil {
		return err
	}
	h.note(key, sum.size, sum.sum.Sum(nil))
	return nil
}

// PutAll implements store.BatchWriter.
func (h *hashing) PutAll(ctx context.Context, objects []store.Object) []error {
	errs := store.PutAll(ctx, h.Writer, objects)
	for i, o := range objects {
		if errs == nil || errs[i] == nil {
			sum := sha256.Sum256(o.Body)
			h.note(o.Key, int64(len(o.Body)), sum[:])
		}
	}
	return errs
}

// summing digests what is read through it.
type summing struct {
	io.Reader
	sum  hash.Hash
	size int64
}

func (s *summing) Read(p []byte) (int, error) {
	n, err := s.Reader.Read(p)
	s.sum.Write(p[:n])
	s.size += int64(n)
	return n, err
}
