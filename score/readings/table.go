package readings

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/fleetscore/fleetscore/fleet"
)

// A table parses the text of one file into the collector's series.
type table struct {
	source
	splitter splitter
	at       places // the fields
	started  bool   // the file's first bytes have been seen
	headed   bool   // the header has been read
	skipping bool   // the rest of the line belongs to a damaged record
	offset   int64  // of the next record, from the end of the header
	suspect  int64  // the offset up to which a damaged record was looked at
}

func newTable(c *Collector, name string) *table {
	return &table{source: newSource(c, name, byLine), splitter: splitter{comma: ',', most: c.maxRecord}}
}

func (t *table) ready() bool { return t.headed }

// parse reads the records of text and returns the end of it that is not a whole
// record yet, at most splitter.most bytes long. last says that the file ends
// here; then nothing is left.
func (t *table) parse(text []byte, last bool) ([]byte, error) {
	if !t.headed {
		rest, err := t.header(text, last)
		if err != nil || !t.headed {
			return rest, err
		}
		text = rest
	}
	quotes := bytes.IndexByte(text, '"') >= 0
	nuls := bytes.IndexByte(text, 0) >= 0
	for len(text) > 0 {
		if t.skipping {
			text = t.skipLine(text)
			continue
		}
		n, st := t.next(text, last, quotes)
		switch st {
		case unfinished:
			return text, nil
		case whole:
			if nuls && bytes.IndexByte(text[:n], 0) >= 0 {
				t.lost("row has a NUL byte")
			} else {
				t.row()
			}
			t.line++
			if quotes {
				t.line += int64(bytes.Count(text[:n-1], []byte{'\n'}))
			}
			t.offset += int64(n)
			text = text[n:]
		default:
			t.lost(t.damage(st))
			t.suspect = max(t.suspect, t.offset+int64(n))
			t.skipping = true
		}
	}
	return nil, nil
}

// next splits the record at the start of text. The lines after a damaged record
// are read again, and each may open a quote that leads to the same damage: then
// they end with the line, so that no byte is looked at more than a few times.
func (t *table) next(text []byte, last, quotes bool) (int, status) {
	if quotes && t.offset < t.suspect {
		if end := bytes.IndexByte(text, '\n'); end >= 0 {
			return t.splitter.next(text[:end+1], true, true)
		}
	}
	return t.splitter.next(text, last, quotes)
}

// skipLine drops the rest of a line.
func (t *table) skipLine(text []byte) []byte {
	n := len(text)
	if end := bytes.IndexByte(text, '\n'); end >= 0 {
		n = end + 1
		t.skipping = false
		t.line++
	}
	t.offset += int64(n)
	return text[n:]
}

// header reads the first line that is not blank.
func (t *table) header(text []byte, last bool) ([]byte, error) {
	if !t.started {
		if len(text) < longestMagic && !last {
			return text, nil
		}
		if err := checkMagic(text); err != nil {
			return nil, err
		}
		text = bytes.TrimPrefix(text, []byte(byteOrderMark))
		t.started = true
	}
	for len(text) > 0 {
		n, st := t.delimit(text, last)
		switch {
		case st == unfinished:
			return text, nil
		case bytes.IndexByte(text[:n], 0) >= 0:
			return nil, errNotText
		case st != whole:
			return nil, fmt.Errorf("no readable header: line %d: %s", t.line, t.damage(st))
		}
		t.line += int64(bytes.Count(text[:n-1], []byte{'\n'})) + 1
		text = text[n:]
		if !t.blank() {
			return text, t.columns()
		}
	}
	if last {
		return nil, errors.New("no header: the file is empty")
	}
	return nil, nil
}

// delimit splits the record at the start of text by the first delimiter that
// gives it more than one field, or else by a comma.
func (t *table) delimit(text []byte, last bool) (int, status) {
	t.splitter.wanted = t.splitter.most
	for _, t.splitter.comma = range []byte{',', ';', '\t'} {
		n, st := t.splitter.next(text, last, true)
		if st == unfinished || st == whole && len(t.splitter.fields) > 1 {
			return n, st
		}
	}
	t.splitter.comma = ','
	return t.splitter.next(text, last, true)
}

// columns takes the record as the header.
func (t *table) columns() error {
	header := make([]string, len(t.splitter.fields))
	for i, field := range t.splitter.fields {
		header[i] = string(field)
	}
	var err error
	if t.at, err = findPlaces(header, t.c.opt, t.c.columns); err != nil {
		return err
	}
	t.splitter.wanted = t.at.last() + 1
	t.headed = true
	return nil
}

// blank reports that the record is an empty line, or one of spaces.
func (t *table) blank() bool {
	return len(t.splitter.fields) == 1 && len(trim(t.splitter.fields[0])) == 0
}

// row adds the reading in the record to its series.
func (t *table) row() {
	fields := t.splitter.fields
	if len(fields) < t.splitter.wanted && t.blank() {
		return
	}
	for j, at := range t.at.value {
		t.values[j], t.kinds[j] = 0, missing
		if at < len(fields) {
			t.values[j], t.kinds[j] = parseValue(fields[at])
		}
	}
	t.noteKinds()
	for _, r := range [...]role{deviceRole, tagRole} {
		if at := t.at.role[r]; at >= len(fields) {
			t.lost(t.short(r.String(), at))
			return
		}
	}
	s, need, err := t.find(trim(fields[t.at.role[deviceRole]]), trim(fields[t.at.role[tagRole]]))
	switch {
	case err != nil:
		t.lost(err.Error())
	case s != nil:
		t.add(s, need)
	}
}

// add adds the reading in the record, which is one of s.
func (t *table) add(s *Series, need []bool) {
	fields := t.splitter.fields
	if at := t.at.role[timeRole]; at >= len(fields) {
		t.fail(s, fleet.BadRow, func() string { return t.short(timeRole.String(), at) })
		return
	}
	for j, at := range t.at.value {
		if at >= len(fields) {
			t.fail(s, fleet.BadRow, func() string { return t.short(t.c.columnName(j), at) })
			return
		}
	}
	text := fields[t.at.role[timeRole]]
	at, fault := t.c.clock.read(text)
	if fault != noFault {
		t.fail(s, fleet.BadRow, func() string { return fault.message(text) })
		return
	}
	t.reading(s, need, at, text, func(j int) []byte { return fields[t.at.value[j]] })
}
