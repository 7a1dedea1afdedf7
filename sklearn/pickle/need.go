package pickle

import "unsafe"

// need is what a file uses of what Limits cap. All files that fit a template use
// the same, but for memory, which depends on how large a file is at first taken to
// be; of that, it is the most.
type need struct{ memory, stack, marks, memo, cells, globals int }

func needOf(m *machine) need {
	d := m.doc
	return need{
		memory: growth(m.stack[:cap(m.stack)]) + growth(m.marks[:cap(m.marks)]) + growth(m.memo.dense) + growth(d.cells) +
			growth(d.runs) + growth(d.objects) + growth(d.arrays) + growth(d.dtypes) + growth(d.globals),
		stack: cap(m.stack), marks: cap(m.marks), memo: len(m.memo.dense),
		cells:   max(len(d.cells), len(d.runs), len(d.objects), len(d.arrays), len(d.dtypes)),
		globals: len(d.globals),
	}
}

// growth is the most that s can have been charged for as it grew: each time at
// least twofold, to less than twice what was needed in the end, or to 8.
func growth[T any](s []T) int {
	var one T
	return max(4*len(s), 16) * int(unsafe.Sizeof(one))
}

// within reports whether limits allow it.
func (n *need) within(l *Limits) bool {
	return n.memory <= l.Memory && n.stack <= l.Stack && n.marks <= l.Marks && n.memo <= l.Memo && n.cells <= l.Cells && n.globals <= l.Globals
}
