package score

import (
	"context"
	"errors"
	"fmt"
	"hash/maphash"
	"slices"
	"strings"
	"sync"

	"github.com/fleetscore/fleetscore/fleet"
	"github.com/fleetscore/fleetscore/score/readings"
	"github.com/fleetscore/fleetscore/sklearn"
	"github.com/fleetscore/fleetscore/store"
)

// model is a sensor's model, or why there is none. It is loaded once, by whoever comes first.
type model struct {
	once   sync.Once
	loaded *sklearn.Model
	digest string
	cause  fleet.Cause
	err    error
	// What a program scores is not loaded: its key, its bytes, and why it was not read natively.
	key    string
	data   []byte
	reason error
}

// library finds and loads models.
type library struct {
	models  Models // nil: there are none
	name    store.KeyTemplate
	foreign *Foreign
	// shared holds the models by key where the template leaves out the device or
	// the tag, so that several sensors have the same one; else nil.
	mu     sync.Mutex
	shared map[string]*model
}

// maxShared bounds how many shared models are held. Past that, those that are
// needed again are loaded again.
const maxShared = 1024

func newLibrary(cfg Config) *library {
	l := &library{models: cfg.Models, name: cfg.ModelName, foreign: cfg.Foreign}
	if text := l.name.String(); !strings.Contains(text, "{device}") || !strings.Contains(text, "{tag}") {
		l.shared = make(map[string]*model)
	}
	return l
}

// A desk is where one worker loads the models that only it needs, one after the
// other in the same memory.
type desk struct {
	loader sklearn.Loader
	model  model
	file   []byte
}

// get loads the model of a sensor. own is where several pieces of the sensor
// keep it; if it is nil, the model is good until the next call with the same desk.
func (l *library) get(ctx context.Context, s fleet.Sensor, own *model, d *desk) *model {
	if l.models == nil {
		return &model{}
	}
	key := l.name.Expand(s)
	m := own
	switch {
	case l.shared != nil:
		l.mu.Lock()
		if m = l.shared[key]; m == nil {
			if len(l.shared) >= maxShared {
				clear(l.shared)
			}
			m = &model{}
			l.shared[key] = m
		}
		l.mu.Unlock()
	case own == nil:
		d.model = model{}
		l.load(ctx, &d.model, key, d, d.loader.Load)
		return &d.model
	}
	m.once.Do(func() { l.load(ctx, m, key, d, sklearn.Load) })
	return m
}

func (l *library) load(ctx context.Context, m *model, key string, d *desk, load func([]byte) (*sklearn.Model, error)) {
	data, err := l.fetch(ctx, m, key, d)
	switch {
	case errors.Is(err, store.ErrNotFound):
		m.cause, m.err = fleet.NoModel, fmt.Errorf("no model %s", key)
		return
	case err != nil:
		m.cause, m.err = fleet.BadModel, fmt.Errorf("reading model %s: %w", key, err)
		return
	}
	if l.foreign != nil && !l.foreign.Fallback {
		m.key, m.data = key, data
		return
	}
	if m.loaded, err = load(data); err != nil && l.foreign != nil {
		m.key, m.data, m.reason = key, data, err
	} else if err != nil {
		m.cause, m.err = fleet.BadModel, fmt.Errorf("loading model %s: %w", key, err)
		if errors.Is(err, sklearn.ErrUnsupported) {
			m.cause = fleet.UnsupportedModel
		}
	}
}

// fetch gets the file of a model, and its digest.
func (l *library) fetch(ctx context.Context, m *model, key string, d *desk) (data []byte, err error) {
	if known, ok := l.models.(Digester); ok {
		data, m.digest, err = known.Model(ctx, key)
		return data, err
	}
	if data, err = l.models.Get(ctx, key, d.file); err == nil {
		if l.foreign == nil { // else others may hold it for longer
			d.file = data
		}
		m.digest = sklearn.Digest(data)
	}
	return data, err
}

// findUnused lists the models that no sensor of set asks for. That the folder
// cannot be listed harms nobody's predictions, so it is only noted.
func (l *library) findUnused(ctx context.Context, set *readings.Set, report *Report) error {
	if l.models == nil {
		return nil
	}
	seed := maphash.MakeSeed()
	used := make([]uint64, len(set.Series))
	for i, series := range set.Series {
		used[i] = maphash.String(seed, l.name.Expand(series.Sensor))
	}
	slices.Sort(used)
	prefix, _, _ := strings.Cut(l.name.String(), "{")
	for key, err := range store.Keys(ctx, l.models, prefix) {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if err != nil {
			report.UnusedError = err.Error()
			break
		}
		if _, ok := slices.BinarySearch(used, maphash.String(seed, key)); ok {
			continue
		}
		if _, ok := l.name.Match(key); ok {
			report.UnusedModels = append(report.UnusedModels, key)
		}
	}
	return nil
}
