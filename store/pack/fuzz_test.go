package pack

import (
	"bytes"
	"crypto/sha256"
	"testing"
	"time"

	"github.com/fleetscore/fleetscore/store"
	"github.com/fleetscore/fleetscore/store/memstore"
)

func samplePack() []byte {
	items := []item{
		{Source: Source{Key: "models/a", Size: 5, ModTime: time.Unix(1, 2)}, data: []byte("alpha"), sum: sha256.Sum256([]byte("alpha"))},
		{Source: Source{Key: "models/b", ModTime: time.Unix(0, 0)}, kind: removed},
		{Source: Source{Key: "models/c", Size: 1 << 40}, kind: leftOut},
		{Source: Source{Key: "models/d"}, sum: sha256.Sum256(nil)},
	}
	return append(encodeIndex(items), "alpha"...)
}

// FuzzPack: whatever a pack holds, it is refused, or all that it says is within
// it, sorted, and found; and it is what would be written of that.
func FuzzPack(f *testing.F) {
	sample := samplePack()
	f.Add(sample)
	f.Add(sample[:len(sample)-1])
	f.Add(encodeIndex(nil))
	f.Fuzz(func(t *testing.T, data []byte) {
		x, err := parseIndex(data, int64(len(data)))
		if err != nil {
			return
		}
		// Opened under its name it is the same.
		key := packKey(7, sha256.Sum256(data))
		s := memstore.New()
		if err := s.Put(t.Context(), key, bytes.NewReader(data)); err != nil {
			t.Fatal(err)
		}
		r, err := Open(t.Context(), s, []string{key, key}, Cache{})
		if err != nil {
			t.Fatal(err)
		}
		var items []item
		before := ""
		for i := range x.len() {
			from, to := x.span(i)
			if found, ok := x.find(x.key(i)); !ok || found != i || x.key(i) <= before || from > to || to > int64(len(data)) {
				t.Fatalf("entry %d of %d, %q, %d to %d", i, x.len(), x.key(i), from, to)
			}
			before = x.key(i)
			it := item{Source: Source{Key: x.key(i), Size: x.number(i, 16), ModTime: time.Unix(0, x.number(i, 24))}, kind: x.kind(i), data: data[from:to], sum: x.sum(i)}
			items = append(items, it)
			model, digest, err := r.Model(it.Key)
			if (err == nil) != (it.kind == packed) || err == nil && (!bytes.Equal(model, it.data) || digest != x.digest(i)) {
				t.Fatalf("%q is %q, %s, %v", it.Key, model, digest, err)
			}
			if it.stamp() != x.number(i, 24) {
				return // no time that is ever written
			}
		}
		again := encodeIndex(items)
		for i := range items {
			again = append(again, items[i].data...)
		}
		if !bytes.Equal(again, data) {
			t.Fatalf("%q is written again as %q", data, again)
		}
	})
}

// FuzzHead: a head that someone else wrote harms no Build.
func FuzzHead(f *testing.F) {
	sources := []Source{{Key: "models/a", Size: 5, ModTime: time.Unix(1, 2)}}
	s := memstore.New()
	if err := s.Put(f.Context(), "models/a", bytes.NewReader([]byte("alpha"))); err != nil {
		f.Fatal(err)
	}
	if _, _, err := (&Builder{Store: s}).Build(f.Context(), 7, sources); err != nil {
		f.Fatal(err)
	}
	key := headKey(7, fingerprint(sources))
	data, err := s.Get(f.Context(), key, nil)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(data)
	f.Add([]byte(`{"version":1,"partition":7,"models":1,"packs":[{"key":"packs/p=007/0000000000000000000000000000000000000000000000000000000000000000.pack","size":24,"index":24}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		if h, err := parseHead(data, 7); err == nil {
			for i := range h.Packs {
				if err := store.CheckKey(h.Packs[i].Key); err != nil {
					t.Fatal(err)
				}
			}
		}
		if err := s.Put(t.Context(), key, bytes.NewReader(data)); err != nil {
			t.Fatal(err)
		}
		// A head that is whole is believed; another is made again.
		set, _, err := (&Builder{Store: s}).Build(t.Context(), 7, sources)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := Open(t.Context(), s, set.Packs, Cache{}); err != nil {
			t.Fatal(err)
		}
	})
}
