package readings

import "bytes"

// A form is all of a time's text that does not depend on the instant.
type form struct {
	layout     layout
	lead, tail string // white space; zone and white space
}

func (f *form) append(dst []byte, ns int64) []byte {
	dst = append(dst, f.lead...)
	dst = f.layout.append(dst, ns)
	return append(dst, f.tail...)
}

func (f *form) is(p *parsed) bool {
	return f.layout == p.layout && f.tail == string(p.tail) && f.lead == string(p.lead)
}

// keptForm marks a row whose time's text is kept, as no form gives it back.
const keptForm = 255

// formTable holds the forms seen; there are few. A form is named by its index.
type formTable struct{ forms []form }

// find returns the form of p, which is added if it is new. It returns keptForm
// when the table is full.
func (t *formTable) find(p *parsed) uint8 {
	for i := range t.forms {
		if t.forms[i].is(p) {
			return uint8(i)
		}
	}
	if len(t.forms) == keptForm {
		return keptForm
	}
	t.forms = append(t.forms, form{layout: p.layout, lead: string(p.lead), tail: string(p.tail)})
	return uint8(len(t.forms) - 1)
}

// A stamp is a time as a slab holds it.
type stamp struct {
	ns   int64
	form uint8
	unit Unit
}

// A clock reads times. Neighbouring rows often have the same time, so it
// remembers the last one.
type clock struct {
	table *formTable
	text  []byte // of last
	last  stamp
	body  []byte // scratch
}

func (c *clock) read(text []byte) (stamp, fault) {
	if len(text) > 0 && bytes.Equal(text, c.text) {
		return c.last, noFault
	}
	p, f := parseTime(text)
	if f != noFault {
		return stamp{}, f
	}
	form := uint8(keptForm)
	c.body = p.layout.append(c.body[:0], p.ns)
	if bytes.Equal(c.body, text[len(p.lead):len(text)-len(p.tail)]) {
		form = c.table.find(&p)
	}
	c.text = append(c.text[:0], text...)
	c.last = stamp{ns: p.ns, form: form, unit: unitOf(p.ns)}
	return c.last, noFault
}
