package pickle

// spare is the memory of earlier parses, which later ones use again. It is no
// part of what they find.
type spare struct {
	stack, dense, cells []cell
	marks               []uint32
	runs                []run
	objects             []object
	arrays              []array
	dtypes              []dtype
	globals             []Global
	side                []byte
}

// mostSpare is how many elements of each kind are kept: a large file's memory goes
// when it does.
const mostSpare = 1 << 14

// shrink lets go of what a large file has left.
func (s *spare) shrink() {
	drop(&s.stack)
	drop(&s.dense)
	drop(&s.cells)
	drop(&s.marks)
	drop(&s.runs)
	drop(&s.objects)
	drop(&s.arrays)
	drop(&s.dtypes)
	drop(&s.globals)
	drop(&s.side)
}

func drop[T any](s *[]T) {
	if cap(*s) > mostSpare {
		*s = nil
	}
}
