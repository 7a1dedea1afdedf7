package predictions

import (
	"slices"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/encoding"
)

// Names come in runs: all rows of a batch are of one sensor and one model. The
// library's dictionary looks at the text of each row, once to find its id and
// twice for the bounds of a page, which costs more than the rest of a row group.
// The types here look at each run, and leave all else to the library's.

// names is a node of text with a dictionary. What is written to its column are
// runs: a name, and the number of rows that have it.
type names struct{ parquet.Node }

func newNames() parquet.Node {
	return names{parquet.Encoded(parquet.String(), &parquet.RLEDictionary)}
}

func (n names) Type() parquet.Type { return nameType{n.Node.Type()} }

// nameType is the type of names.
type nameType struct{ parquet.Type }

func (t nameType) NewDictionary(column, size int, data encoding.Values) parquet.Dictionary {
	return nameDictionary{t.Type.NewDictionary(column, size, data)}
}

// nameDictionary is the names of a row group.
type nameDictionary struct{ parquet.Dictionary }

func (d nameDictionary) Type() parquet.Type { return idType{d.Dictionary.Type(), d.Dictionary} }

// idType is the type of ids into a dictionary.
type idType struct {
	parquet.Type
	dictionary parquet.Dictionary
}

func (t idType) NewColumnBuffer(column, size int) parquet.ColumnBuffer {
	return &idBuffer{ColumnBuffer: t.Type.NewColumnBuffer(column, 0), typ: t, ids: make([]int32, 0, size)}
}

// idBuffer is the ids of a page that is being filled. Of the library's buffer in
// it, which stays empty, a writer asks only for the number of the column.
type idBuffer struct {
	parquet.ColumnBuffer
	typ  idType
	ids  []int32
	runs []int32 // the ids, each run once
	id   [1]int32
}

// WriteValues writes runs, and says how many values they were.
func (b *idBuffer) WriteValues(runs []parquet.Value) (int, error) {
	for i := 0; i+1 < len(runs); i += 2 {
		b.typ.dictionary.Insert(b.id[:], runs[i:i+1])
		id := b.id[0]
		from, n := len(b.ids), int(runs[i+1].Int64())
		b.ids = slices.Grow(b.ids, n)[:from+n]
		for j := range b.ids[from:] {
			b.ids[from+j] = id
		}
		b.runs = append(b.runs, id)
	}
	return len(runs), nil
}

func (b *idBuffer) Reset()      { b.ids, b.runs = b.ids[:0], b.runs[:0] }
func (b *idBuffer) Len() int    { return len(b.ids) }
func (b *idBuffer) Cap() int    { return cap(b.ids) }
func (b *idBuffer) Size() int64 { return 4 * int64(len(b.ids)) }

func (b *idBuffer) Page() parquet.Page {
	page := b.typ.NewPage(b.Column(), len(b.ids), encoding.Int32Values(b.ids))
	return idPage{Page: page, runs: b.runs}
}

// idPage is a page whose bounds are those of its runs.
type idPage struct {
	parquet.Page
	runs []int32
}

func (p idPage) Bounds() (least, most parquet.Value, ok bool) {
	if len(p.runs) == 0 {
		return least, most, false
	}
	least, most = p.Dictionary().Bounds(p.runs)
	return least, most, true
}
