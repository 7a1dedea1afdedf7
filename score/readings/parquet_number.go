package readings

import (
	"math"
	"math/big"
	"slices"
	"strconv"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/encoding"
	"github.com/parquet-go/parquet-go/format"
)

// integerKind says whether a column holds integers, and which.
type integerKind struct{ is, wide, unsigned bool }

func integerOf(column *parquet.Column) integerKind {
	k := integerKind{wide: column.Type().Kind() == parquet.Int64}
	if kind := column.Type().Kind(); kind != parquet.Int32 && kind != parquet.Int64 {
		return k
	}
	logical := column.Type().LogicalType()
	if logical == nil || logical.Value == nil {
		k.is = true
		return k
	}
	if t, ok := logical.Value.(*format.IntType); ok {
		k.is, k.unsigned = true, !t.IsSigned
	}
	return k
}

// floats gives the values of a page or a dictionary as numbers, in buffer or where they are.
type floats func(buffer *[]float64, values encoding.Values) []float64

// undictionary gives the values of a page that are not null, looked up if there
// is a dictionary, in buffer or where they are.
func undictionary[T any](buffer *[]T, get func(*[]T, encoding.Values) []T, p *page) ([]T, error) {
	if p.dict == nil {
		return get(buffer, p.values), nil
	}
	entries := entriesOf(p.dict, func(v encoding.Values) []T { return get(new([]T), v) })
	ids := p.values.Int32()
	if err := checkIDs(ids, len(entries)); err != nil {
		return nil, err
	}
	dense := slices.Grow((*buffer)[:0], len(ids))
	for _, id := range ids {
		dense = append(dense, entries[id])
	}
	*buffer = dense
	return dense, nil
}

// A valueDecoder decodes values.
type valueDecoder struct {
	floats  floats
	text    textOf // of values that are text; then floats is nil
	integer bool
}

func newValueDecoder(column *parquet.Column) (decoder, error) {
	if d := newDecimalDecoder(column); d != nil {
		return d, nil
	}
	if integer := integerOf(column); integer.is {
		return &valueDecoder{floats: integer.floats(), integer: true}, nil
	}
	switch column.Type().Kind() {
	case parquet.Double:
		return &valueDecoder{floats: func(_ *[]float64, v encoding.Values) []float64 { return v.Double() }}, nil
	case parquet.Float:
		return &valueDecoder{floats: func(buffer *[]float64, v encoding.Values) []float64 { return convert(buffer, v.Float()) }}, nil
	case parquet.ByteArray:
		return &valueDecoder{text: textOfBytes}, nil
	}
	return nil, errType(column, "numbers, or numbers as text")
}

func (k integerKind) floats() floats {
	switch {
	case k.wide && k.unsigned:
		return func(buffer *[]float64, v encoding.Values) []float64 { return convert(buffer, v.Uint64()) }
	case k.wide:
		return func(buffer *[]float64, v encoding.Values) []float64 { return convert(buffer, v.Int64()) }
	case k.unsigned:
		return func(buffer *[]float64, v encoding.Values) []float64 { return convert(buffer, v.Uint32()) }
	}
	return func(buffer *[]float64, v encoding.Values) []float64 { return convert(buffer, v.Int32()) }
}

func convert[T int32 | int64 | uint32 | uint64 | float32](buffer *[]float64, values []T) []float64 {
	dst := (*buffer)[:0]
	for _, v := range values {
		dst = append(dst, float64(v))
	}
	*buffer = dst
	return dst
}

func (d *valueDecoder) decode(p *page, into *cells) error {
	if d.floats == nil {
		return d.decodeText(p, into)
	}
	dense, err := undictionary(&into.buffer, d.floats, p)
	if err != nil {
		return err
	}
	if into.values, err = spread(&into.spread.values, dense, into.levels, math.NaN()); err != nil {
		return err
	}
	if len(into.values) < into.rows {
		return errFewValues
	}
	d.judge(into)
	return nil
}

// judge says of what kind the values are.
func (d *valueDecoder) judge(c *cells) {
	c.kind = decimal
	if d.integer {
		c.kind = integer
	}
	for i, v := range c.values[:c.rows] {
		kind := c.kind
		switch {
		case v != v:
			kind = missing
		case math.IsInf(v, 0):
			kind = infinite
		case d.integer && math.Abs(v) > maxExact:
			kind = decimal
		}
		if kind != c.kind && c.kinds == nil {
			c.kinds = make([]number, c.rows)
			for j := range c.kinds {
				c.kinds[j] = c.kind
			}
		}
		if c.kinds != nil {
			c.kinds[i] = kind
		}
	}
}

func (d *valueDecoder) decodeText(p *page, into *cells) error {
	if err := rowTexts(d.text, p, into); err != nil {
		return err
	}
	into.values, into.kinds = make([]float64, into.rows), make([]number, into.rows)
	for i, text := range into.texts[:into.rows] {
		into.values[i], into.kinds[i] = parseValue(text)
	}
	return nil
}

// written is the text of a value, for messages.
func (c *cells) written(i int) []byte {
	switch {
	case c.texts != nil:
		return c.text(i)
	case c.levels != nil && c.levels[i] == 0:
		return nil
	}
	return strconv.AppendFloat(nil, c.values[i], 'g', -1, 64)
}

// newDecimalDecoder decodes DECIMAL by way of its text, which rounds correctly;
// nil for another type.
func newDecimalDecoder(column *parquet.Column) decoder {
	logical := column.Type().LogicalType()
	if logical == nil {
		return nil
	}
	t, ok := logical.Value.(*format.DecimalType)
	if !ok {
		return nil
	}
	exponent := "e" + strconv.Itoa(-int(t.Scale))
	unscaled := map[parquet.Kind]textOf{
		parquet.Int32: textOfInt32, parquet.Int64: textOfInt64,
		parquet.FixedLenByteArray: textOfFixed, parquet.ByteArray: textOfBytes,
	}[column.Type().Kind()]
	binary := column.Type().Kind() == parquet.FixedLenByteArray || column.Type().Kind() == parquet.ByteArray
	if unscaled == nil {
		return nil
	}
	return &valueDecoder{text: func(dst [][]byte, values encoding.Values) [][]byte {
		from := len(dst)
		dst = unscaled(dst, values)
		for i := from; i < len(dst); i++ {
			digits := dst[i]
			if binary {
				digits = bigEndian(digits).Append(nil, 10)
			}
			dst[i] = append(append([]byte(nil), digits...), exponent...)
		}
		return dst
	}}
}

// bigEndian is the two's complement number in b.
func bigEndian(b []byte) *big.Int {
	n := new(big.Int).SetBytes(b)
	if len(b) > 0 && b[0]&0x80 != 0 {
		n.Sub(n, new(big.Int).Lsh(big.NewInt(1), uint(8*len(b))))
	}
	return n
}
