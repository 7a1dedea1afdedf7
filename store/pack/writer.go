package pack

import (
	"context"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"
)

// writer is one Build that has something to write.
type writer struct {
	*Builder
	partition int
	key       string // of the head that is to be
	sources   []Source
	there     *folder
	stats     *Stats

	old    *previous
	places []place // where the models are
	begun  time.Time
	head   head

	mu       sync.Mutex // for what follows, and stats
	unsure   map[string]bool
	vanished map[string]bool
	unread   map[string]bool
}

// place is where a model is in the previous set, if that has it as it is.
type place struct {
	at
	known bool
}

// write makes a set that is up to date, and stores its head.
func (w *writer) write(ctx context.Context) (*head, error) {
	var err error
	w.begun = w.now()
	w.unsure, w.vanished, w.unread = map[string]bool{}, map[string]bool{}, map[string]bool{}
	if w.old, err = w.previous(ctx); err != nil {
		return nil, err
	}
	if err := w.locate(ctx); err != nil {
		return nil, err
	}
	var fresh int64
	for i := range w.places {
		if !w.places[i].known {
			fresh += w.sources[i].inPack()
		}
	}
	all := make([]bool, len(w.old.indexes))
	for i := range all {
		all[i] = true
	}
	kept := all
	if gone := w.gone(all); fresh > 0 || len(gone) > 0 {
		for _, it := range gone {
			fresh += entrySize + int64(len(it.Key))
		}
		kept = w.old.keep(w.sources, w.places, fresh)
	}
	if err := w.writePacks(ctx, w.items(kept), kept); err != nil {
		return nil, err
	}
	return w.finish(ctx, kept)
}

// locate finds the models in the previous set. Those of which it is not sure are
// read, to see whether they are as they were.
func (w *writer) locate(ctx context.Context) error {
	w.places = make([]place, len(w.sources))
	checks, ctx := errgroup.WithContext(ctx)
	checks.SetLimit(readsAtOnce)
	for i := range w.sources {
		s := &w.sources[i]
		a, ok := w.old.find(s.Key)
		if !ok || !w.old.indexes[a.pack].matches(a.entry, s) {
			continue
		}
		if !w.old.unsure[s.Key] {
			w.places[i] = place{a, true}
			continue
		}
		checks.Go(func() error {
			same, err := w.recheck(ctx, s, a)
			w.places[i] = place{a, same}
			return err
		})
	}
	return checks.Wait()
}

// recheck reads a model to see whether it is still what an entry says.
func (w *writer) recheck(ctx context.Context, s *Source, a at) (same bool, err error) {
	room, size := w.room(), s.inPack()
	if err := room.Acquire(ctx, size); err != nil {
		return false, err
	}
	defer room.Release(size)
	it := item{Source: *s}
	if err := w.read(ctx, &it); err != nil {
		return false, err
	}
	x := w.old.indexes[a.pack]
	return it.kind == x.kind(a.entry) && it.sum == x.sum(a.entry), nil
}

// gone lists the models that some packs of the previous set have and that are no more.
func (w *writer) gone(kept []bool) []item {
	var gone []item
	for i, x := range w.old.indexes {
		if !kept[i] {
			continue
		}
		for e := range x.len() {
			key := x.key(e)
			if _, ok := slices.BinarySearchFunc(w.sources, key, compareKey); ok {
				continue
			}
			if a, ok := w.old.findIn(kept, key); ok && a == (at{i, e}) {
				gone = append(gone, item{Source: Source{Key: key, ModTime: time.Unix(0, 0)}, kind: removed})
			}
		}
	}
	return gone
}

func compareKey(s Source, key string) int {
	switch {
	case s.Key < key:
		return -1
	case s.Key > key:
		return 1
	}
	return 0
}

// finish writes the head.
func (w *writer) finish(ctx context.Context, kept []bool) (*head, error) {
	h := &w.head
	h.Version, h.Partition = headVersion, w.partition
	for i := range kept {
		if kept[i] {
			h.Packs = append(h.Packs, w.old.head.Packs[i])
		}
	}
	h.Models = len(w.sources) - len(w.vanished)
	for key := range w.unsure {
		h.Unsure = append(h.Unsure, key)
	}
	slices.Sort(h.Unsure)
	if h.From = w.old.key; h.From == w.key {
		h.From = w.old.head.From
	}
	if w.old.key == w.key && slices.Equal(h.Unsure, w.old.head.Unsure) && slices.Equal(h.Packs, w.old.head.Packs) && h.Models == w.old.head.Models {
		return h, nil
	}
	if err := w.writeHead(ctx, w.key, h); err != nil {
		return nil, err
	}
	w.wrote(w.partition, w.key, h, w.begun)
	return h, nil
}
