package cloudstore

import (
	"io"
	"sync/atomic"
	"testing"
)

// TestChunks reads an object by several readers side by side, as columns of Parquet are: what
// is fetched more than once is bounded, whatever their number.
func TestChunks(t *testing.T) {
	const size, atOnce = 160 << 20, 512 << 10
	for readers, most := range map[int64]float64{1: 1, 4: 1.2, 20: 1.5, 160: 2.1} {
		var fetched atomic.Int64
		c := &chunks{size: size, fetch: func(offset, length int64) ([]byte, error) {
			fetched.Add(length)
			return make([]byte, length), nil
		}}
		p := make([]byte, atOnce)
		each := size / readers
		for at := int64(0); at < each; at += atOnce {
			for reader := range readers {
				if n, err := c.readAt(p, reader*each+at); n != atOnce || err != nil {
					t.Fatal(n, err)
				}
			}
		}
		c.ahead.Wait()
		if times := float64(fetched.Load()) / size; times > most {
			t.Errorf("%d readers fetched the object %.1f times, want %.1f at most", readers, times, most)
		}
		if len(c.kept) > chunksKept {
			t.Errorf("%d chunks are kept", len(c.kept))
		}
	}
}

// TestChunksAhead: one reader has several requests under way.
func TestChunksAhead(t *testing.T) {
	const size = 40 * chunkSize
	begun, most := make(chan struct{}, size/chunkSize), 0
	release := make(chan struct{})
	c := &chunks{size: size, fetch: func(offset, length int64) ([]byte, error) {
		begun <- struct{}{}
		if offset >= 20*chunkSize { // the reader has found its pace
			<-release
		}
		return make([]byte, length), nil
	}}
	go func() {
		for range 20 + mostAhead {
			<-begun
			most++
		}
		close(release)
	}()
	p := make([]byte, chunkSize)
	for at := int64(0); at < size; at += chunkSize {
		if _, err := c.readAt(p, at); err != nil && err != io.EOF {
			t.Fatal(err)
		}
	}
	c.ahead.Wait()
	<-release
	if most != 20+mostAhead {
		t.Errorf("%d requests were under way, want %d", most-20, mostAhead)
	}
}
