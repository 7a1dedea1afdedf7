package pickle

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/fleetscore/fleetscore/internal/testkit/race"
)

func parse(t *testing.T, a *asm) Value {
	t.Helper()
	return mustParse(t, a.stop()).Root()
}

// ints are the items of a list or tuple of ints.
func ints(v Value) []int {
	out := []int{}
	for i := range v.Len() {
		n, ok := v.Index(i).Int()
		if !ok {
			n = -1
		}
		out = append(out, int(n))
	}
	return out
}

func TestSharedList(t *testing.T) {
	v := parse(t, new(asm).op(opEmptyList).put(0).get(0).i(1).op(opAppend).get(0).op(opTuple2).get(0).op(opMark).i(2).i(3).op(opAppends, opPop))
	for i := range 2 {
		if got := ints(v.Index(i)); !slices.Equal(got, []int{1, 2, 3}) {
			t.Errorf("reference %d to a list appended to later: %v", i, got)
		}
	}
}

func TestCycles(t *testing.T) {
	list := parse(t, new(asm).op(opEmptyList).put(0).get(0).op(opAppend))
	for range 1000 {
		if list = list.Index(0); list.Len() != 1 {
			t.Fatal("a list that contains itself does not")
		}
	}
	dict := parse(t, new(asm).op(opEmptyDict).put(0).str("self").get(0).op(opSetItem))
	for range 1000 {
		var ok bool
		if dict, ok = dict.Lookup("self"); !ok {
			t.Fatal("a dict that contains itself does not")
		}
	}
	object := parse(t, new(asm).global("builtins", "object").op(opEmptyTuple, opNewObj).put(0).op(opEmptyDict).str("self").get(0).op(opSetItem, opBuild))
	for range 1000 {
		var ok bool
		if object, ok = object.Attr("self"); !ok {
			t.Fatal("an object that contains itself does not")
		}
	}
}

func TestMemo(t *testing.T) {
	// MEMOIZE takes the number of entries, whatever their numbers are.
	a := new(asm).i(0).u32(opLongBinPut, 1_000_000).op(opPop).i(1).op(opMemoize, opPop).i(2).op(opMemoize, opPop).i(3).u32(opLongBinPut, 40).op(opPop)
	a.op(opMark).u32(opLongBinGet, 1_000_000).get(1).get(2).get(40).op(opTuple)
	if got := ints(parse(t, a)); !slices.Equal(got, []int{0, 1, 2, 3}) {
		t.Errorf("memo with gaps: %v", got)
	}
	// An entry first far beyond the others, and then within reach of them.
	a = new(asm).op(opMark).i(5).put(120).raw(strings.Repeat("\x94", 100)).i(6).put(120).get(120)
	a.i(7).op(opMemoize).get(101).op(opTuple) // the 102nd entry: 120, and 1 to 100
	if got := ints(parse(t, a)); !slices.Equal(got, []int{5, 6, 6, 7, 7}) {
		t.Errorf("memo entry overwritten: %v", got)
	}
	a = new(asm).op(opMark).op(opInt).raw("7\n").op(opPut).raw("12\n").op(opPop, opGet).raw("12\n").op(opTuple)
	if got := ints(parse(t, a)); !slices.Equal(got, []int{7}) {
		t.Errorf("memo in text: %v", got)
	}
}

func TestStack(t *testing.T) {
	if got := ints(parse(t, new(asm).op(opMark).i(1).op(opDup).i(2).op(opPop).op(opMark).i(3).op(opPopMark).op(opMark, opPop).op(opTuple))); !slices.Equal(got, []int{1, 1}) {
		t.Errorf("DUP, POP, POP_MARK and POP of a mark: %v", got)
	}
	// Bytes after STOP are not looked at.
	if v := mustParse(t, append(new(asm).i(1).stop(), 0xff)).Root(); v.Kind() != Int {
		t.Error("trailing bytes")
	}
}

// TestRuns adds to lists and to sets that share their items, in random order,
// and compares with slices.
func TestRuns(t *testing.T) {
	for seed := range uint64(300) {
		r := rand.New(rand.NewPCG(seed, 0))
		a := new(asm).op(opMark)
		var want [][]int
		var add []byte // the opcode that adds to each
		for step := range 60 {
			switch k := r.IntN(len(want) + 1); {
			case k == len(want):
				a.op(opEmptyList).put(byte(k))
				want, add = append(want, []int{}), append(add, opAppends)
			case r.IntN(4) == 0: // a set of what k holds now
				a.global("builtins", "set").get(byte(k)).op(opTuple1, opReduce).put(byte(len(want)))
				want, add = append(want, slices.Clone(want[k])), append(add, opAddItems)
			default:
				a.get(byte(k)).op(opMark)
				for i := range r.IntN(4) {
					a.i(10*step + i)
					want[k] = append(want[k], 10*step+i)
				}
				a.op(add[k], opPop)
			}
		}
		v := parse(t, a.op(opTuple))
		for i, w := range want {
			if got := ints(v.Index(i)); !slices.Equal(got, w) {
				t.Fatalf("seed %d: container %d is %v, want %v", seed, i, got, w)
			}
		}
	}
}

