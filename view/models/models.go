// Package models knows the models of a deployment: which there are, of what kinds, how old,
// and what is in each. It looks at files as data and executes nothing (package sklearn).
//
//	c := &models.Catalogue{Store: s, Templates: templates, Now: time.Now}
//	page, next, err := c.List(ctx, "pump", "", 50)
//	summary, err := c.Summary(ctx)
//
// Names are listed at most every half a minute. A summary is made by a goroutine in the
// background, once it is asked for, and remembers each file by its size and time, so that
// only what has changed is read again.
package models

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/fleetscore/fleetscore/fleet"
	"github.com/fleetscore/fleetscore/sklearn"
	"github.com/fleetscore/fleetscore/store"
)

// Model is a model file, and what is in it.
type Model struct {
	Key      string    `json:"key"`
	Modified time.Time `json:"modified"`
	Device   string    `json:"device,omitempty" doc:"the sensor whose name it has; none: it has that of no one sensor"`
	Tag      string    `json:"tag,omitempty"`
	Jobs     []string  `json:"jobs,omitempty" nullable:"false" doc:"that score with it"`
	sklearn.Info
	Error string `json:"error,omitempty" doc:"why it cannot be read as a model at all"`
}

type (
	// Info is what is in a model's file.
	Info = sklearn.Info
	// Step is one estimator of it.
	Step = sklearn.Step
	// Param is one of its parameters.
	Param = sklearn.Param
	// ArrayInfo is one of its arrays.
	ArrayInfo = sklearn.ArrayInfo
	// Global is a name that the file has in it.
	Global = sklearn.Global
)

// Template is how the models of some jobs are called.
type Template struct {
	store.KeyTemplate
	Jobs []string
}

// Catalogue is the models of a deployment. It may be used by many goroutines at once.
type Catalogue struct {
	Store     store.Store
	Templates func() []Template
	Now       func() time.Time

	listing sync.Mutex // one at a time lists
	mu      sync.Mutex
	names   []entry
	listed  time.Time
	known   map[string]looked // by key
	busy    bool
	stop    context.CancelFunc
	done    sync.WaitGroup
}

// entry is a file that is there.
type entry struct {
	store.Info
	sensor fleet.Sensor
	jobs   []string
}

// Bounds of a catalogue.
const (
	mostModels = 2_000_000
	fresh      = 30 * time.Second
	mostModel  = 64 << 20 // bytes of a file that is looked at
)

// entries are the files that there are, by key.
func (c *Catalogue) entries(ctx context.Context) ([]entry, error) {
	c.listing.Lock()
	defer c.listing.Unlock()
	c.mu.Lock()
	names, listed := c.names, c.listed
	c.mu.Unlock()
	if !listed.IsZero() && c.Now().Sub(listed) < fresh {
		return names, nil
	}
	var all []entry
	for _, t := range c.Templates() {
		for info, err := range c.Store.List(ctx, t.Prefix()) {
			if errors.Is(err, store.ErrNotFound) || len(all) >= mostModels {
				break
			}
			if err != nil {
				return nil, err
			}
			if owner, ok := t.Owner(info.Key); ok {
				all = append(all, entry{info, owner, t.Jobs})
			}
		}
	}
	all = united(all)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.names, c.listed = all, c.Now()
	return all, nil
}

// united are entries by key. What several templates have as theirs is one entry, of all
// their jobs, and of the sensor that one of them finds in its name.
func united(all []entry) []entry {
	slices.SortStableFunc(all, func(a, b entry) int { return strings.Compare(a.Key, b.Key) })
	var one []entry
	for _, e := range all {
		if n := len(one); n > 0 && one[n-1].Key == e.Key {
			one[n-1] = one[n-1].with(e.sensor, e.jobs)
			continue
		}
		one = append(one, e)
	}
	return one
}

// with is an entry that is of some more jobs.
func (e entry) with(owner fleet.Sensor, jobs []string) entry {
	if e.sensor.Device == "" {
		e.sensor = owner
	}
	e.jobs = slices.Concat(e.jobs, jobs)
	slices.Sort(e.jobs)
	return e
}

// List looks at n models whose keys come after one and have a text in them, in upper or
// lower case; next is the cursor for those after, "" at the end.
func (c *Catalogue) List(ctx context.Context, search, after string, n int) (page []Model, next string, err error) {
	all, err := c.entries(ctx)
	if err != nil {
		return nil, "", err
	}
	search = strings.ToLower(search)
	page = []Model{}
	at, found := slices.BinarySearchFunc(all, after, func(e entry, key string) int { return strings.Compare(e.Key, key) })
	if found {
		at++
	}
	for ; at < len(all); at++ {
		if search != "" && !strings.Contains(strings.ToLower(all[at].Key), search) {
			continue
		}
		if len(page) == n {
			return page, page[n-1].Key, nil
		}
		m, err := c.look(ctx, &all[at])
		if errors.Is(err, store.ErrNotFound) {
			continue // it is gone since
		}
		if err != nil {
			return nil, "", err
		}
		m.Globals = nil
		for i := range m.Steps {
			m.Steps[i].Arrays = nil
		}
		page = append(page, *m)
	}
	return page, "", nil
}

// Look looks at one model; store.ErrNotFound if no job has one of that key.
func (c *Catalogue) Look(ctx context.Context, key string) (*Model, error) {
	var e entry
	for _, t := range c.Templates() {
		if owner, ok := t.Owner(key); ok {
			e = e.with(owner, t.Jobs)
		}
	}
	if len(e.jobs) == 0 {
		return nil, store.ErrNotFound
	}
	var err error
	if e.Info, err = c.Store.Stat(ctx, key); err != nil {
		return nil, err
	}
	return c.look(ctx, &e)
}

// LookAt is Look for the model of a sensor, of which the key is known.
func (c *Catalogue) LookAt(ctx context.Context, key string, s fleet.Sensor) (*Model, error) {
	info, err := c.Store.Stat(ctx, key)
	if errors.Is(err, store.ErrNoObject) {
		info, err = store.Info{Key: key}, nil // which look tells
	}
	if err != nil {
		return nil, err
	}
	return c.look(ctx, &entry{Info: info, sensor: s})
}

func (c *Catalogue) look(ctx context.Context, e *entry) (*Model, error) {
	m := &Model{Key: e.Key, Modified: e.ModTime.UTC(), Device: e.sensor.Device, Tag: e.sensor.Tag, Jobs: e.jobs}
	m.Info.Size, m.Steps, m.Globals = int(e.Size), []sklearn.Step{}, []sklearn.Global{}
	if e.Size > mostModel {
		m.Error = "it is larger than 64 MiB, and is not looked at"
		return m, nil
	}
	data, err := c.Store.Get(ctx, e.Key, nil)
	if errors.Is(err, store.ErrNoObject) {
		m.Error = err.Error()
		return m, nil
	}
	if err != nil {
		return nil, err
	}
	if m.Info, err = sklearn.Inspect(data); err != nil {
		m.Error = err.Error()
	}
	return m, nil
}
