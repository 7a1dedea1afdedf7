package pack

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"slices"

	"golang.org/x/sync/errgroup"

	"github.com/fleetscore/fleetscore/store"
)

// entry is an item of a new pack, and where its model is copied from.
type entry struct {
	item
	place
}

// items lists what new packs must say, beside the packs that are kept.
func (w *writer) items(kept []bool) []entry {
	var items []entry
	for i := range w.sources {
		if p := w.places[i]; !p.known || !kept[p.pack] {
			items = append(items, entry{item{Source: w.sources[i]}, p})
		}
	}
	for _, it := range w.gone(kept) {
		items = append(items, entry{item: it})
	}
	slices.SortFunc(items, func(a, b entry) int { return compareKey(a.Source, b.Key) })
	return items
}

// maxEntries bounds the entries of a pack, so that all numbers in it fit.
const maxEntries = 1 << 20

// writePacks writes as many packs as it takes.
func (w *writer) writePacks(ctx context.Context, items []entry, kept []bool) error {
	base, most := !slices.Contains(kept, true), w.packSize()
	for len(items) > 0 {
		n, size := 0, int64(0)
		for n < len(items) && n < maxEntries && (n == 0 || size+items[n].inPack() <= most) {
			size += items[n].inPack()
			n++
		}
		if err := w.writePack(ctx, items[:n], kept, base); err != nil {
			return err
		}
		items = items[n:]
	}
	return nil
}

// writePack writes one.
func (w *writer) writePack(ctx context.Context, items []entry, kept []bool, base bool) error {
	release, err := w.reserve(ctx, items)
	if err != nil {
		return err
	}
	defer release()
	if err := w.copy(ctx, items); err != nil {
		return err
	}
	reads, readCtx := errgroup.WithContext(ctx)
	reads.SetLimit(readsAtOnce)
	for i := range items {
		if it := &items[i].item; !items[i].known && it.kind != removed {
			reads.Go(func() error { return w.read(readCtx, it) })
		}
	}
	if err := reads.Wait(); err != nil {
		return err
	}
	written := make([]item, 0, len(items))
	for i := range items {
		it := items[i].item
		if it.kind == removed {
			// What no pack knows need not be hidden.
			if _, ok := w.old.findIn(kept, it.Key); !ok {
				continue
			}
		}
		written = append(written, it)
	}
	if len(written) == 0 {
		return nil
	}
	return w.store(ctx, written, base)
}

// reserve asks for the memory that a pack's models take.
func (w *writer) reserve(ctx context.Context, items []entry) (release func(), err error) {
	var size int64
	from := map[int]bool{}
	for i := range items {
		it := &items[i]
		switch {
		case it.known && !from[it.pack]:
			from[it.pack] = true
			size += w.old.head.Packs[it.pack].Size
		case !it.known:
			size += it.inPack()
		}
	}
	room := w.room()
	size = min(size, maxMemory)
	if err := room.Acquire(ctx, size); err != nil {
		return nil, err
	}
	return func() { room.Release(size) }, nil
}

// copy takes models from earlier packs. Of a pack that is gone or damaged after
// all they are read from the store.
func (w *writer) copy(ctx context.Context, items []entry) error {
	packs := map[int][]byte{}
	for i := range items {
		it := &items[i]
		if !it.known {
			continue
		}
		x := w.old.indexes[it.pack]
		data, ok := packs[it.pack]
		if !ok {
			key := w.old.head.Packs[it.pack].Key
			_, sum, err := parsePackKey(key)
			if err == nil {
				data, err = load(ctx, w.Store, key, sum)
			}
			if err != nil && !errors.Is(err, store.ErrNotFound) && !errors.Is(err, ErrDamaged) {
				return fmt.Errorf("copying models: %w", err)
			}
			packs[it.pack] = data // nil: there is none
		}
		if data == nil {
			it.known = false
			continue
		}
		from, to := x.span(it.entry)
		it.kind, it.data, it.sum = x.kind(it.entry), data[from:to:to], x.sum(it.entry)
		w.stats.Copied++
	}
	return nil
}

// maxUnread is how many models may be left out because they cannot be read.
const maxUnread = 16

// read reads a model.
func (w *writer) read(ctx context.Context, it *item) error {
	var err error
	if it.kind, it.data, it.sum = packed, nil, [32]byte{}; it.Size > maxModel {
		it.kind = leftOut
	} else {
		it.data, err = w.Store.Get(ctx, it.Key, nil)
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if it.Size <= maxModel {
		w.stats.Read++
	}
	if !it.isSettled(w.begun) {
		w.unsure[it.Key] = true
	}
	switch {
	case errors.Is(err, store.ErrNotFound):
		it.kind = removed
		w.unsure[it.Key], w.vanished[it.Key] = true, true
	case errors.Is(err, store.ErrTooLarge), len(it.data) > maxModel:
		it.kind, it.data = leftOut, nil
	case err != nil:
		// Its reader will see the same, and tell it of this model alone.
		it.kind = leftOut
		w.unsure[it.Key], w.unread[it.Key] = true, true
		if len(w.unread) > maxUnread {
			return fmt.Errorf("%d models cannot be read, one of them %s: %w", len(w.unread), it.Key, err)
		}
	case it.kind == packed:
		it.sum = sha256.Sum256(it.data)
	}
	return nil
}

// store writes a pack. It does so also if there is one of its name, which may be
// damaged, or about to be swept.
func (w *writer) store(ctx context.Context, items []item, base bool) error {
	start := encodeIndex(items)
	info := packInfo{Index: int64(len(start)), Size: int64(len(start)), Base: base}
	sum := sha256.Sum256(start)
	info.IndexSHA256 = hex.EncodeToString(sum[:])
	hash := sha256.New()
	hash.Write(start)
	parts := []io.Reader{bytes.NewReader(start)}
	for i := range items {
		if len(items[i].data) > 0 {
			hash.Write(items[i].data)
			parts = append(parts, bytes.NewReader(items[i].data))
			info.Size += int64(len(items[i].data))
		}
	}
	info.Key = packKey(w.partition, [32]byte(hash.Sum(nil)))
	if err := w.Store.Put(ctx, info.Key, io.MultiReader(parts...)); err != nil {
		return err
	}
	w.stats.Packs++
	w.stats.Bytes += info.Size
	w.head.Packs = append(w.head.Packs, info)
	return nil
}