func TestObjects(t *testing.T) {
	object := func() *asm { return new(asm).global("example.models", "Model").op(opEmptyTuple, opNewObj) }
	dict := func(a *asm, kv ...string) *asm {
		a.op(opEmptyDict)
		for i := 0; i < len(kv); i += 2 {
			a.str(kv[i]).str(kv[i+1]).op(opSetItem)
		}
		return a
	}
	attr := func(v Value, name string) string {
		x, _ := v.Attr(name)
		s, _ := x.Str()
		return s
	}
	v := parse(t, dict(dict(object(), "a", "1", "b", "1", "a", "2").op(opBuild), "b", "3", "c", "3").op(opBuild))
	if attr(v, "a") != "2" || attr(v, "b") != "3" || attr(v, "c") != "3" || attr(v, "d") != "" || v.State().Len() != 2 {
		t.Error("attributes of two BUILDs")
	}
	v = parse(t, dict(dict(object(), "a", "1"), "a", "2", "s", "slot").op(opTuple2, opBuild))
	if attr(v, "a") != "1" || attr(v, "s") != "slot" {
		t.Error("attributes in a dict and in slots")
	}
	if m, n := v.Class(); v.Kind() != Object || m != "example.models" || n != "Model" || v.Args().Len() != 0 || v.Args().Kind() != Tuple {
		t.Error("an object's class and arguments")
	}
	v = parse(t, new(asm).global("copyreg", "__newobj__").global("example.models", "Model").i(4).op(opTuple2, opReduce))
	if _, n := v.Class(); n != "Model" || !slices.Equal(ints(v.Args()), []int{4}) {
		t.Error("copyreg.__newobj__")
	}
	v = parse(t, new(asm).global("example.models", "function").i(4).op(opTuple1, opReduce))
	if v.Kind() != Object || !slices.Equal(ints(v.Args()), []int{4}) || v.State().Kind() != Invalid {
		t.Error("a call of an allowed global")
	}
	v = parse(t, dict(new(asm).global("example.models", "Bunch").op(opEmptyTuple, opNewObj).op(opMark).str("k").i(1).str("k").i(2).op(opSetItems), "s", "t").op(opBuild))
	if n, _ := lookup(v, "k").Int(); n != 2 || v.Len() != 2 || attr(v, "s") != "t" || v.Index(0).Kind() != Invalid {
		t.Error("an object that derives from dict")
	}
}

func TestLenient(t *testing.T) {
	a := new(asm).global("example.models", "Model").op(opEmptyTuple, opNewObj, opEmptyDict).str("x")
	a.global("os", "system").str("id").op(opTuple1, opReduce).op(opSetItem).str("y").stackGlobal("a.b", "c.d").op(opEmptyTuple, opReduce, opEmptyTuple, opReduce, opSetItem, opBuild)
	doc, err := Parse(a.global("os", "system").op(opPop).stop(), Options{Allow: examples, Lenient: true})
	if err != nil {
		t.Fatal(err)
	}
	x, _ := doc.Root().Attr("x")
	m, n := x.Class()
	if s, _ := x.Args().Index(0).Str(); x.Kind() != Opaque || m != "os" || n != "system" || s != "id" {
		t.Errorf("a forbidden call is a %v of %s.%s(%q)", x.Kind(), m, n, s)
	}
	if y, _ := doc.Root().Attr("y"); y.Kind() != Opaque {
		t.Errorf("a call on the result of a forbidden call is a %v", y.Kind())
	}
	want := []Global{{"example.models", "Model", 0, true}, {"os", "system", 31, false}, {"a.b", "c.d", 74, false}}
	if got := doc.Globals(); !slices.Equal(got, want) {
		t.Errorf("globals %v, want %v", got, want)
	}
}

func TestGlobalsWithoutDoubles(t *testing.T) {
	a := new(asm)
	for i := range 400 {
		a.global([]string{"example.models", "sklearn.svm"}[i%2], fmt.Sprintf("C%d", i/2%90)).op(opPop)
	}
	got := mustParse(t, a.op(opNone).stop()).Globals()
	for i, g := range got {
		if g.Name != fmt.Sprintf("C%d", i/2) || (g.Module == "sklearn.svm") != (i%2 == 1) || len(got) != 180 {
			t.Fatalf("%d globals, number %d is %s.%s", len(got), i, g.Module, g.Name)
		}
	}
}

