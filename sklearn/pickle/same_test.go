package pickle

import (
	"bytes"
	"fmt"
	"slices"
	"testing"
)

// same compares two Documents to the last offset, but for items that are not in use:
// what is in those is anything.
func same(t testing.TB, got, want *Document) {
	t.Helper()
	g, w := *got, *want
	if len(g.cells) != len(w.cells) || !bytes.Equal(g.data, w.data) || !bytes.Equal(g.side, w.side) || g.root != w.root ||
		!slices.Equal(g.runs, w.runs) || !slices.Equal(g.objects, w.objects) || !slices.Equal(g.arrays, w.arrays) ||
		!slices.Equal(g.dtypes, w.dtypes) || !slices.Equal(g.globals, w.globals) || g.protocol != w.protocol || g.format != w.format {
		g.cells, w.cells, g.data, w.data = nil, nil, nil, nil
		t.Fatalf("got\n%+v\nwant\n%+v", g, w)
	}
	seen := make(map[span]bool)
	var spans []span
	use := func(s span) {
		if !seen[s] {
			seen[s] = true
			spans = append(spans, s)
		}
	}
	tuple := func(c cell) {
		if c.kind == Tuple {
			use(spanOf(c.bits))
		}
	}
	tuple(w.root)
	for _, r := range w.runs {
		use(r.span)
	}
	for _, o := range w.objects {
		tuple(o.args)
		tuple(o.state)
	}
	for _, a := range w.arrays {
		use(a.shape)
		use(a.axes)
		use(a.boxes)
	}
	for len(spans) > 0 {
		s := spans[0]
		spans = spans[1:]
		for i, c := range w.at(s) {
			if at := int(s.off) + i; g.cells[at] != c {
				t.Fatalf("item %d is %+v, want %+v", at, g.cells[at], c)
			}
			tuple(c)
		}
	}
	walk(t, got)
}

// alike parses data with p and with a fresh Parser, compares all they give, and
// reports whether a template was of use.
func alike(t testing.TB, p *Parser, data []byte) bool {
	t.Helper()
	got, gotErr := p.Parse(data)
	want, wantErr := Parse(data, p.opt)
	if fmt.Sprint(gotErr) != fmt.Sprint(wantErr) || fmt.Sprintf("%T", gotErr) != fmt.Sprintf("%T", wantErr) {
		t.Fatalf("error %v, fresh %v", gotErr, wantErr)
	}
	if (got == nil) != (want == nil) {
		t.Fatalf("a Document %v, fresh %v", got != nil, want != nil)
	}
	if got == nil {
		return false
	}
	if gotErr == nil {
		same(t, got, want)
	}
	return got.Structure() != 0
}
