package readings

import (
	"context"
	"strconv"

	"github.com/parquet-go/parquet-go/format"

	"github.com/fleetscore/fleetscore/fleet"
)

// parquetRows puts the columns of a Parquet file together, row by row. The first
// three columns are device, tag and time; the values follow.
type parquetRows struct {
	source
	columns []*columnReader
	form    typedForm
	stamper *stamper
	pairs   pairs
}

// checkEvery is how many rows are read between two looks at the context.
const checkEvery = 1 << 14

func (p *parquetRows) read(ctx context.Context, file *parquetFile, group *format.RowGroup) error {
	if p.stamper == nil {
		p.stamper = newStamper(p.c.clock.table, p.form)
	}
	p.pairs = pairs{others: make(map[uint64]*pair)}
	first := p.line
	ctx, stop := context.WithCancel(ctx)
	defer func() {
		stop()
		for _, column := range p.columns {
			column.drain()
		}
	}()
	for _, column := range p.columns {
		if err := column.start(ctx, file, group); err != nil {
			return err
		}
	}
	for {
		n := checkEvery
		ended := 0
		for _, column := range p.columns {
			more, err := column.next(ctx)
			if err != nil {
				return err
			}
			if !more {
				ended++
			}
			n = min(n, column.at.rows-column.used)
		}
		switch ended {
		case 0:
			p.batch(n)
		case len(p.columns):
			if p.line != first+group.NumRows {
				return errRagged
			}
			return context.Cause(ctx)
		default:
			return errRagged
		}
	}
}

// batch adds the next n rows, which all columns have in their current page.
func (p *parquetRows) batch(n int) {
	device, tag, clean := p.columns[0], p.columns[1], p.clean()
	for i := range n {
		to := p.pair(device.at, device.used+i, tag.at, tag.used+i)
		switch {
		case to.err != nil:
			p.note(i)
			p.lost(to.err.Error())
		case to.series != nil && clean && to.need == nil:
			p.fast(to.series, i)
		case to.series != nil:
			p.note(i)
			p.row(to, i)
		}
		p.line++
	}
	for _, column := range p.columns {
		column.used += n
	}
}

// clean reports that no value or time of the current pages needs a second look,
// and notes of what kind the values are.
func (p *parquetRows) clean() bool {
	time := p.columns[2].at
	if time.ns == nil || time.faults != nil {
		return false
	}
	for _, column := range p.columns[3:] {
		if column.at.kinds != nil {
			return false
		}
	}
	for j, column := range p.columns[3:] {
		p.c.otherwise[j] = p.c.otherwise[j] || column.at.kind != integer
	}
	return true
}

// fast adds row i of a clean batch.
func (p *parquetRows) fast(to *Series, i int) {
	time := p.columns[2]
	for j, column := range p.columns[3:] {
		p.values[j] = column.at.values[column.used+i]
	}
	at := p.stamper.stamp(time.at.ns[time.used+i])
	if p.c.clips() && (at.ns < p.c.opt.From || at.ns >= p.c.opt.To) {
		return
	}
	slab, k := to.add(&p.c.arena, at.ns, p.values, at.form)
	if at.form == keptForm {
		slab.keep(k, p.stamper.text(at.ns))
	}
	p.c.rows++
	p.c.unit = max(p.c.unit, at.unit)
}

// note takes the values of row i, and how they are written.
func (p *parquetRows) note(i int) {
	for j, column := range p.columns[3:] {
		c, k := column.at, column.used+i
		p.values[j], p.kinds[j] = c.values[k], c.kind
		if c.kinds != nil {
			p.kinds[j] = c.kinds[k]
		}
	}
	p.noteKinds()
}

// row adds row i, which may have any fault.
func (p *parquetRows) row(to *pair, i int) {
	time := p.columns[2]
	k := time.used + i
	var at stamp
	var text []byte
	var f fault
	switch {
	case time.at.ns == nil:
		text = time.at.text(k)
		at, f = p.c.clock.read(text)
	case time.at.faults != nil && time.at.faults[k] != noFault:
		f, text = time.at.faults[k], strconv.AppendInt(nil, time.at.ns[k], 10)
	default:
		if at = p.stamper.stamp(time.at.ns[k]); at.form == keptForm {
			text = p.stamper.text(at.ns)
		}
	}
	if f != noFault {
		p.fail(to.series, fleet.BadRow, func() string { return f.message(text) })
		return
	}
	p.reading(to.series, to.need, at, text, func(j int) []byte {
		column := p.columns[3+j]
		return column.at.written(column.used + i)
	})
}

// pair is a device and a tag of a row group.
type pair struct {
	series *Series // nil: of no feature, or err
	need   []bool
	err    error
}

// pairs finds the pairs of a row group by the ids of their names.
type pairs struct {
	byDevice [][]*pair // by id of the device, then of the tag, where that is below fewTags
	others   map[uint64]*pair
}

// fewTags bounds the memory of pairs that do not occur.
const fewTags = 64

func (p *parquetRows) pair(device *cells, i int, tag *cells, j int) *pair {
	d, t := device.ids[i], tag.ids[j]
	if int(d) < len(p.pairs.byDevice) && int(t) < len(p.pairs.byDevice[d]) {
		if found := p.pairs.byDevice[d][t]; found != nil {
			return found
		}
	} else if found := p.pairs.others[uint64(d)<<32|uint64(t)]; found != nil {
		return found
	}
	found := &pair{}
	found.series, found.need, found.err = p.find(trim(device.text(i)), trim(tag.text(j)))
	p.pairs.add(d, t, found)
	return found
}

func (p *pairs) add(device, tag int32, found *pair) {
	if tag >= fewTags {
		p.others[uint64(device)<<32|uint64(tag)] = found
		return
	}
	for int(device) >= len(p.byDevice) {
		p.byDevice = append(p.byDevice, nil)
	}
	for int(tag) >= len(p.byDevice[device]) {
		p.byDevice[device] = append(p.byDevice[device], nil)
	}
	p.byDevice[device][tag] = found
}