// TestAllow checks what gets as far as Allow.
func TestAllow(t *testing.T) {
	var asked []string
	allow := func(module, name string) bool {
		asked = append(asked, module+":"+name)
		return true
	}
	for _, g := range [][2]string{{"a", "B"}, {"a.b_1", "_C2"}, {"a.b", "c.d"}, {"a..b", "c"}, {".a", "b"}, {"a.", "b"}, {"1a", "b"}, {"a", "2b"}, {"a", ""}, {"é", "b"}, {"numpy", "ndarray"}} {
		_, err := Parse(new(asm).global(g[0], g[1]).stop(), Options{Allow: allow})
		var global *GlobalError
		if err != nil && !errors.As(err, &global) {
			t.Error(err)
		}
	}
	if want := []string{"a:B", "a.b_1:_C2"}; !slices.Equal(asked, want) {
		t.Errorf("asked for %q, want %q", asked, want)
	}
}

func TestText(t *testing.T) {
	for in, want := range map[string]string{
		`S'plain'`: "plain", `S""`: "", `S'a\\b\'\"\n\t\x41\101\7\0z\q'`: "a\\b'\"\n\tAA\a\x00z\\q",
		"Vplain": "plain", `Va\u00e9\U0001F600\\u0041\q`: "aé😀\\\\u0041\\q", "V\xe9": "é", `V\`: `\`,
		"U\x02é": "é", "X\x02\x00\x00\x00é": "é",
	} {
		if got, ok := mustParse(t, []byte(in+"\n."[btoi(in[0] == 'U' || in[0] == 'X'):])).Root().Str(); !ok || got != want {
			t.Errorf("%s is %q, want %q", in, got, want)
		}
	}
	for _, in := range []string{`S'`, `S'a"`, `Sa`, `S'\x4'`, `S'\`, `S'\'`, `V\u12`, `V\uzzzz`, `V\U00110000`, `V\U0000`, "I", "I+-1", "I1x", "L", "LL", "F", "F1x", "F0x1p3", "F1_0", "p", "gx", "cos"} {
		_, err := Parse([]byte(in+"\n."), Options{})
		var syntax *SyntaxError
		if !errors.As(err, &syntax) || syntax.Offset != 0 {
			t.Errorf("%s: %v", in, err)
		}
	}
	for in, want := range map[string]int64{"I42": 42, "I-1": -1, "L42L": 42, "L-9223372036854775808L": -1 << 63, "I007": 7} {
		if got, ok := mustParse(t, []byte(in+"\n.")).Root().Int(); !ok || got != want {
			t.Errorf("%s is %d %v", in, got, ok)
		}
	}
	if b, ok := mustParse(t, []byte("I01\n.")).Root().Bool(); !b || !ok {
		t.Error("I01 is not True")
	}
	if mustParse(t, []byte("X\x02\x00\x00\x00\xff\xfe.")).Root().c.kind != String {
		t.Error("text that is not UTF-8 is no string")
	}
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

func TestLatin1(t *testing.T) {
	encode := func(text string) ([]byte, error) {
		doc, err := Parse(new(asm).global("_codecs", "encode").str(text).str("latin1").op(opTuple2, opReduce).stop(), Options{})
		if err != nil {
			return nil, err
		}
		b, _ := doc.Root().Bytes()
		return b, nil
	}
	var text strings.Builder
	for r := range rune(256) {
		text.WriteRune(r)
	}
	got, err := encode(text.String())
	if err != nil || len(got) != 256 {
		t.Fatal(len(got), err)
	}
	for i, b := range got {
		if int(b) != i {
			t.Fatalf("character %d is byte %d", i, b)
		}
	}
	for _, text := range []string{"€", "\u0100", "é\xc3", "\xc3(", "\x80", "\xff"} {
		if b, err := encode(text); err == nil {
			t.Errorf("%q is %q in latin1", text, b)
		}
	}
}

// TestDense parses the densest pickles that Python writes: one or two bytes a
// value. The defaults must have room for them.
func TestDense(t *testing.T) {
	race.Alone(t)
	for _, value := range []string{"\x88", ")", "]\x94", "}\x94", "\x8f\x94", "]\x94]\x94a", ")\x85\x94", "h\x00)\x81\x94", "\x8c\x00\x94", "K\x01"} {
		for _, n := range []int{1, 999, 30_001, 200_000} {
			a := new(asm).proto(4).global("example.models", "Model").op(opMemoize, opPop, opEmptyList, opMemoize)
			for left := n; left > 0; left -= 1000 {
				a.op(opMark).raw(strings.Repeat(value, min(left, 1000))).op(opAppends)
			}
			if got := parse(t, a).Len(); got != n {
				t.Errorf("%d of %q: %d", n, value, got)
			}
		}
	}
}

// TestFlexibleDType: the state of a dtype says how large its elements are.
func TestFlexibleDType(t *testing.T) {
	v := parse(t, new(asm).ndarray().op(opMark).i(1).i(2).op(opTuple1).dtype("V1", "|", 9, 0).op(opNewFalse).bytes(strings.Repeat("x", 18)).op(opTuple, opBuild))
	if a, ok := v.Array(); !ok || a.DType() != "|V9" || a.Len() != 2 {
		t.Error("an array of records of 9 bytes")
	}
}

// TestLimits sets each limit below what a file needs.
func TestLimits(t *testing.T) {
	for field, c := range map[string]struct {
		file   string
		limits Limits
	}{
		"Size":     {"numpy-2.pickle", Limits{Size: 100}},
		"Ratio":    {"numpy.joblib.z", Limits{Size: 4000}},
		"Memory":   {"numpy-2.pickle", Limits{Memory: 2000}},
		"Stack":    {"python-4.pickle", Limits{Stack: 600}},
		"Marks":    {"numpy-2.pickle", Limits{Marks: 1}},
		"Memo":     {"numpy-2.pickle", Limits{Memo: 9}},
		"Cells":    {"python-4.pickle", Limits{Cells: 1000}},
		"Elements": {"numpy-2.pickle", Limits{Elements: 4}},
		"Decoded":  {"numpy-2.pickle", Limits{Decoded: 1}},
		"Globals":  {"numpy-2.pickle", Limits{Globals: 2}},
		"Nested":   {"numpy-4.joblib", Limits{Nested: 1}},
	} {
		_, err := Parse(read(t, c.file), Options{Allow: examples, Limits: c.limits})
		var limit *LimitError
		if field == "Ratio" {
			field = "Size" // of the two, the lower is what is said
		}
		if !errors.As(err, &limit) || limit.Field != field {
			t.Errorf("Limits.%s: %v", field, err)
		}
		if _, err := Parse(read(t, c.file), Options{Allow: examples}); err != nil {
			t.Errorf("%s: %v", c.file, err)
		}
	}
}

func TestProtocol(t *testing.T) {
	for in, want := range map[string]int{"N.": 0, "(lp0\nI1\na.": 0, "K\x01.": 1, "].": 1, "U\x01a.": 1, "\x80\x02N.": 2, "\x80\x02\x80\x04\x80\x03N.": 4} {
		if got := mustParse(t, []byte(in)).Protocol(); got != want {
			t.Errorf("%q has protocol %d, want %d", in, got, want)
		}
	}
}

func TestInvalid(t *testing.T) {
	walk(t, &Document{})
	var v Value
	if v.Kind() != Invalid || v.Len() != 0 || v.Offset() != -1 {
		t.Error("the zero Value")
	}
	var a NDArray
	if f, err := a.Float64s(nil); a.Len() != 0 || len(a.Shape()) != 0 || len(f) != 0 || err == nil {
		t.Error("the zero NDArray")
	}
}

func TestConcurrentReads(t *testing.T) {
	doc := mustParse(t, read(t, "numpy-4.joblib"))
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() { walk(t, doc) })
	}
	group.Wait()
}

