package pickle

import (
	"errors"
	"math"
	"slices"
	"strings"
	"testing"
)

const (
	newWrapper = "joblib.numpy_pickle"
	oldWrapper = "sklearn.externals.joblib.numpy_pickle"
)

const one, two = "\x00\x00\x00\x00\x00\x00\xf0\x3f", "\x00\x00\x00\x00\x00\x00\x00\x40"

func floats(t *testing.T, v Value) []float64 {
	t.Helper()
	a, ok := v.Array()
	if !ok {
		t.Fatalf("a %v in place of an array", v.Kind())
	}
	f, err := a.Float64s(nil)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestJoblibArrays(t *testing.T) {
	want := []float64{1, 2}
	for name, a := range map[string]*asm{
		"without alignment":     new(asm).wrapper(newWrapper, (*asm).f8, 0, 2).raw(one + two),
		"of 2018":               new(asm).wrapper(oldWrapper, (*asm).f8, 0, 2).raw(one + two),
		"padding of 1":          new(asm).wrapper(newWrapper, (*asm).f8, 16, 2).op(1).raw("\xff" + one + two),
		"padding of 16":         new(asm).wrapper(newWrapper, (*asm).f8, 16, 2).op(16).raw(strings.Repeat("\xff", 16) + one + two),
		"at the end of a frame": framed(new(asm).wrapper(newWrapper, (*asm).f8, 0, 2)).raw(one + two),
		"big-endian": new(asm).wrapper(newWrapper, func(a *asm) *asm { return a.dtype("f4", ">", -1, 0) }, 0, 2).
			raw("\x3f\x80\x00\x00\x40\x00\x00\x00"),
		"of objects": new(asm).wrapper(newWrapper, boxes, 0, 2).raw(string(objects(1, 2))),
	} {
		doc := mustParse(t, a.stop())
		if got := floats(t, doc.Root()); !slices.Equal(got, want) || doc.Format().Container != "joblib" {
			t.Errorf("%s: %v in a %s", name, got, doc.Format().Container)
		}
	}
}

// objects is a pickle of an array of Python floats.
func objects(values ...float64) []byte {
	a := new(asm).proto(2).ndarray().put(0).op(opMark).i(1).i(len(values)).op(opTuple1)
	boxes(a).op(opNewFalse, opEmptyList)
	for _, v := range values {
		a.op(opBinFloat)
		for bits, i := math.Float64bits(v), 56; i >= 0; i -= 8 {
			a.op(byte(bits >> i))
		}
		a.op(opAppend)
	}
	return a.op(opTuple, opBuild).stop()
}

func framed(a *asm) *asm {
	return new(asm).proto(4).u64(opFrame, uint64(len(a.b))).raw(string(a.b))
}

func TestJoblibStreams(t *testing.T) {
	// Opcodes go on after the data of an array; the memo of an array of objects
	// is its own; in the memo of the file, the wrapper stays what it was.
	a := new(asm).op(opMark).i(7).put(0)
	a.wrapper(newWrapper, boxes, 0, 1).raw(string(objects(1)))
	a.get(0)
	a.wrapper(newWrapper, (*asm).f8, 0, 1).raw(two)
	v := parse(t, a.op(opTuple))
	if n, _ := v.Index(2).Int(); v.Len() != 4 || n != 7 || floats(t, v.Index(1))[0] != 1 || floats(t, v.Index(3))[0] != 2 {
		t.Error("two arrays in a tuple")
	}
	wrapped := new(asm).wrapper(newWrapper, (*asm).f8, 0, 1)
	build := len(wrapped.b) - 1
	empty := strings.Index(string(wrapped.b), string([]byte{opEmptyDict}))
	b := slices.Concat([]byte{opMark}, wrapped.b[:empty], []byte{opBinPut, 9}, wrapped.b[empty:build], []byte{opBuild})
	v = parse(t, (&asm{b}).raw(one).get(9).op(opTuple))
	if v.Index(0).Kind() != Array || v.Index(1).Kind() != Object {
		t.Errorf("a %v on the stack and a %v in the memo", v.Index(0).Kind(), v.Index(1).Kind())
	}
}

func TestJoblibRefused(t *testing.T) {
	inner := new(asm).wrapper(newWrapper, (*asm).f8, 0, 1).raw(one).stop()
	for msg, a := range map[string]*asm{
		"begins inside a frame":       new(asm).proto(4).u64(opFrame, 400).wrapper(newWrapper, (*asm).f8, 0, 40).raw(strings.Repeat(one, 40)),
		"inside the objects":          new(asm).wrapper(newWrapper, boxes, 0, 1).raw(string(inner)),
		"the objects of a joblib":     new(asm).wrapper(newWrapper, boxes, 0, 1).raw("N."),
		"ends before STOP":            new(asm).wrapper(newWrapper, boxes, 0, 1).raw("N"),
		"inside a frame of a nested":  new(asm).wrapper(newWrapper, boxes, 0, 1).u64(opFrame, 5).raw("N.NNNNNN"),
		"8 bytes are wanted":          new(asm).wrapper(newWrapper, (*asm).f8, 0, 1).raw(one[:7]),
		"a class other than":          new(asm).global(newWrapper, "NumpyArrayWrapper").op(opEmptyTuple, opNewObj, opEmptyDict, opBuild),
		"the dtype of an array is":    new(asm).wrapper(newWrapper, func(a *asm) *asm { return a.op(opNone) }, 0, 1).raw(one),
		"16 bytes of padding before":  new(asm).wrapper(newWrapper, (*asm).f8, 8, 1).op(16).raw(strings.Repeat("\xff", 16) + one),
		"no number, or negative":      new(asm).wrapper(newWrapper, (*asm).f8, 0, -1).raw(one),
		"an array of 1 elements of 8": new(asm).ndarray().op(opMark).i(1).i(1).op(opTuple1).f8().op(opNewFalse).bytes(one[1:]).op(opTuple, opBuild),
	} {
		b := a.b
		if !strings.Contains(msg, "STOP") && len(b) > 0 && msg != "8 bytes are wanted" {
			b = a.stop()
		}
		_, err := Parse(b, Options{})
		var syntax *SyntaxError
		if !errors.As(err, &syntax) || !strings.Contains(err.Error(), msg) {
			t.Errorf("want %q, got %v", msg, err)
		}
	}
	a := new(asm).op(opMark)
	for range 3 {
		a.wrapper(newWrapper, boxes, 0, 1).raw(string(objects(1)))
	}
	_, err := Parse(a.op(opTuple).stop(), Options{Limits: Limits{Nested: 2}})
	var limit *LimitError
	if !errors.As(err, &limit) || limit.Field != "Nested" {
		t.Errorf("three arrays of objects where two are allowed: %v", err)
	}
}
