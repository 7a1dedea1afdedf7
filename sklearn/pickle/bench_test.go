package pickle

import "testing"

// BenchmarkParse reads a scaler and a detector of one support vector, 1.6 kB.
func BenchmarkParse(b *testing.B) {
	data := read(b, "model.pickle")
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Parse(data, Options{Allow: examples}); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkLoad also looks up what a detector needs.
func BenchmarkLoad(b *testing.B) {
	data := read(b, "model.pickle")
	var sink []float64
	b.ReportAllocs()
	for b.Loop() {
		doc, err := Parse(data, Options{Allow: examples})
		if err != nil {
			b.Fatal(err)
		}
		steps, _ := doc.Root().Attr("steps")
		svm := steps.Index(1).Index(1)
		for _, name := range []string{"support_vectors_", "_dual_coef_", "_intercept_"} {
			v, _ := svm.Attr(name)
			a, ok := v.Array()
			if sink, err = a.Float64s(sink[:0]); err != nil || !ok || len(sink) != 1 {
				b.Fatal(name, err)
			}
		}
	}
}

// BenchmarkParser parses file after file, as one who loads models does.
func BenchmarkParser(b *testing.B) {
	data := read(b, "model.pickle")
	p := NewParser(Options{Allow: examples})
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := p.Parse(data); err != nil {
			b.Fatal(err)
		}
	}
}
