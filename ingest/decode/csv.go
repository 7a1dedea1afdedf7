package decode

import (
	"bytes"

	"github.com/fleetscore/fleetscore/fleet"
)

// maxColumns is how many columns a row may have.
const maxColumns = 256

// rows decodes CSV.
func (d *Decoder) rows(body []byte, now int64, b *Batch) error {
	var at *columns
	for n := 1; len(body) > 0; n++ {
		var line []byte
		line, body = cutLine(body)
		if len(line) > d.limits.Line {
			b.reject(n, 0, d.lineTooLong())
			if at == nil {
				return nil
			}
			continue
		}
		if len(trim(line)) == 0 {
			continue
		}
		f := d.cut(line)
		if at == nil {
			var header columns
			if !f.any() {
				header, f = findColumns(d.cells)
			}
			if f.any() {
				b.reject(n, 0, f)
				return nil
			}
			at = &header
			continue
		}
		var r fleet.Reading
		if !f.any() {
			f = d.row(at, now, &r)
		}
		if err := d.add(b, &r, f, n, 0); err != nil {
			return err
		}
	}
	if at == nil && b.Rejected == 0 {
		b.reject(1, 0, flaw{BadCSV, "there is no header row", nil})
	}
	return nil
}

// row decodes the cells of a row.
func (d *Decoder) row(at *columns, now int64, r *fleet.Reading) (f flaw) {
	if len(d.cells) != at.count {
		return flaw{BadCSV, "the row has not as many cells as the header", nil}
	}
	if r.Device, f = d.devices.name(d.cells[at.device]); f.any() {
		return f
	}
	if r.Tag, f = d.tags.name(d.cells[at.tag]); f.any() {
		return f
	}
	r.Time, r.Received = now, true
	if text := trim(d.cells[at.time]); len(text) > 0 {
		if f = readTime(text, r); f.any() {
			return f
		}
	}
	if f = readValue(d.cells[at.value], r); f.any() {
		return f
	}
	if at.seq < 0 {
		return f
	}
	if text := trim(d.cells[at.seq]); len(text) > 0 {
		f = readSeq(text, r)
	}
	return f
}

// cut cuts a row into cells.
func (d *Decoder) cut(line []byte) flaw {
	d.cells, d.scratch = d.cells[:0], d.scratch[:0]
	for {
		if len(d.cells) == maxColumns {
			return flaw{BadCSV, "the row has too many cells", nil}
		}
		if len(line) > 0 && line[0] == '"' {
			cell, rest, ok := d.quoted(line[1:])
			if !ok || len(rest) > 0 && rest[0] != ',' {
				return flaw{BadCSV, "is a cell whose quotes do not match", line}
			}
			d.cells = append(d.cells, cell)
			if len(rest) == 0 {
				return flaw{}
			}
			line = rest[1:]
			continue
		}
		i := bytes.IndexByte(line, ',')
		if i < 0 {
			d.cells = append(d.cells, line)
			return flaw{}
		}
		d.cells = append(d.cells, line[:i])
		line = line[i+1:]
	}
}

// quoted reads a cell after its first quote, up to its last.
func (d *Decoder) quoted(b []byte) (cell, rest []byte, ok bool) {
	start, copied := len(d.scratch), false
	for from := 0; ; {
		i := bytes.IndexByte(b[from:], '"')
		if i < 0 {
			return nil, nil, false
		}
		i += from
		if i+1 >= len(b) || b[i+1] != '"' {
			if !copied {
				return b[:i], b[i+1:], true
			}
			d.scratch = append(d.scratch, b[from:i]...)
			return d.scratch[start:len(d.scratch):len(d.scratch)], b[i+1:], true
		}
		d.scratch = append(d.scratch, b[from:i+1]...)
		copied = true
		from = i + 2
	}
}
