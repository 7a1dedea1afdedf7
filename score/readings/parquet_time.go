package readings

import (
	"math/bits"
	"slices"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/deprecated"
	"github.com/parquet-go/parquet-go/encoding"
	"github.com/parquet-go/parquet-go/format"
)

// typedForm is how a time that has a type is written.
type typedForm struct {
	dateOnly bool
	zone     string // Z, or nothing for a local time
}

// A timeDecoder decodes times that have a type to nanoseconds.
type timeDecoder struct {
	ticks func(buffer *[]int64, values encoding.Values) []int64
	unit  int64 // nanoseconds in a tick
}

// A textTimeDecoder leaves times that are text, or numbers without a type, as text.
type textTimeDecoder struct{ text textOf }

func newTimeDecoder(column *parquet.Column) (decoder, typedForm, error) {
	int64s := func(_ *[]int64, v encoding.Values) []int64 { return v.Int64() }
	kind := column.Type().Kind()
	if logical := column.Type().LogicalType(); logical != nil {
		switch t := logical.Value.(type) {
		case *format.TimestampType:
			if t.Unit.Value == nil || kind != parquet.Int64 {
				break
			}
			form := typedForm{}
			if t.IsAdjustedToUTC {
				form.zone = "Z"
			}
			return &timeDecoder{ticks: int64s, unit: int64(t.Unit.Value.Duration())}, form, nil
		case *format.DateType:
			return &timeDecoder{ticks: days, unit: day * second}, typedForm{dateOnly: true}, nil
		}
	}
	if text := integerText(column); text != nil {
		return &textTimeDecoder{text}, typedForm{}, nil
	}
	switch kind {
	case parquet.Int96:
		return &timeDecoder{ticks: julian, unit: 1}, typedForm{zone: "Z"}, nil
	case parquet.Double:
		return &textTimeDecoder{textOfDouble}, typedForm{}, nil
	case parquet.ByteArray:
		return &textTimeDecoder{textOfBytes}, typedForm{}, nil
	}
	return nil, typedForm{}, errType(column, "a timestamp, a date, text, or a number since 1970")
}

func days(buffer *[]int64, values encoding.Values) []int64 {
	dst := (*buffer)[:0]
	for _, v := range values.Int32() {
		dst = append(dst, int64(v))
	}
	*buffer = dst
	return dst
}

// julian reads INT96 as Spark and Impala write it: nanoseconds of the day, and
// the Julian day, of which 2,440,588 is 1970-01-01. Days that are too far give
// what no int64 of nanoseconds can be.
func julian(buffer *[]int64, values encoding.Values) []int64 {
	dst := (*buffer)[:0]
	for _, v := range values.Int96() {
		dst = append(dst, julianNanoseconds(v))
	}
	*buffer = dst
	return dst
}

const epochJulian = 2_440_588

func julianNanoseconds(v deprecated.Int96) int64 {
	ofDay := int64(uint64(v[1])<<32 | uint64(v[0]))
	days := int64(int32(v[2])) - epochJulian
	const most = (1<<63 - 1) / (day * second)
	if days >= most || days <= -most || ofDay < 0 || ofDay >= day*second {
		return tooFar
	}
	return days*day*second + ofDay
}

// tooFar stands for a time that does not fit.
const tooFar = -1 << 63

func (d *timeDecoder) decode(p *page, into *cells) error {
	dense, err := undictionary(&into.ticks, d.ticks, p)
	if err != nil {
		return err
	}
	ticks, err := spread(&into.spread.ticks, dense, into.levels, 0)
	if err != nil {
		return err
	}
	if len(ticks) < into.rows {
		return errFewValues
	}
	into.ns = slices.Grow(into.ns[:0], into.rows)
	for i, tick := range ticks[:into.rows] {
		ns := tick * d.unit
		f := noFault
		switch hi, lo := bits.Mul64(uint64(max(tick, -tick)), uint64(d.unit)); {
		case into.levels != nil && into.levels[i] == 0:
			f = timeEmpty
		case tick == tooFar || hi != 0 || lo > 1<<63-1:
			f = timeTooFar
		}
		if f != noFault && into.faults == nil {
			into.faults = make([]fault, into.rows)
		}
		if f != noFault {
			into.faults[i], ns = f, tick
		}
		into.ns = append(into.ns, ns)
	}
	return nil
}

func (d *textTimeDecoder) decode(p *page, into *cells) error {
	into.ns = nil
	return rowTexts(d.text, p, into)
}

// A stamper makes stamps of times that have a type. A time is written with as
// few digits as its unit needs.
type stamper struct {
	typedForm
	forms [4]uint8 // by digits/3 of the fraction
	table *formTable
}

func newStamper(table *formTable, f typedForm) *stamper {
	s := &stamper{typedForm: f, table: table}
	for i := range s.forms {
		s.forms[i] = table.find(&parsed{layout: s.layout(i), tail: []byte(f.zone)})
	}
	return s
}

func (s *stamper) layout(thousands int) layout {
	if s.dateOnly {
		return layout{}
	}
	l := layout{separator: 'T', seconds: true, digits: uint8(3 * thousands)}
	if thousands > 0 {
		l.point = '.'
	}
	return l
}

func (s *stamper) stamp(ns int64) stamp {
	return stamp{ns: ns, form: s.forms[thousandsOf(ns)], unit: unitOf(ns)}
}

// thousandsOf is how many times three digits the fraction of a second needs.
func thousandsOf(ns int64) int {
	if ns%second == 0 {
		return 0
	}
	return 1 + int(unitOf(ns))
}

// text is the time as it is written, for where the table of forms is full.
func (s *stamper) text(ns int64) []byte {
	return append(s.layout(thousandsOf(ns)).append(nil, ns), s.zone...)
}
