package store_test

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/fleetscore/fleetscore/fleet"
	"github.com/fleetscore/fleetscore/store"
	"github.com/fleetscore/fleetscore/store/memstore"
)

func Example() {
	ctx := context.Background()
	var s store.Store = memstore.New()

	template, err := store.ParseKeyTemplate("models/{device}/{tag}.pkl")
	if err != nil {
		fmt.Println(err)
		return
	}
	key := template.Expand(fleet.Sensor{Device: "pump-7", Tag: "in/out"})
	if err := s.Put(ctx, key, strings.NewReader("a model")); err != nil {
		fmt.Println(err)
		return
	}

	for info, err := range s.List(ctx, "models/pump-") {
		fmt.Println(info.Key, info.Size, err)
	}
	_, err = s.Get(ctx, "models/pump-8/temp.pkl", nil)
	fmt.Println(err, errors.Is(err, store.ErrNotFound))
	// Output:
	// models/pump-7/in%2Fout.pkl 7 <nil>
	// getting models/pump-8/temp.pkl: not found true
}

func ExampleParseKeyTemplate() {
	_, err := store.ParseKeyTemplate("models/{device}/{sensor}.pkl")
	fmt.Println(err)
	// Output:
	// key template "models/{device}/{sensor}.pkl": at byte 16: unknown placeholder {sensor}; known are {device} and {tag}
}

func ExampleEncodeName() {
	fmt.Println(store.EncodeName("pump-7"), store.EncodeName("in/out"), store.EncodeName(".."))
	// Output:
	// pump-7 in%2Fout %2E%2E
}