// TestLenientDamage: of what is damaged, a lenient parse tells what it saw.
func TestLenientDamage(t *testing.T) {
	for _, c := range []struct {
		data             string
		container, named string
		protocol         int
	}{
		{"(S'id'\nios\nsystem\n.", "pickle", "os.system", 0},
		{"\x80\x04cos\nsystem\n(S'id'", "pickle", "os.system", 4},
		{"K\x01cos\nsystem\n", "pickle", "os.system", 1},
	} {
		doc, err := Parse([]byte(c.data), Options{Lenient: true})
		if err == nil || doc == nil || doc.Root().Kind() != Invalid {
			t.Fatalf("%q: %v", c.data, err)
		}
		g := doc.Globals()
		if len(g) != 1 || g[0].Module+"."+g[0].Name != c.named || g[0].Allowed || doc.Format().Container != c.container || doc.Protocol() != c.protocol {
			t.Errorf("%q: %v, %v, protocol %d", c.data, g, doc.Format(), doc.Protocol())
		}
		if doc, err := Parse([]byte(c.data), Options{}); doc != nil || err == nil {
			t.Errorf("%q: a strict parse gives a document, or no error: %v", c.data, err)
		}
	}
}

// TestIdentity: values are equal when they are one object, not when they look alike.
func TestIdentity(t *testing.T) {
	a := new(asm).proto(4).op(opMark).global("builtins", "object").op(opEmptyTuple, opNewObj).put(0).op(opEmptyDict, opBuild).get(0)
	v := parse(t, a.global("builtins", "object").op(opEmptyTuple, opNewObj, opEmptyDict, opBuild, opList))
	if v.Index(0) != v.Index(1) || v.Index(0) == v.Index(2) {
		t.Error("one object differs from itself, or equals another")
	}
}
