package store_test

import (
	"bytes"
	"io"
	"strconv"
	"strings"
	"testing"

	"github.com/fleetscore/fleetscore/fleet"
	"github.com/fleetscore/fleetscore/store"
	"github.com/fleetscore/fleetscore/store/memstore"
	"github.com/fleetscore/fleetscore/store/storetest"
)

func TestCounterContract(t *testing.T) {
	storetest.Run(t, func(*testing.T) store.Store { return store.NewCounter(memstore.New()) })
}

func TestCounter(t *testing.T) {
	ctx := t.Context()
	c := store.NewCounter(memstore.New())
	check := func(what string, err error, want fleet.Usage) {
		t.Helper()
		if got := c.Usage(); err != nil || got != want {
			t.Errorf("%s: %+v, %v; want %+v", what, got, err, want)
		}
		c = store.NewCounter(c.Store)
	}
	check("put", c.Put(ctx, "a", strings.NewReader("12345")), fleet.Usage{Puts: 1, Written: 5})
	check("put without a length", c.Put(ctx, "a", io.MultiReader(strings.NewReader("12345"))), fleet.Usage{Puts: 1, Written: 5})
	check("put if absent", c.PutIfAbsent(ctx, "b", bytes.NewReader([]byte("123"))), fleet.Usage{Puts: 1, Written: 3})
	_, err := c.Get(ctx, "a", nil)
	check("get", err, fleet.Usage{Gets: 1, Read: 5})
	stream, err := c.GetRange(ctx, "a", 1, 3)
	if err == nil {
		_, err = io.Copy(io.Discard, stream)
		_ = stream.Close()
	}
	check("get a range", err, fleet.Usage{Gets: 1, Read: 3})
	file, err := c.Open(ctx, "a")
	if err == nil {
		_, err = file.ReadAt(make([]byte, 2), 1)
		_ = file.Close()
	}
	check("open", err, fleet.Usage{Gets: 2, Read: 2})
	_, err = c.Stat(ctx, "a")
	check("stat", err, fleet.Usage{Gets: 1})
	objects := make([]store.Object, 2100)
	for i := range objects {
		objects[i] = store.Object{Key: "many/" + strconv.Itoa(i), Body: []byte("x")}
	}
	for _, e := range c.PutAll(ctx, objects) {
		err = e
	}
	check("put all", err, fleet.Usage{Puts: 2100, Written: 2100})
	for _, e := range c.List(ctx, "many/") {
		err = e
	}
	check("list", err, fleet.Usage{Lists: 3})
	for _, e := range c.List(ctx, "none/") {
		err = e
	}
	check("list nothing", err, fleet.Usage{Lists: 1})
}
