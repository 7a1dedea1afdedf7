package readings

import (
	"errors"
	"fmt"
	"slices"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/encoding"
	"github.com/parquet-go/parquet-go/encoding/rle"
	"github.com/parquet-go/parquet-go/format"
)

// maxText is how many bytes DELTA_BYTE_ARRAY may make of a page beside its own.
const maxText = 64 << 20

// decode decodes the levels and values of a page.
func (r *pages) decode(p *page, levels, values []byte, as format.Encoding) (err error) {
	n := p.rows
	if r.optional {
		nulls, length, err := countNulls(levels, n)
		if err != nil {
			return err
		}
		if nulls > 0 {
			p.flags = slices.Grow(p.flags[:0], n+maxSpare)
			if p.flags, err = (&rle.Encoding{BitWidth: 1}).DecodeLevels(p.flags, levels[:length]); err != nil {
				return err
			}
			p.levels = p.flags[:n]
		}
		n -= nulls
	}
	if n == 0 {
		p.dict, p.values = r.dict, encoding.Int32Values(nil)
		if r.dict == nil {
			p.values = none(r.typ)
		}
		return nil
	}
	if as == format.RLEDictionary || as == format.PlainDictionary { //nolint:staticcheck // older writers have it
		return r.lookUp(p, values, n)
	}
	if err := checkCount(r.typ, values, n, as); err != nil {
		return err
	}
	if as == format.Plain && width(r.typ) > 0 {
		p.values, err = cut(r.typ, values, nil, n)
		return err
	}
	enc := parquet.LookupEncoding(as)
	memory, inPlace := p.unpacked, enc.CanDecodeInPlace()
	if inPlace {
		memory = values
	}
	if p.values, err = r.typ.Decode(r.typ.NewValues(memory[:0], p.offsets[:0]), values, enc); err != nil {
		return err
	}
	data, offsets := p.values.Data()
	if !inPlace {
		p.unpacked = data
	}
	if offsets != nil {
		p.offsets = offsets
	}
	p.values, err = cut(r.typ, data, offsets, n)
	return err
}

// lookUp decodes the ids of n values.
func (r *pages) lookUp(p *page, values []byte, n int) error {
	if r.dict == nil {
		return errors.New("a page refers to a dictionary that is not there")
	}
	length, err := idBytes(values, n)
	if err != nil {
		return err
	}
	p.ids = slices.Grow(p.ids[:0], n+maxSpare)
	if p.ids, err = parquet.RLEDictionary.DecodeInt32(p.ids, values[:length]); err != nil {
		return err
	}
	p.dict, p.values = r.dict, encoding.Int32Values(p.ids[:n])
	return nil
}

// dictionary reads the dictionary of the chunk, in memory of its own.
func (r *pages) dictionary(header *format.PageHeader) error {
	h := &header.DictionaryPageHeader.V
	text, err := r.text(nil, header, 0, true)
	switch {
	case err != nil:
		return err
	case r.dict != nil:
		return errors.New("it is the column's second one")
	case h.Encoding != format.Plain && h.Encoding != format.PlainDictionary: //nolint:staticcheck // as above
		return errEncoding(h.Encoding)
	case h.NumValues < 0:
		return errFewValues
	}
	n := int(h.NumValues)
	if n == 0 {
		r.dict = &dictionary{values: none(r.typ)}
		return nil
	}
	if err := checkCount(r.typ, text, n, format.Plain); err != nil {
		return err
	}
	values, err := r.typ.Decode(r.typ.NewValues(text[:0], nil), text, &parquet.Plain)
	if err != nil {
		return err
	}
	data, offsets := values.Data()
	if values, err = cut(r.typ, data, offsets, n); err != nil {
		return err
	}
	r.dict = &dictionary{values: values}
	return nil
}

// cut takes the first n values.
func cut(typ parquet.Type, data []byte, offsets []uint32, n int) (encoding.Values, error) {
	if typ.Kind() == parquet.ByteArray {
		if len(offsets) <= n {
			return none(typ), errFewValues
		}
		offsets = offsets[:n+1]
		if !slices.IsSorted(offsets) || int64(offsets[n]) > int64(len(data)) {
			return none(typ), errFewValues
		}
		return typ.NewValues(data, offsets), nil
	}
	w := width(typ)
	if len(data)/w < n {
		return none(typ), errFewValues
	}
	return typ.NewValues(data[:n*w], nil), nil
}

func none(typ parquet.Type) encoding.Values { return typ.NewValues(nil, []uint32{0}) }

// width is how many bytes a value takes; 0 if that differs.
func width(typ parquet.Type) int {
	switch typ.Kind() {
	case parquet.Int32, parquet.Float:
		return 4
	case parquet.Int64, parquet.Double:
		return 8
	case parquet.Int96:
		return 12
	case parquet.FixedLenByteArray:
		return typ.Length()
	}
	return 0
}

func errEncoding(as format.Encoding) error {
	return fmt.Errorf("a page is encoded as %v, which is not read", as)
}
