package pack_test

import (
	"context"
	"fmt"
	"strings"

	"github.com/fleetscore/fleetscore/store/memstore"
	"github.com/fleetscore/fleetscore/store/pack"
)

func Example() {
	ctx := context.Background()
	s := memstore.New()
	for _, key := range []string{"models/pump-7/flow.pkl", "models/pump-7/temp.pkl"} {
		if err := s.Put(ctx, key, strings.NewReader("the model "+key)); err != nil {
			fmt.Println(err)
			return
		}
	}
	var sources []pack.Source
	for info, err := range s.List(ctx, "models/") {
		if err != nil {
			fmt.Println(err)
			return
		}
		sources = append(sources, pack.Source{Key: info.Key, Size: info.Size, ModTime: info.ModTime})
	}
	b := &pack.Builder{Store: s}
	set, stats, err := b.Build(ctx, 7, sources)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(len(set.Packs), "pack,", stats.Read, "models read")

	r, err := pack.Open(ctx, s, set.Packs, pack.Cache{})
	if err != nil {
		fmt.Println(err)
		return
	}
	data, digest, err := r.Model("models/pump-7/temp.pkl")
	fmt.Printf("%s, %s…, %v\n", data, digest[:8], err)
	_, _, err = r.Model("models/pump-8/temp.pkl")
	fmt.Println(err)
	// Output:
	// 1 pack, 2 models read
	// the model models/pump-7/temp.pkl, 794ec5fe…, <nil>
	// model models/pump-8/temp.pkl: not found in the packs
}
