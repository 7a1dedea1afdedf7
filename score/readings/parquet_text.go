package readings

import (
	"bytes"
	"errors"
	"strconv"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/encoding"
	"github.com/parquet-go/parquet-go/format"
)

var (
	errFewValues = errors.New("a page has fewer values than it says")
	errNoEntry   = errors.New("a page refers to an entry that its dictionary does not have")
)

// textOf gives the values of a page or a dictionary as text.
type textOf func(dst [][]byte, values encoding.Values) [][]byte

func textOfBytes(dst [][]byte, values encoding.Values) [][]byte {
	data, offsets := values.ByteArray()
	for i := range max(len(offsets), 1) - 1 {
		dst = append(dst, data[offsets[i]:offsets[i+1]:offsets[i+1]])
	}
	return dst
}

func textOfFixed(dst [][]byte, values encoding.Values) [][]byte {
	data, size := values.FixedLenByteArray()
	for ; size > 0 && len(data) >= size; data = data[size:] {
		dst = append(dst, data[:size:size])
	}
	return dst
}

func textOfInt32(dst [][]byte, values encoding.Values) [][]byte {
	for _, v := range values.Int32() {
		dst = append(dst, strconv.AppendInt(nil, int64(v), 10))
	}
	return dst
}

func textOfUint32(dst [][]byte, values encoding.Values) [][]byte {
	for _, v := range values.Int32() {
		dst = append(dst, strconv.AppendUint(nil, uint64(uint32(v)), 10))
	}
	return dst
}

func textOfInt64(dst [][]byte, values encoding.Values) [][]byte {
	for _, v := range values.Int64() {
		dst = append(dst, strconv.AppendInt(nil, v, 10))
	}
	return dst
}

func textOfUint64(dst [][]byte, values encoding.Values) [][]byte {
	for _, v := range values.Int64() {
		dst = append(dst, strconv.AppendUint(nil, uint64(v), 10))
	}
	return dst
}

func textOfDouble(dst [][]byte, values encoding.Values) [][]byte {
	for _, v := range values.Double() {
		dst = append(dst, strconv.AppendFloat(nil, v, 'f', -1, 64))
	}
	return dst
}

// A nameDecoder decodes devices and tags: each page to ids of texts, which stay
// the same within a row group.
type nameDecoder struct {
	text    textOf
	texts   [][]byte
	known   map[string]int32 // of texts that do not come from the file's dictionary
	read    bool             // the file's dictionary is in texts
	entries int              // of that dictionary
	none    int32            // id of the text of null
	plain   [][]byte         // scratch
}

func newNameDecoder(column *parquet.Column) (decoder, error) {
	if text := integerText(column); text != nil {
		return &nameDecoder{text: text}, nil
	}
	switch kind := column.Type().Kind(); {
	case !isText(column):
	case kind == parquet.ByteArray:
		return &nameDecoder{text: textOfBytes}, nil
	case kind == parquet.FixedLenByteArray:
		return &nameDecoder{text: textOfFixed}, nil
	}
	return nil, errType(column, "text or an integer")
}

// isText reports whether bytes in a column may be text: not those of a DECIMAL, a
// FLOAT16 or a UUID.
func isText(column *parquet.Column) bool {
	logical := column.Type().LogicalType()
	if logical == nil || logical.Value == nil {
		return true
	}
	switch logical.Value.(type) {
	case *format.StringType, *format.EnumType, *format.JsonType, *format.NullType:
		return true
	}
	return false
}

// integerText is how the integers of a column are written; nil if it has no integers.
func integerText(column *parquet.Column) textOf {
	integer := integerOf(column)
	switch {
	case !integer.is:
		return nil
	case integer.wide && integer.unsigned:
		return textOfUint64
	case integer.wide:
		return textOfInt64
	case integer.unsigned:
		return textOfUint32
	}
	return textOfInt32
}

// reset forgets the names: each row group has a dictionary of its own.
func (d *nameDecoder) reset() { d.texts, d.known, d.read, d.none = nil, nil, false, -1 }

func (d *nameDecoder) decode(p *page, into *cells) (err error) {
	var ids []int32
	if p.dict != nil {
		ids, err = d.dictionary(p.dict, p.values)
	} else {
		ids = d.intern(p.values)
	}
	if err != nil {
		return err
	}
	if into.levels != nil && d.none < 0 {
		d.none = d.add(nil)
	}
	into.texts = d.texts
	into.ids, err = spread(&into.spread.ids, ids, into.levels, d.none)
	if err == nil && len(into.ids) < into.rows {
		err = errFewValues
	}
	return err
}

// dictionary takes over the file's dictionary and checks the ids of a page.
func (d *nameDecoder) dictionary(dict *dictionary, values encoding.Values) ([]int32, error) {
	if !d.read {
		d.read = true
		if len(d.texts) > 0 {
			return nil, errors.New("a dictionary follows plain values")
		}
		d.texts = d.text(nil, dict.values)
		d.entries = len(d.texts)
	}
	ids := values.Int32()
	return ids, checkIDs(ids, d.entries)
}

func checkIDs(ids []int32, entries int) error {
	for _, id := range ids {
		if uint32(id) >= uint32(entries) {
			return errNoEntry
		}
	}
	return nil
}

// intern gives the values of a page without dictionary ids of our own.
func (d *nameDecoder) intern(values encoding.Values) []int32 {
	if d.known == nil {
		d.known = make(map[string]int32)
		for i, text := range d.texts {
			d.known[string(text)] = int32(i)
		}
	}
	d.plain = d.text(d.plain[:0], values)
	ids := make([]int32, 0, len(d.plain))
	for _, text := range d.plain {
		id, ok := d.known[string(text)]
		if !ok {
			id = d.add(bytes.Clone(text))
			d.known[string(text)] = id
		}
		ids = append(ids, id)
	}
	return ids
}

func (d *nameDecoder) add(text []byte) int32 {
	d.texts = append(d.texts, text)
	return int32(len(d.texts) - 1)
}

// rowTexts gives a page's text row by row; nil for null.
func rowTexts(text textOf, p *page, into *cells) error {
	dense := into.plain[:0]
	if p.dict != nil {
		entries := entriesOf(p.dict, func(v encoding.Values) [][]byte { return text(nil, v) })
		ids := p.values.Int32()
		if err := checkIDs(ids, len(entries)); err != nil {
			return err
		}
		for _, id := range ids {
			dense = append(dense, entries[id])
		}
	} else {
		dense = text(dense, p.values)
	}
	var err error
	into.plain = dense
	into.texts, err = spread(&into.spread.texts, dense, into.levels, nil)
	if err == nil && len(into.texts) < into.rows {
		err = errFewValues
	}
	return err
}
