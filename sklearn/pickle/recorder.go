package pickle

// A recorder notes, while a machine runs a file, what a template has to know: where
// the opcodes are, and which numbers and bytes decide anything beyond their own
// value. A nil recorder notes nothing.
type recorder struct {
	unfit   bool // no template can be made of the file
	ops     []uint32
	pinned  []cell
	scalars []scalarNote
	arrays  []arrayNote
	raws    map[uint32]rawNote // by the offset of BUILD
}

// A scalarNote is a number that a call made of bytes.
type scalarNote struct {
	number, data cell
	dtype        dtype
}

// An arrayNote is an array whose shape was compared with what it holds.
type arrayNote struct {
	index uint32 // in Document.arrays
	array array
}

// A rawNote is a joblib array, whose elements stand behind its BUILD.
type rawNote struct {
	note    int // in recorder.arrays
	aligned bool
	most    int64 // bytes of padding
}

func (r *recorder) reset() {
	*r = recorder{ops: r.ops[:0], pinned: r.pinned[:0], scalars: r.scalars[:0], arrays: r.arrays[:0]}
}

func (r *recorder) opcode(at int) { r.ops = append(r.ops, uint32(at)) }

// abandon says that no template can be made.
func (r *recorder) abandon() {
	if r != nil {
		r.unfit = true
	}
}

// pin notes a number, or bytes, that must stay the same for all else to do so.
func (r *recorder) pin(c cell) {
	if r != nil {
		r.pinned = append(r.pinned, c)
	}
}

// scalar notes that number was made of data.
func (r *recorder) scalar(number, data cell, t dtype) {
	if r != nil {
		r.scalars = append(r.scalars, scalarNote{number, data, t})
	}
}

// array notes that an array has the substance of a.
func (r *recorder) array(index uint32, a array) {
	if r != nil {
		r.arrays = append(r.arrays, arrayNote{index, a})
	}
}

// raw notes that the array built at op has its elements in the file.
func (r *recorder) raw(op int, index uint32, a array, aligned bool, most int64) {
	if r == nil {
		return
	}
	if r.raws == nil {
		r.raws = make(map[uint32]rawNote)
	}
	r.raws[uint32(op)] = rawNote{len(r.arrays), aligned, most}
	r.array(index, a)
}
