package readings

import "slices"

// gatherBelow is the number of rows below which a span is not worth a block of
// its own: such neighbours are copied into one. A sensor has less than about
// 200 rows in such spans, so the copies stay small.
const gatherBelow = 64

// Block is a stretch of a sensor's readings, in the order in which they came. It
// may not be written to.
type Block struct {
	Times  []int64   // nanoseconds since 1970, UTC
	Values []float64 // Width for each time, row after row
	Width  int

	forms []uint8
	spans []span
	table *formTable
}

// Len is the number of rows.
func (b *Block) Len() int { return len(b.Times) }

// Row is the values of row i.
func (b *Block) Row(i int) []float64 { return b.Values[i*b.Width : (i+1)*b.Width] }

// Blocks gives the sensor's readings in the order in which they were read, in
// blocks of 1 to 4,096 rows. Each call builds the blocks anew.
func (s *Series) Blocks() []*Block {
	spans := s.full
	if s.tail.rows > 0 {
		spans = append(slices.Clip(spans), s.tail)
	}
	var blocks []*Block
	for len(spans) > 0 {
		n := 0
		for n < len(spans) && spans[n].rows < gatherBelow {
			n++
		}
		n = max(n, 1)
		blocks = append(blocks, newBlock(spans[:n]))
		spans = spans[n:]
	}
	return blocks
}

func newBlock(spans []span) *Block {
	first := spans[0]
	w := first.slab.width
	b := &Block{Width: w, spans: spans, table: first.slab.table}
	if len(spans) == 1 {
		from, to := int(first.start), first.end()
		b.Times = first.slab.times[from:to:to]
		b.Values = first.slab.values[from*w : to*w : to*w]
		b.forms = first.slab.forms[from:to:to]
		return b
	}
	n := 0
	for _, sp := range spans {
		n += int(sp.rows)
	}
	b.Times, b.Values, b.forms = make([]int64, 0, n), make([]float64, 0, n*w), make([]uint8, 0, n)
	for _, sp := range spans {
		from, to := int(sp.start), sp.end()
		b.Times = append(b.Times, sp.slab.times[from:to]...)
		b.Values = append(b.Values, sp.slab.values[from*w:to*w]...)
		b.forms = append(b.forms, sp.slab.forms[from:to]...)
	}
	return b
}

// AppendTime appends the time of row i to dst exactly as it came in, byte for
// byte (without the quotes of CSV, and with the white space around it). The
// text is at most 255 bytes long and can hold a comma, never a quote or a line
// end.
func (b *Block) AppendTime(dst []byte, i int) []byte {
	if form := b.forms[i]; form != keptForm {
		return b.table.forms[form].append(dst, b.Times[i])
	}
	for _, sp := range b.spans {
		if i < int(sp.rows) {
			return sp.slab.appendKept(dst, int(sp.start)+i)
		}
		i -= int(sp.rows)
	}
	return dst
}
