package readings

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/fleetscore/fleetscore/fleet"
)

// ndjson parses the text of one file of JSON lines into the collector's series.
type ndjson struct {
	source
	most     int  // bytes of a row
	skipping bool // the rest of the line belongs to a row that is too long
	names    fieldNames
	decoder  *jsontext.Decoder
	input    bytes.Buffer // of the decoder: a row
	given    []given      // by place
	text     []byte       // of what is given
}

// given is what the row at hand has for a place.
type given struct {
	field    field
	name     string // of the field
	kind     jsontext.Kind
	from, to int    // in ndjson.text; strings are without quotes and escapes
	rival    string // another field, as likely
}

func newNDJSON(c *Collector, name string) *ndjson {
	n := &ndjson{source: newSource(c, name, byLine), most: c.maxRecord, names: newFieldNames(c), given: make([]given, firstValue+len(c.columns))}
	n.decoder = jsontext.NewDecoder(&n.input, jsontext.AllowDuplicateNames(true)) // of those that count, they are found here
	return n
}

func (n *ndjson) ready() bool { return true }

// parse reads the rows of text and returns the end of it that is not a whole row
// yet. last says that the file ends here.
func (n *ndjson) parse(text []byte, last bool) ([]byte, error) {
	if n.line == 1 {
		text = bytes.TrimPrefix(text, []byte(byteOrderMark))
	}
	for len(text) > 0 {
		line, rest, ended := bytes.Cut(text, []byte("\n"))
		switch {
		case !ended && !last && len(text) <= n.most && !n.skipping:
			return text, nil
		case n.skipping:
			n.skipping = !ended
		case len(line) > n.most || !ended && !last:
			n.lost(fmt.Sprintf("row is longer than %d bytes", n.most))
			n.skipping = !ended
		case len(bytes.TrimSpace(line)) > 0:
			n.row(line)
		}
		if ended {
			n.line++
		}
		text = rest
	}
	return nil, nil
}

// row adds the reading in a line to its series.
func (n *ndjson) row(line []byte) {
	if err := n.split(line); err != nil {
		n.lost(err.Error())
		return
	}
	for j := range n.values {
		n.values[j], n.kinds[j] = n.number(firstValue + j)
	}
	n.noteKinds()
	for _, r := range [...]role{deviceRole, tagRole} {
		if message := n.fault(int(r), r.String()); message != "" {
			n.lost(message)
			return
		}
	}
	s, need, err := n.find(trim(n.textOf(int(deviceRole))), trim(n.textOf(int(tagRole))))
	switch {
	case err != nil:
		n.lost(err.Error())
	case s != nil:
		n.add(s, need)
	}
}

func (n *ndjson) add(s *Series, need []bool) {
	if message := n.fault(int(timeRole), timeRole.String()); message != "" {
		n.fail(s, fleet.BadRow, func() string { return message })
		return
	}
	for j := range n.values {
		if rival := n.given[firstValue+j].rival; rival != "" {
			n.fail(s, fleet.BadRow, func() string { return n.fault(firstValue+j, n.c.columnName(j)) })
			return
		}
	}
	text := n.textOf(int(timeRole))
	at, fault := n.c.clock.read(text)
	if fault != noFault {
		n.fail(s, fleet.BadRow, func() string { return fault.message(text) })
		return
	}
	n.reading(s, need, at, text, func(j int) []byte { return n.textOf(firstValue + j) })
}

func (n *ndjson) textOf(place int) []byte {
	g := &n.given[place]
	return n.text[g.from:g.to]
}

// number is the value at a place, and how it was written.
func (n *ndjson) number(place int) (float64, number) {
	switch n.given[place].kind {
	case '0', '"':
		return parseValue(n.textOf(place))
	case 0, 'n':
		return 0, missing
	}
	return 0, notNumber
}

// fault says why there is no text at a place; "" if there is.
func (n *ndjson) fault(place int, what string) string {
	g := &n.given[place]
	switch {
	case g.kind == 0:
		return fmt.Sprintf("row has no %s", what)
	case g.rival != "":
		return fmt.Sprintf("%s and %s may both be the %s", excerpt([]byte(g.name)), excerpt([]byte(g.rival)), what)
	case g.kind == 'n':
		return what + " is null"
	case g.kind != '"' && g.kind != '0':
		return fmt.Sprintf("%s is %s, not text or a number", what, excerpt(n.textOf(place)))
	}
	return ""
}

// split reads the fields of a row that have a place.
func (n *ndjson) split(line []byte) error {
	clear(n.given)
	n.text = n.text[:0]
	n.input = *bytes.NewBuffer(line)
	n.decoder.Reset(&n.input, jsontext.AllowDuplicateNames(true))
	token, err := n.decoder.ReadToken()
	switch {
	case err != nil:
		return notJSON(err)
	case token.Kind() != '{':
		return fmt.Errorf("row is not an object, such as {\"device\":\"pump-7\",\"tag\":\"temperature\",\"ts\":\"2018-08-28T23:00:05Z\",\"value\":71.3}")
	}
	for n.decoder.PeekKind() != '}' {
		name, err := n.decoder.ReadValue()
		if err != nil {
			return notJSON(err)
		}
		field, err := n.names.find(name)
		if err != nil {
			return notJSON(err)
		}
		if err := n.take(field); err != nil {
			return notJSON(err)
		}
	}
	if _, err := n.decoder.ReadToken(); err != nil {
		return notJSON(err)
	}
	if _, err := n.decoder.ReadToken(); err != io.EOF {
		return fmt.Errorf("row has text after its object")
	}
	return nil
}

// take reads the value of a field, and keeps it if no likelier one has its place.
func (n *ndjson) take(f *namedField) error {
	if f.place < 0 {
		return n.decoder.SkipValue()
	}
	value, err := n.decoder.ReadValue()
	if err != nil {
		return err
	}
	g := &n.given[f.place]
	switch {
	case g.kind != 0 && f.rank > g.field.rank:
		return nil
	case g.kind != 0 && f.rank == g.field.rank:
		g.rival = f.name
		return nil
	}
	*g = given{field: f.field, name: f.name, kind: value.Kind(), from: len(n.text)}
	if g.kind == '"' {
		n.text, err = jsontext.AppendUnquote(n.text, value)
	} else {
		n.text = append(n.text, value...)
	}
	g.to = len(n.text)
	return err
}

func notJSON(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("row is not JSON: it ends too early")
	}
	return fmt.Errorf("row is not JSON: %w", err)
}
