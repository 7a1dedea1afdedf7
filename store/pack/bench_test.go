package pack_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/fleetscore/fleetscore/fleet"
	"github.com/fleetscore/fleetscore/store/filestore"
	"github.com/fleetscore/fleetscore/store/pack"
)

const (
	benchModels = 100_000
	benchSize   = 4000 // bytes, of a usual model
)

// benchFleet is 100,000 models in a folder, by partition.
func benchFleet(b *testing.B) (s *filestore.Store, sources [][]pack.Source) {
	dir := b.TempDir()
	s, err := filestore.Open(dir, filestore.Options{})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { s.Close() })
	old := time.Now().Add(-time.Hour)
	sources = make([][]pack.Source, fleet.DefaultPartitions)
	body := make([]byte, benchSize)
	for i := range benchModels {
		device := fmt.Sprintf("device-%05d", i/5)
		key := fmt.Sprintf("models/%s/tag-%d.pkl", device, i%5)
		rand.NewChaCha8([32]byte{byte(i), byte(i >> 8), byte(i >> 16)}).Read(body)
		name := filepath.Join(dir, key)
		if i%5 == 0 {
			if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
				b.Fatal(err)
			}
		}
		if err := os.WriteFile(name, body, 0o644); err != nil {
			b.Fatal(err)
		}
		p := fleet.Partition(device, len(sources))
		sources[p] = append(sources[p], pack.Source{Key: key, Size: benchSize, ModTime: old})
	}
	return s, sources
}

// buildAll does what the planning of a run does.
func buildAll(b *testing.B, builder *pack.Builder, sources [][]pack.Source) []pack.Set {
	sets := make([]pack.Set, len(sources))
	var builds errgroup.Group
	builds.SetLimit(8)
	for p, models := range sources {
		builds.Go(func() (err error) {
			sets[p], _, err = builder.Build(context.Background(), p, models)
			return err
		})
	}
	if err := builds.Wait(); err != nil {
		b.Fatal(err)
	}
	return sets
}

func BenchmarkPacks(b *testing.B) {
	s, sources := benchFleet(b)
	var sets []pack.Set
	b.Run("build/cold", func(b *testing.B) {
		for b.Loop() {
			b.StopTimer()
			if err := os.RemoveAll(filepath.Join(s.Dir(), "packs")); err != nil {
				b.Fatal(err)
			}
			b.StartTimer()
			sets = buildAll(b, &pack.Builder{Store: s}, sources)
		}
	})
	b.Run("build/warm", func(b *testing.B) {
		for b.Loop() {
			sets = buildAll(b, &pack.Builder{Store: s}, sources)
		}
	})
	b.Run("build/known", func(b *testing.B) {
		builder := &pack.Builder{Store: s}
		for buildAll(b, builder, sources); b.Loop(); {
			buildAll(b, builder, sources)
		}
	})
	b.Run("build/one-in-a-hundred-changed", func(b *testing.B) {
		builder := &pack.Builder{Store: s}
		for i := 0; b.Loop(); i++ {
			for p := range sources {
				for j := i % 100; j < len(sources[p]); j += 100 {
					sources[p][j].ModTime = sources[p][j].ModTime.Add(time.Second)
				}
			}
			sets = buildAll(b, builder, sources)
		}
	})
	b.Run("open", func(b *testing.B) { open100k(b, s, sets, sources, pack.Cache{}) })
	b.Run("open/cached", func(b *testing.B) { open100k(b, s, sets, sources, pack.Cache{Folder: b.TempDir(), Bytes: 1 << 32}) })
}

// open100k opens the packs of each partition, one after the other, and finds all
// models, as the tasks of a run do.
func open100k(b *testing.B, s *filestore.Store, sets []pack.Set, sources [][]pack.Source, cache pack.Cache) {
	b.ReportAllocs()
	for b.Loop() {
		for p, models := range sources {
			r, err := pack.Open(b.Context(), s, sets[p].Packs, cache)
			if err != nil {
				b.Fatal(err)
			}
			for i := range models {
				if data, _, err := r.Model(models[i].Key); err != nil || len(data) != benchSize {
					b.Fatal(err)
				}
			}
		}
	}
}

// BenchmarkModel finds models in one set of all partitions.
func BenchmarkModel(b *testing.B) {
	s, sources := benchFleet(b)
	var keys []string
	for _, set := range buildAll(b, &pack.Builder{Store: s}, sources) {
		keys = append(keys, set.Packs...)
	}
	r, err := pack.Open(b.Context(), s, keys, pack.Cache{})
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		models := sources[i%len(sources)]
		if _, _, err := r.Model(models[i%len(models)].Key); err != nil {
			b.Fatal(err)
		}
	}
}
