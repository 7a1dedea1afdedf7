package pickle

// A Finder finds attributes as [Value.Attr] does. In Documents of the same
// Structure it finds at once what was looked for in the same order before. The zero
// Finder is ready; it belongs to one [Parser].
type Finder struct {
	memories [mostTemplates]memory
	now      *memory // nil: of a Document without Structure
	next     int     // in now.finds
}

// A memory is what was looked for in the Documents of a Structure.
type memory struct {
	structure uint64
	finds     []find
}

// A find is where an attribute is: the same object has the same attributes, with
// other numbers, in every Document of its Structure.
type find struct {
	name   string
	object uint64
	cell   int // in Document.cells; -1: there is no such attribute
}

// mostFinds is how many lookups are remembered.
const mostFinds = 1 << 12

// Start begins with the first lookup in d, of which [Finder.Attr] then is.
func (f *Finder) Start(d *Document) {
	f.now, f.next = nil, 0
	if d.structure == 0 {
		return
	}
	oldest := &f.memories[0]
	for i := range f.memories {
		m := &f.memories[i]
		if m.structure == d.structure {
			f.now = m
			return
		}
		if m.structure < oldest.structure {
			oldest = m
		}
	}
	*oldest = memory{structure: d.structure, finds: oldest.finds[:0]}
	f.now = oldest
}

// Attr is [Value.Attr] of a value of the Document that was started with.
func (f *Finder) Attr(v Value, name string) (Value, bool) {
	if f.now == nil || v.c.kind != Object {
		return v.Attr(name)
	}
	if f.next < len(f.now.finds) {
		if s := &f.now.finds[f.next]; s.object == v.c.bits && s.name == name {
			f.next++
			return v.found(s.cell)
		}
		return v.Attr(name)
	}
	cell := v.attr(name)
	if f.next < mostFinds {
		f.now.finds = append(f.now.finds, find{name, v.c.bits, cell})
		f.next++
	}
	return v.found(cell)
}
