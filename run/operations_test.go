package run_test

import (
	"context"
	"fmt"
	"io"
	"iter"
	"strings"
	"sync"
	"testing"

	"github.com/fleetscore/fleetscore/fleet"
	"github.com/fleetscore/fleetscore/ledger"
	"github.com/fleetscore/fleetscore/run"
	"github.com/fleetscore/fleetscore/store"
)

// counting counts what is asked of a store.
type counting struct {
	store.Store
	mu    sync.Mutex
	calls map[string]int
}

func (c *counting) count(what, key string) {
	top, _, _ := strings.Cut(key, "/")
	c.mu.Lock()
	defer c.mu.Unlock()
	c.calls[what+" "+top]++
}

func (c *counting) Get(ctx context.Context, key string, buf []byte) ([]byte, error) {
	c.count("get", key)
	return c.Store.Get(ctx, key, buf)
}

func (c *counting) GetRange(ctx context.Context, key string, offset, length int64) (io.ReadCloser, error) {
	c.count("get", key)
	return c.Store.GetRange(ctx, key, offset, length)
}

func (c *counting) Open(ctx context.Context, key string) (store.File, error) {
	c.count("open", key)
	file, err := c.Store.Open(ctx, key)
	return countingFile{file, c, key}, err
}

// countingFile counts reads of parts: each is a request, of a cloud.
type countingFile struct {
	store.File
	c   *counting
	key string
}

func (f countingFile) ReadAt(p []byte, off int64) (int, error) {
	f.c.count("read", f.key)
	return f.File.ReadAt(p, off)
}

func (c *counting) Stat(ctx context.Context, key string) (store.Info, error) {
	c.count("stat", key)
	return c.Store.Stat(ctx, key)
}

func (c *counting) Put(ctx context.Context, key string, body io.Reader) error {
	c.count("put", key)
	return c.Store.Put(ctx, key, body)
}

func (c *counting) PutIfAbsent(ctx context.Context, key string, body io.Reader) error {
	c.count("put", key)
	return c.Store.PutIfAbsent(ctx, key, body)
}

func (c *counting) Delete(ctx context.Context, key string) error {
	c.count("delete", key)
	return c.Store.Delete(ctx, key)
}

func (c *counting) List(ctx context.Context, prefix string) iter.Seq2[store.Info, error] {
	c.count("list", prefix)
	return c.Store.List(ctx, prefix)
}

// What a run asks of the store grows with partitions and tasks, not with sensors.
func TestOperations(t *testing.T) {
	p := newPlant(t, 400)
	for partition := range partitions { // each has some of the sensors; how a file is written does not matter
		text := "ts,device,tag,value\n"
		for i := range 400 {
			device := fmt.Sprintf("d%03d", i/2)
			if fleet.Partition(device, partitions) == partition {
				text += fmt.Sprintf("2026-11-23T12:00:00Z,%s,t%d,60\n", device, i%2)
			}
		}
		p.put(fmt.Sprintf("windows/window=1m/date=2026-11-23/hour=12/p=%03d-1.parquet", partition), []byte(text))
	}
	p.job.Input = run.Input{Window: "1m"}
	p.store = &counting{Store: p.store, calls: map[string]int{}}
	p.job.MaxSensors = 20
	p.start()
	if r := p.until(p.add().ID, final); r.State != ledger.Succeeded { // packs are cold
		t.Fatal(r.Error)
	}
	counts := p.store.(*counting)
	counts.mu.Lock()
	clear(counts.calls)
	counts.mu.Unlock()
	r := p.until(p.add().ID, final)
	counts.mu.Lock()
	defer counts.mu.Unlock()
	total := 0
	for what, n := range counts.calls {
		if what != "list models" {
			total += n
		}
	}
	if most := 12*max(r.Tasks, partitions) + 50; total > most || counts.calls["get models"] > 0 {
		t.Errorf("%d operations for %d tasks in %d partitions, not %d: %v", total, r.Tasks, partitions, most, counts.calls)
	}
	t.Log(fmt.Sprintf("%d tasks of %d sensors: ", r.Tasks, r.Sensors), counts.calls)
}
