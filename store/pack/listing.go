package pack

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/fleetscore/fleetscore/store"
)

// folder is what there is of a partition.
type folder struct {
	packs map[string]store.Info // by key
	heads []store.Info          // the newest first
}

// has reports whether all packs of a head are there, as long as it says.
func (f *folder) has(h *head) bool {
	for i := range h.Packs {
		if info, ok := f.packs[h.Packs[i].Key]; !ok || info.Size != h.Packs[i].Size {
			return false
		}
	}
	return true
}

func (f *folder) head(key string) (store.Info, bool) {
	i := slices.IndexFunc(f.heads, func(h store.Info) bool { return h.Key == key })
	if i < 0 {
		return store.Info{}, false
	}
	return f.heads[i], true
}

// clone is for use without the lock.
func (f *folder) clone() *folder {
	c := &folder{packs: make(map[string]store.Info, len(f.packs)), heads: slices.Clone(f.heads)}
	for key, info := range f.packs {
		c.packs[key] = info
	}
	return c
}

// listAll lists the packs and heads of all partitions.
func listAll(ctx context.Context, s store.Lister) (map[int]*folder, error) {
	folders := map[int]*folder{}
	for info, err := range s.List(ctx, Prefix) {
		if errors.Is(err, store.ErrNotFound) {
			break // the store is still to be made
		}
		if err != nil {
			return nil, fmt.Errorf("listing packs: %w", err)
		}
		partition, _, suffix, ok := parseKey(info.Key)
		if !ok {
			continue
		}
		f := folders[partition]
		if f == nil {
			f = &folder{packs: map[string]store.Info{}}
			folders[partition] = f
		}
		if suffix == headSuffix {
			f.heads = append(f.heads, info)
		} else {
			f.packs[info.Key] = info
		}
	}
	for _, f := range folders {
		sortHeads(f.heads)
	}
	return folders, nil
}

func sortHeads(heads []store.Info) {
	slices.SortFunc(heads, func(a, b store.Info) int {
		return cmp.Or(b.ModTime.Compare(a.ModTime), strings.Compare(a.Key, b.Key))
	})
}

// look returns what there is of a partition, as it was Trust ago or later. One
// List serves all partitions.
func (b *Builder) look(ctx context.Context, partition int) (*folder, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if now := b.now(); b.folders == nil || now.Sub(b.listed) > b.trust() || now.Before(b.listed) {
		folders, err := listAll(ctx, b.Store)
		if err != nil {
			return nil, err
		}
		b.folders, b.listed = folders, now
	}
	if f := b.folders[partition]; f != nil {
		return f.clone(), nil
	}
	return &folder{packs: map[string]store.Info{}}, nil
}

// Forget has the next Build look at what is there.
func (b *Builder) Forget() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.folders = nil
}

// wrote notes what a Build has stored, so that the next one knows of it.
func (b *Builder) wrote(partition int, key string, h *head, at time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.folders == nil {
		return // a Sweep was here
	}
	f := b.folders[partition]
	if f == nil {
		f = &folder{packs: map[string]store.Info{}}
		b.folders[partition] = f
	}
	for i := range h.Packs {
		p := &h.Packs[i]
		f.packs[p.Key] = store.Info{Key: p.Key, Size: p.Size, ModTime: at}
	}
	f.heads = slices.DeleteFunc(f.heads, func(info store.Info) bool { return info.Key == key })
	f.heads = slices.Insert(f.heads, 0, store.Info{Key: key, ModTime: at})
}
