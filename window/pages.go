package window

const pageSize = 1 << 9

// pages holds values of one type, in pages that never move. Ids start at 1; 0 is
// none. Values that are free are a chain, so that nothing else remembers them.
type pages[T any, P linked[T]] struct {
	list []*[pageSize]T
	free uint32
	next uint32 // ids below it have been given out
	used int
}

// linked is a value that can be in a chain.
type linked[T any] interface {
	*T
	link() *uint32
}

func (p *pages[T, P]) at(id uint32) *T { return &p.list[id/pageSize][id%pageSize] }

// take returns a zero value.
func (p *pages[T, P]) take() (uint32, *T) {
	p.used++
	if id := p.free; id != 0 {
		v := p.at(id)
		p.free, *P(v).link() = *P(v).link(), 0
		return id, v
	}
	p.next = max(p.next, 1)
	id := p.next
	if int(id/pageSize) == len(p.list) {
		p.list = append(p.list, new([pageSize]T))
	}
	p.next++
	return id, p.at(id)
}

func (p *pages[T, P]) drop(id uint32) {
	p.used--
	v := p.at(id)
	var zero T
	*v = zero
	p.free, *P(v).link() = id, p.free
}

func (d *device) link() *uint32    { return &d.first }
func (s *sensor) link() *uint32    { return &s.next }
func (p *pane) link() *uint32      { return &p.received }
func (a *aggregate) link() *uint32 { return &a.next }
func (c *chunk) link() *uint32     { return &c.next }
func (l *longList) link() *uint32  { return &l.next }
