package sklearn

import (
	"github.com/fleetscore/fleetscore/sklearn/kernel"
	"github.com/fleetscore/fleetscore/sklearn/pickle"
)

// room is how many numbers may still be read out of a file. An array that is
// stored once may be read many times, one byte may stand for a number of 8, and
// the shape of a sparse matrix is a mere claim.
type room struct {
	left   int
	finder pickle.Finder
	// attributes are those of the estimator at hand.
	attributes attributes
	// What the model is made of, in the memory of models before it.
	values   []float64
	scalers  pool[standardScaler]
	machines pool[kernel.Machine]
}

// pool gives out objects, which it has again after reset.
type pool[T any] struct {
	all  []*T
	used int
}

func (p *pool[T]) next() *T {
	if p.used == len(p.all) {
		p.all = append(p.all, new(T))
	}
	p.used++
	return p.all[p.used-1]
}

// What every file may hold, and how much more for each byte as it is stored:
// enough for dense arrays that were compressed to a hundredth.
const (
	freeValues    = 1 << 20
	valuesPerByte = 16
)

// reset makes room for a file of size bytes.
func (r *room) reset(size int) {
	r.left = freeValues + valuesPerByte*size
	if r.values = r.values[:0]; cap(r.values) > mostKept {
		r.values = nil
	}
	r.scalers.used, r.machines.used = 0, 0
}

// mostKept is how many values' memory is used again; that of a large model goes
// with it.
const mostKept = 1 << 20

// take reserves room for n values of an attribute.
func (a *attributes) take(name string, n int) error {
	if a.room == nil || n > a.room.left {
		return unsupported("%s.%s unfolds to %d values, too many for a file of its size; dump the model again with dense arrays, uncompressed",
			a.class, name, n)
	}
	a.room.left -= n
	return nil
}
