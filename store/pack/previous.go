package pack

import (
	"context"
	"errors"

	"golang.org/x/sync/errgroup"

	"github.com/fleetscore/fleetscore/store"
)

// previous is a set of packs to build upon. The zero previous is none.
type previous struct {
	key     string
	head    *head
	indexes []*index // of the head's packs
	unsure  map[string]bool
}

// find is the entry that counts for a model; false if there is none, or it says
// that the model is no more.
func (p *previous) find(key string) (at, bool) { return p.findIn(nil, key) }

// findIn is find in some of the packs; nil: in all.
func (p *previous) findIn(some []bool, key string) (at, bool) {
	for i, x := range p.indexes {
		if some != nil && !some[i] {
			continue
		}
		if e, ok := x.find(key); ok {
			return at{i, e}, x.kind(e) != removed
		}
	}
	return at{}, false
}

// triedHeads bounds how many sets a Build looks at. Jobs whose models have other
// names share partitions, so the newest set need not be the one to build upon.
const triedHeads = 4

// previous finds the set that has the most of the models as they are, or, if none
// has any, the most as they were.
func (w *writer) previous(ctx context.Context) (*previous, error) {
	best, most, mostKnown := &previous{}, 0, 0
	tried := 0
	for _, info := range w.there.heads {
		own := info.Key == w.key
		if tried == triedHeads && !own {
			continue
		}
		p, err := w.load(ctx, info)
		if err != nil {
			return nil, err
		}
		if !own {
			tried++
		}
		if p == nil {
			continue
		}
		same, known := p.compare(w.sources)
		if same > most || same == most && known > mostKnown {
			best, most, mostKnown = p, same, known
		}
		if 4*most >= 3*len(w.sources) {
			break
		}
	}
	return best, nil
}

// compare counts the models that the set has as they are, and those that it has in
// any form.
func (p *previous) compare(sources []Source) (same, known int) {
	for i := range sources {
		a, ok := p.find(sources[i].Key)
		if !ok {
			continue
		}
		known++
		if p.indexes[a.pack].matches(a.entry, &sources[i]) {
			same++
		}
	}
	return same, known
}

// load reads the indexes of a set; nil if it is not whole.
func (w *writer) load(ctx context.Context, info store.Info) (*previous, error) {
	h, err := w.readHead(ctx, w.partition, info.Key)
	if err != nil || h == nil || !w.there.has(h) {
		return nil, err
	}
	p := &previous{key: info.Key, head: h, indexes: make([]*index, len(h.Packs)), unsure: map[string]bool{}}
	for _, key := range h.Unsure {
		p.unsure[key] = true
	}
	reads, ctx := errgroup.WithContext(ctx)
	reads.SetLimit(readsAtOnce)
	for i := range h.Packs {
		reads.Go(func() error {
			var err error
			p.indexes[i], err = h.Packs[i].readIndex(ctx, w.Store)
			return err
		})
	}
	if err := reads.Wait(); errors.Is(err, store.ErrNotFound) || errors.Is(err, ErrDamaged) {
		return nil, nil
	} else if err != nil {
		return nil, err
	}
	return p, nil
}

// keep says which packs of the set a new one goes on with, given that fresh bytes
// are to be read: all, its base, or none. See the package's text.
func (p *previous) keep(sources []Source, places []place, fresh int64) []bool {
	kept := make([]bool, len(p.indexes))
	if p.head == nil {
		return kept
	}
	var base, baseData, delta, live, moved int64
	deltas := 0
	for i := range p.head.Packs {
		if info := &p.head.Packs[i]; info.Base {
			base += info.Size
			baseData += p.indexes[i].data
		} else {
			delta += info.Size
			deltas++
		}
	}
	for i := range places {
		if !places[i].known {
			continue
		}
		if p.head.Packs[places[i].pack].Base {
			from, to := p.indexes[places[i].pack].span(places[i].entry)
			live += to - from
		} else {
			moved += sources[i].inPack()
		}
	}
	onlyBase := true
	switch {
	case base == 0 || 2*live < baseData:
		return kept
	case deltas < maxDeltas && 4*(delta+fresh) <= base:
		onlyBase = false
	case 4*(moved+fresh) > base:
		return kept
	}
	for i := range kept {
		kept[i] = p.head.Packs[i].Base || !onlyBase
	}
	return kept
}

const (
	maxDeltas   = 4
	readsAtOnce = 32
)
