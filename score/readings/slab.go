package readings

// The growth of a sensor's memory: its next span is half of what it has, at
// least minSpan rows and at most maxSpan. So at most a third stands empty.
const (
	slabRows  = 1 << 14 // with one value a row; fewer with more
	leastRows = 1 << 8
	minSpan   = 4
	maxSpan   = 1 << 12
)

// A slab holds the readings of many sensors, column by column, at 17 bytes a
// row of one value; several values of a row lie side by side. Spans of it belong to sensors. Without slabs, each small span would cost
// three allocations, their rounding and the collector's attention.
type slab struct {
	times  []int64
	values []float64 // width a row
	width  int
	forms  []uint8 // into table, or keptForm
	table  *formTable

	// Times that no form gives back: keptAt[row] is where in kept the row's text
	// is (a length byte, then the text). Nil while the slab keeps none.
	keptAt []uint32
	kept   []byte
}

// keep stores the text of the time in row i; it is at most maxTime long.
func (s *slab) keep(i int, text []byte) {
	if s.keptAt == nil {
		s.keptAt = make([]uint32, len(s.times))
	}
	s.keptAt[i] = uint32(len(s.kept))
	s.kept = append(append(s.kept, byte(len(text))), text...)
}

func (s *slab) appendKept(dst []byte, i int) []byte {
	text := s.kept[s.keptAt[i]:]
	return append(dst, text[1:1+int(text[0])]...)
}

// A span is a sensor's part of a slab: size rows from start, of which the first
// rows are filled.
type span struct {
	slab              *slab
	start, rows, size uint16
}

func (s span) end() int { return int(s.start) + int(s.rows) }

// An arena cuts spans from slabs.
type arena struct {
	table *formTable
	width int // values a row
	slab  *slab
	used  int
}

// span returns an empty span of want rows, or of fewer at the end of a slab.
func (a *arena) span(want int) span {
	if a.slab == nil || a.used == len(a.slab.times) {
		rows := max(slabRows/a.width, leastRows)
		a.slab = &slab{
			times:  make([]int64, rows),
			values: make([]float64, rows*a.width),
			width:  a.width,
			forms:  make([]uint8, rows),
			table:  a.table,
		}
		a.used = 0
	}
	size := min(want, len(a.slab.times)-a.used)
	start := a.used
	a.used += size
	return span{slab: a.slab, start: uint16(start), size: uint16(size)}
}
