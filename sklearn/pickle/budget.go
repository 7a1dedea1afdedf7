package pickle

import "unsafe"

// A budget is what all streams of a file share: what is left of the Limits.
type budget struct {
	memory  int
	decoded int
	nested  int
	named   map[globalName]int // the index of each global beyond the first few
}

// mapEntry is what an entry of one of our maps is charged, in bytes.
const mapEntry = 96

// charge takes n bytes from the memory that the input may make us allocate.
func (m *machine) charge(n int) error {
	if n > m.budget.memory {
		used := m.limits.Memory - m.budget.memory
		return m.exceeds("bytes of memory", "Memory", used+n, m.limits.Memory)
	}
	m.budget.memory -= n
	return nil
}

// decode takes n bytes from those that may be converted between encodings,
// which bounds the time that a memoised string can cost.
func (m *machine) decode(n int) error {
	if n > m.budget.decoded {
		used := m.limits.Decoded - m.budget.decoded
		return m.exceeds("bytes of text to convert", "Decoded", used+n, m.limits.Decoded)
	}
	m.budget.decoded -= n
	return nil
}

func (m *machine) exceeds(what, field string, got, limit int) error {
	return &LimitError{What: what, Got: int64(got), Limit: int64(limit), Field: field, Offset: m.op}
}

// grown returns s with room for n more elements, charged. The limit, in
// elements, belongs to the named field of Limits. Memory of earlier parses is
// charged like new, so that an input's fate does not depend on others.
func grown[T any](m *machine, s []T, spare *[]T, n, limit int, what, field string) ([]T, error) {
	need := len(s) + n
	if need <= cap(s) {
		return s, nil
	}
	if need > limit {
		return s, m.exceeds(what, field, need, limit)
	}
	size := min(max(need, 2*cap(s), 8), limit)
	var one T
	if err := m.charge(size * int(unsafe.Sizeof(one))); err != nil {
		return s, err
	}
	t := taken(spare, len(s), size)
	copy(t, s)
	return t, nil
}

// taken is a slice of the given length and capacity in the spare memory, which is
// made where it does not suffice. What is in it is anything.
func taken[T any](spare *[]T, length, size int) []T {
	if cap(*spare) < size {
		*spare = make([]T, size)
	}
	return (*spare)[:length:size]
}
