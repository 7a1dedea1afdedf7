package task

import (
	"context"
	"errors"
	"fmt"
	"iter"

	"github.com/fleetscore/fleetscore/fleet"
	"github.com/fleetscore/fleetscore/store"
	"github.com/fleetscore/fleetscore/store/pack"
)

// models are those of the shard's packs, and of the store where they are not packed.
type models struct {
	name   store.KeyTemplate
	packs  *pack.Reader // nil: models are shared by partitions, and not packed
	store  store.Store
	packed bool
	none   bool // a foreign program scores without
}

func (m *models) open(ctx context.Context, a *attempt) error {
	var err error
	if m.none = a.manifest.Recipe.Models == fleet.NoModels; m.none {
		return nil
	}
	if m.name, err = store.ParseKeyTemplate(a.manifest.Recipe.Models); err != nil {
		return fmt.Errorf("models of the manifest: %w", err)
	}
	m.store = a.from
	if m.packed = m.name.Device(); !m.packed {
		return nil
	}
	if m.packs, err = pack.Open(ctx, a.from, a.shard.Packs, a.cfg.Cache); err != nil {
		return fmt.Errorf("opening the packs of models: %w", err)
	}
	return nil
}

// Get is for models that are not packed.
func (m *models) Get(ctx context.Context, key string, buf []byte) ([]byte, error) {
	return m.store.Get(ctx, key, buf)
}

// List lists nothing: which models have no readings is found in the packs.
func (m *models) List(context.Context, string) iter.Seq2[store.Info, error] {
	return func(func(store.Info, error) bool) {}
}

// packedModels are models that know their digests.
type packedModels struct{ *models }

// Model implements score.Digester.
func (m packedModels) Model(ctx context.Context, key string) ([]byte, string, error) {
	data, digest, err := m.packs.Model(key)
	if errors.Is(err, pack.ErrNotPacked) {
		data, err = m.store.Get(ctx, key, nil)
		digest = ""
		if err == nil {
			digest = digestOf(data)
		}
	}
	return data, digest, err
}

// owners yields the sensors of the part that a packed model may belong to, each
// model by itself. A model that may be that of several is told by none, as nobody
// knows whether it misses its readings.
func (m *models) owners(part *fleet.Part, partitions int) iter.Seq2[string, fleet.Sensor] {
	return func(yield func(string, fleet.Sensor) bool) {
		if m.packs == nil {
			return
		}
		for key := range m.packs.Keys() {
			owner, ok := m.name.Owner(key)
			if ok && part.Covers(owner, partitions) && !yield(key, owner) {
				return
			}
		}
	}
}
