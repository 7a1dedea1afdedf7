package pickle

import (
	"testing"
	"unsafe"
)

// A walker visits a Document through every accessor, to an end that it sets
// itself: values may share parts and contain themselves.
type walker struct {
	t    testing.TB
	left int
}

func walk(t testing.TB, d *Document) {
	w := &walker{t, 2000}
	w.visit(d.Root(), 0)
	d.Globals()
	d.Protocol()
	d.Format()
}

func (w *walker) visit(v Value, depth int) {
	if w.left--; w.left < 0 || depth > 50 {
		return
	}
	v.Class()
	v.Bool()
	v.Int()
	v.Float()
	v.Str()
	v.Bytes()
	v.Attr("state")
	v.Lookup("key")
	if off := v.Offset(); v.d != nil && off > len(v.d.data) {
		w.t.Fatalf("a value at %d of %d", off, len(v.d.data))
	}
	if v.Index(-1).Kind() != Invalid || v.Index(v.Len()).Kind() != Invalid {
		w.t.Fatalf("a %v has items out of range", v.Kind())
	}
	for i := range min(v.Len(), w.left) {
		w.visit(v.Index(i), depth+1)
	}
	n := 0
	for k, x := range v.Entries() {
		w.visit(k, depth+1)
		w.visit(x, depth+1)
		if n++; w.left < 0 {
			break
		}
	}
	if v.holds(Dict) && w.left >= 0 && n != v.Len() {
		w.t.Fatalf("a dict of %d entries has %d", v.Len(), n)
	}
	w.visit(v.State(), depth+1)
	w.visit(v.Args(), depth+1)
	if a, ok := v.Array(); ok {
		w.array(a, depth)
	}
}

func (w *walker) array(a NDArray, depth int) {
	a.DType()
	product := 1
	for _, n := range a.Shape() {
		product *= n
	}
	if product != a.Len() {
		w.t.Fatalf("an array of shape %v has %d elements", a.Shape(), a.Len())
	}
	if a.Len() > 1<<16 {
		return
	}
	if f, err := a.Float64s(nil); err == nil && len(f) != a.Len() {
		w.t.Fatalf("%d floats of %d", len(f), a.Len())
	}
	if n, err := a.Int64s(nil); err == nil && len(n) != a.Len() {
		w.t.Fatalf("%d ints of %d", len(n), a.Len())
	}
	for i := range min(a.Len(), 100) {
		w.visit(a.Index(i), depth+1)
	}
}

// footprint is what the growing parts of a Document hold, in bytes.
func footprint(d *Document) int {
	return cap(d.side) + cap(d.cells)*int(unsafe.Sizeof(cell{})) + cap(d.runs)*int(unsafe.Sizeof(run{})) +
		cap(d.objects)*int(unsafe.Sizeof(object{})) + cap(d.arrays)*int(unsafe.Sizeof(array{})) +
		cap(d.dtypes)*int(unsafe.Sizeof(dtype{})) + cap(d.globals)*int(unsafe.Sizeof(Global{}))
}
