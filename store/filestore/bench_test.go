package filestore

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/fleetscore/fleetscore/store"
)

const modelSize = 1600 // bytes, of a usual model

func BenchmarkGet(b *testing.B) {
	s := open(b, b.TempDir())
	key := "models/pump-7/temp.pkl"
	put(b, s, key, strings.Repeat("x", modelSize))
	var buf []byte
	b.ReportAllocs()
	for b.Loop() {
		var err error
		if buf, err = s.Get(context.Background(), key, buf); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkGetMissing(b *testing.B) {
	s := open(b, b.TempDir())
	put(b, s, "models/pump-7/temp.pkl", "x")
	for b.Loop() {
		if _, err := s.Get(context.Background(), "models/pump-7/flow.pkl", nil); err == nil {
			b.Fatal("found")
		}
	}
}

func BenchmarkPut(b *testing.B) {
	s := open(b, b.TempDir())
	body := make([]byte, modelSize)
	for b.Loop() {
		if err := s.Put(context.Background(), "a/b", bytes.NewReader(body)); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkPutAll writes 1,000 small files, into one folder or into 100.
func BenchmarkPutAll(b *testing.B) {
	for _, folders := range []int{1, 100} {
		for _, parallel := range []int{1, 8, 32, 128} {
			b.Run(fmt.Sprintf("folders=%d/parallel=%d", folders, parallel), func(b *testing.B) {
				dir := b.TempDir()
				objects := make([]store.Object, 1000)
				for round := 0; b.Loop(); round++ {
					s, err := Open(fmt.Sprintf("%s/%d", dir, round), Options{Parallel: parallel})
					if err != nil {
						b.Fatal(err)
					}
					for i := range objects {
						objects[i] = store.Object{Key: fmt.Sprintf("%d/%d", i%folders, i), Body: make([]byte, modelSize)}
					}
					if errs := store.PutAll(context.Background(), s, objects); errs != nil {
						b.Fatal(errs)
					}
					s.Close()
				}
			})
		}
	}
}

// BenchmarkList lists 10,000 files in 100 folders.
func BenchmarkList(b *testing.B) {
	s := open(b, b.TempDir())
	for i := range 10_000 {
		write(b, fmt.Sprintf("%s/%d/%d.pkl", s.Dir(), i%100, i), "x")
	}
	for b.Loop() {
		n := 0
		for _, err := range s.List(context.Background(), "") {
			if err != nil {
				b.Fatal(err)
			}
			n++
		}
		if n != 10_000 {
			b.Fatal(n)
		}
	}
}
