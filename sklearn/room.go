package sklearn

// room is how many numbers may still be read out of a file. An array that is
// stored once may be read many times, one byte may stand for a number of 8, and
// the shape of a sparse matrix is a mere claim.
type room struct{ left int }

// What every file may hold, and how much more for each byte as it is stored:
// enough for dense arrays that were compressed to a hundredth.
const (
	freeValues    = 1 << 20
	valuesPerByte = 16
)

func newRoom(size int) *room {
	return &room{freeValues + valuesPerByte*size}
}

// take reserves room for n values of an attribute.
func (a attributes) take(name string, n int) error {
	if a.room == nil || n > a.room.left {
		return unsupported("%s.%s unfolds to %d values, too many for a file of its size; dump the model again with dense arrays, uncompressed",
			a.class, name, n)
	}
	a.room.left -= n
	return nil
}
