package pickle

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fleetscore/fleetscore/internal/testkit/race"
)

// soundFiles are files of many writers.
func soundFiles(tb testing.TB) map[string][]byte {
	tb.Helper()
	files := make(map[string][]byte)
	for _, pattern := range []string{"testdata/*.*", "../testdata/legacy/*.*"} {
		names, err := filepath.Glob(pattern)
		if err != nil || len(names) < 10 {
			tb.Fatal(names, err)
		}
		for _, name := range names {
			data, err := os.ReadFile(name)
			if err != nil {
				tb.Fatal(err)
			}
			if _, err := Parse(data, Options{Allow: examples}); err == nil {
				files[filepath.Base(name)] = data
			}
		}
	}
	for name, a := range map[string]*asm{
		"a number of bytes as dimension": new(asm).proto(3).ndarray().op(opMark).i(1).scalarOf("u8", "\x01\x00\x00\x00\x00\x00\x00\x00").
			op(opTuple1).f8().op(opNewFalse).bytes(one).op(opTuple, opBuild).put(9).op(opPop).get(9),
		"the same number twice":           new(asm).proto(2).op(opMark).i(700).op(opDup, opDup).op(opTuple).put(0).op(opTuple1).str("a long way to the end"),
		"bytes of an array and a scalar":  new(asm).proto(3).op(opMark).bytes(one).put(1).get(1).op(opTuple).put(2).str("a long way to the end"),
		"two frames":                      new(asm).proto(4).op(opMark).raw(string(framed(new(asm).i(1).str("one")).b)).raw(string(framed(new(asm).i(2).bytes("two")).b)).op(opTuple).str("a long way"),
		"an array in objects of unsigned": new(asm).proto(2).op(opMark).scalarOf("u8", strings.Repeat("\xff", 8)).scalarOf("i2", "\xff\xff").scalarOf("b1", "\x01").op(opTuple).str("a long way to the end"),
	} {
		files[name] = a.stop()
	}
	return files
}

// scalarOf pushes a number of numpy.
func (a *asm) scalarOf(code, bytes string) *asm {
	a.global("numpy.core.multiarray", "scalar").global("numpy", "dtype").str(code).op(opNewFalse, opNewTrue, opTuple3, opReduce)
	return a.bytes(bytes).op(opTuple2, opReduce)
}

// warm returns a Parser that has seen data.
func warm(tb testing.TB, data []byte) *Parser {
	tb.Helper()
	p := NewParser(Options{Allow: examples})
	for range 3 {
		alike(tb, p, data)
	}
	return p
}

// TestTemplates: whatever a Parser has seen before, sound or damaged, alike or not, a
// file gives what it gives to a fresh one; and that although all files come in one
// buffer.
func TestTemplates(t *testing.T) {
	race.Alone(t)
	r := rand.New(rand.NewPCG(1, 2))
	hits := 0
	buffer := make([]byte, 1<<20)
	for name, data := range soundFiles(t) {
		t.Run(name, func(t *testing.T) {
			p := warm(t, data)
			for range 30 {
				if alike(t, p, buffer[:copy(buffer, mutate(data, r))]) {
					hits++
				}
			}
		})
	}
	if hits < 300 {
		t.Errorf("only %d files fitted a template", hits)
	}
}

// TestTemplateFits: the files of a fleet do fit, whatever their numbers and lengths.
func TestTemplateFits(t *testing.T) {
	race.Alone(t)
	r := rand.New(rand.NewPCG(3, 4))
	for _, name := range []string{"model.pickle", "0.20-py2-joblib-raw.joblib", "0.19-joblib-raw.joblib",
		"1.9-joblib-raw.joblib", "1.9-joblib-p5-raw.joblib", "1.9-joblib-fortran.joblib", "1.2-p3-rbf-5-sparse.pkl", "1.9-p4-rbf-5.pkl", "1.9-p5-fortran.pkl", "0.22-p5-sigmoid-5-sparse.pkl"} {
		data := soundFiles(t)[name]
		p := warm(t, data)
		for range 100 {
			e := edit(data)
			e.vary(r)
			if file := e.file(); !alike(t, p, file) {
				t.Fatalf("%s: no template", name)
			}
		}
	}
}

// FuzzTemplate: no file changes what another gives, be it any other or one that is
// like it.
func FuzzTemplate(f *testing.F) {
	race.Alone(f)
	for _, data := range soundFiles(f) {
		if len(data) < 4000 {
			f.Add(data, mutate(data, rand.New(rand.NewPCG(5, uint64(len(data))))), uint64(1))
		}
	}
	f.Fuzz(func(t *testing.T, a, b []byte, seed uint64) {
		p := warm(t, a)
		alike(t, p, b)
		r := rand.New(rand.NewPCG(seed, 6))
		for range 5 {
			alike(t, p, mutate(a, r))
		}
		alike(t, p, b)
		alike(t, p, a)
	})
}
