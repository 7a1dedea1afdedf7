package pack

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/fleetscore/fleetscore/store"
)

// Sweep deletes heads that a later one was made from and packs that no other head
// names, if they are older than before, and says how many objects that was. It
// leaves packs that are pinned: what tasks under way were told to read. While a
// Build is under way it does nothing.
func (b *Builder) Sweep(ctx context.Context, pinned map[string]bool, before time.Time) (int, error) {
	if !b.sweeping.TryLock() {
		return 0, nil
	}
	defer b.sweeping.Unlock()
	b.mu.Lock()
	defer b.mu.Unlock()
	folders, err := listAll(ctx, b.Store)
	if err != nil {
		return 0, err
	}
	b.folders = nil // what follows changes it
	gone := 0
	var errs []error
	for partition, f := range folders {
		n, err := b.sweep(ctx, partition, f, pinned, before)
		gone += n
		if err != nil {
			errs = append(errs, err)
		}
		if ctx.Err() != nil {
			break
		}
	}
	return gone, errors.Join(errs...)
}

// sweep needs mu.
func (b *Builder) sweep(ctx context.Context, partition int, f *folder, pinned map[string]bool, before time.Time) (int, error) {
	heads := map[string]*head{}
	superseded := map[string]bool{}
	for _, info := range f.heads {
		h, err := b.readHead(ctx, partition, info.Key)
		if err != nil {
			return 0, err // without all heads, what is named by none cannot be told
		}
		if heads[info.Key] = h; h != nil && info.ModTime.Before(before) {
			superseded[h.From] = true
		}
	}
	var remove []string
	needed := map[string]bool{}
	for i, info := range f.heads {
		h := heads[info.Key]
		m := b.known[info.Key]
		used := m != nil && m.used.After(before)
		if old := info.ModTime.Before(before); old && !used && (h == nil || !f.has(h) || i > 0 && superseded[info.Key]) {
			remove = append(remove, info.Key)
			delete(b.known, info.Key)
		} else if h != nil {
			for i := range h.Packs {
				needed[h.Packs[i].Key] = true
			}
		}
	}
	for _, m := range b.known { // the head may be gone, and the set in use
		if m.head.Partition == partition && m.used.After(before) {
			for i := range m.head.Packs {
				needed[m.head.Packs[i].Key] = true
			}
		}
	}
	for key, info := range f.packs {
		if !needed[key] && !pinned[key] && info.ModTime.Before(before) {
			remove = append(remove, key)
		}
	}
	for i, key := range remove {
		if err := b.Store.Delete(ctx, key); err != nil && !errors.Is(err, store.ErrNotFound) {
			return i, fmt.Errorf("sweeping packs: %w", err)
		}
	}
	return len(remove), nil
}

// Discard deletes of some packs those that are damaged, and says how many of them
// are not, or no longer, there. The next Build looks anew, and makes what it needs.
func (b *Builder) Discard(ctx context.Context, keys []string) (gone int, err error) {
	for _, key := range keys {
		_, sum, err := parsePackKey(key)
		if err != nil {
			return gone, err
		}
		_, err = load(ctx, b.Store, key, sum)
		switch {
		case err == nil:
			continue
		case errors.Is(err, ErrDamaged):
			if err := b.Store.Delete(ctx, key); err != nil {
				return gone, fmt.Errorf("deleting a damaged pack: %w", err)
			}
		case !errors.Is(err, store.ErrNotFound):
			return gone, err
		}
		gone++
	}
	if gone > 0 {
		b.Forget()
	}
	return gone, nil
}
