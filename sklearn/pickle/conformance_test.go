package pickle

import (
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/big"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"
)

// The files in testdata were written by Python, which also wrote down, in the
// .json beside them, what is in them: see generate.py.

// examples allows the classes that the generator makes up.
func examples(module, _ string) bool {
	return module == "example.models" || strings.HasPrefix(module, "sklearn.")
}

func read(t testing.TB, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func mustParse(t testing.TB, data []byte) *Document {
	t.Helper()
	doc, err := Parse(data, Options{Allow: examples})
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

func readJSON(t *testing.T, name string) any {
	t.Helper()
	var v any
	if err := json.Unmarshal(read(t, name), &v); err != nil {
		t.Fatal(err)
	}
	return v
}

func TestConformance(t *testing.T) {
	type file struct {
		name     string
		protocol int
		format   Format
	}
	for _, values := range []string{"python", "numpy"} {
		var files []file
		for p := range highestProtocol + 1 {
			files = append(files, file{fmt.Sprintf("%s-%d.pickle", values, p), p, Format{"pickle", ""}})
			if values == "numpy" {
				files = append(files, file{fmt.Sprintf("%s-%d.joblib", values, p), p, Format{"joblib", ""}})
			}
		}
		if values == "numpy" {
			files = append(files, file{"numpy.joblib.z", 4, Format{"joblib", "zlib"}},
				file{"numpy.joblib.gz", 4, Format{"joblib", "gzip"}}, file{"numpy.joblib.bz2", 4, Format{"joblib", "bzip2"}})
		} else {
			files = append(files, file{"python-4.pickle.gz", 4, Format{"pickle", "gzip"}})
		}
		want := sorted(readJSON(t, values+".json"))
		for _, f := range files {
			t.Run(f.name, func(t *testing.T) {
				doc := mustParse(t, read(t, f.name))
				d := describer{textLongs: f.protocol < 2}
				if diff := difference(want, sorted(d.describe(doc.Root(), nil)), "root"); diff != "" {
					t.Error(diff)
				}
				if doc.Protocol() != f.protocol || doc.Format() != f.format {
					t.Errorf("protocol %d, format %+v; want %d, %+v", doc.Protocol(), doc.Format(), f.protocol, f.format)
				}
			})
		}
	}
}

func TestZstd(t *testing.T) {
	w, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	doc := mustParse(t, w.EncodeAll(read(t, "numpy-5.joblib"), nil))
	if want := (Format{"joblib", "zstd"}); doc.Format() != want {
		t.Errorf("format %+v, want %+v", doc.Format(), want)
	}
	if diff := difference(sorted(readJSON(t, "numpy.json")), sorted(describer{}.describe(doc.Root(), nil)), "root"); diff != "" {
		t.Error(diff)
	}
}

func TestPython2(t *testing.T) {
	for p := range 3 {
		root := mustParse(t, read(t, fmt.Sprintf("python2-%d.pickle", p))).Root()
		if s, ok := lookup(root, "text").Str(); !ok || s != "hé\\\n" {
			t.Errorf("protocol %d: text %q %v", p, s, ok)
		}
		if s, ok := lookup(root, "word").Str(); !ok || s != "plain" {
			t.Errorf("protocol %d: word %q %v", p, s, ok)
		}
		if _, ok := lookup(root, "bytes").Str(); ok {
			t.Errorf("protocol %d: bytes that are no UTF-8 are a string", p)
		}
		if b, ok := lookup(root, "bytes").Bytes(); !ok || string(b) != "x\xff\n'\\" {
			t.Errorf("protocol %d: bytes %q %v", p, b, ok)
		}
		if b, ok := lookup(root, "bytearray").Bytes(); !ok || string(b) != "x\xff" {
			t.Errorf("protocol %d: bytearray %q %v", p, b, ok)
		}
		list := lookup(root, "list")
		n, _ := list.Index(1).Int()
		yes, ok := list.Index(2).Bool()
		f, _ := list.Index(3).Float()
		if list.Len() != 5 || n != 1<<40 || !yes || !ok || f != 1.5 || list.Index(4).Kind() != None {
			t.Errorf("protocol %d: list", p)
		}
		var keys []string
		for k := range lookup(root, "ordered").Entries() {
			s, _ := k.Str()
			keys = append(keys, s)
		}
		if !slices.Equal(keys, []string{"b", "a"}) {
			t.Errorf("protocol %d: ordered %q", p, keys)
		}
		if one, _ := lookup(root, "set").Index(0).Int(); one != 1 || lookup(root, "set").Kind() != Set {
			t.Errorf("protocol %d: set", p)
		}
		if v := lookup(root, "long"); v.Kind() != Int {
			t.Errorf("protocol %d: long is a %v", p, v.Kind())
		} else if _, ok := v.Int(); ok {
			t.Errorf("protocol %d: 10**30 fits 64 bits", p)
		}
	}
}

func TestRefusedFormats(t *testing.T) {
	for _, data := range [][]byte{
		read(t, "refused.joblib.xz"), read(t, "refused.joblib.lzma"), []byte("\x04\x22\x4d\x18\x64"), []byte("ZF0x10  "),
		[]byte("PK\x03\x04"), []byte("\x89HDF\r\n"),
		new(asm).proto(2).global("joblib.numpy_pickle", "NDArrayWrapper").stop(),
		new(asm).proto(4).stackGlobal("sklearn.externals.joblib.numpy_pickle", "ZNDArrayWrapper").stop(),
	} {
		for _, lenient := range []bool{false, true} {
			_, err := Parse(data, Options{Lenient: lenient})
			var format *FormatError
			if !errors.As(err, &format) || !strings.Contains(err.Error(), "dump the model") {
				t.Errorf("%.20q: %v", data, err)
			}
		}
	}
}

func lookup(v Value, key string) Value {
	found, _ := v.Lookup(key)
	return found
}

// A describer turns a Value into what generate.py writes as JSON.
type describer struct{ textLongs bool }

func (d describer) describe(v Value, path []Value) any {
	for up := range path {
		if outer := path[len(path)-1-up]; outer.c.kind == v.c.kind && outer.c.bits == v.c.bits {
			return map[string]any{"up": float64(up)}
		}
	}
	path = append(slices.Clip(path), v)
	switch v.Kind() {
	case None:
		return nil
	case Bool:
		b, _ := v.Bool()
		return b
	case Int:
		return map[string]any{"int": d.integer(v)}
	case Float:
		f, _ := v.Float()
		if math.IsNaN(f) {
			f = math.Float64frombits(0x7ff8000000000000)
		}
		return map[string]any{"float": fmt.Sprintf("%016x", math.Float64bits(f))}
	case String:
		s, ok := v.Str()
		if !ok {
			return "text that is not UTF-8"
		}
		return map[string]any{"str": s}
	case Bytes:
		b, _ := v.Bytes()
		return map[string]any{"bytes": hex.EncodeToString(b)}
	case List, Tuple, Set:
		return map[string]any{v.Kind().String(): d.items(v, path)}
	case Dict:
		return map[string]any{"dict": d.entries(v, path)}
	case Class:
		return map[string]any{"class": className(v)}
	case DType:
		return map[string]any{"dtype": true}
	case Array:
		return d.array(v, path)
	case Object:
		out := map[string]any{"object": className(v)}
		if v.holds(Dict) {
			out["entries"] = d.entries(v, path)
		}
		if v.holds(List) {
			out["items"] = d.items(v, path)
		}
		if v.State().Kind() != Invalid {
			out["state"] = d.describe(v.State(), path)
		}
		return out
	}
	return "unexpected " + v.Kind().String()
}

func (d describer) items(v Value, path []Value) []any {
	items := []any{}
	for i := range v.Len() {
		items = append(items, d.describe(v.Index(i), path))
	}
	return items
}

func (d describer) entries(v Value, path []Value) []any {
	entries := []any{}
	for k, x := range v.Entries() {
		entries = append(entries, []any{d.describe(k, path), d.describe(x, path)})
	}
	return entries
}

func (d describer) integer(v Value) string {
	if i, ok := v.Int(); ok {
		return strconv.FormatInt(i, 10)
	}
	if v.c.flag&long == 0 {
		return strconv.FormatUint(v.c.bits, 10)
	}
	b := slices.Clone(v.d.bytes(v.c))
	if d.textLongs {
		return string(b)
	}
	slices.Reverse(b)
	n := new(big.Int).SetBytes(b)
	if b[0] >= 0x80 {
		n.Sub(n, new(big.Int).Lsh(big.NewInt(1), uint(8*len(b))))
	}
	return n.String()
}

func (d describer) array(v Value, path []Value) any {
	a, _ := v.Array()
	shape := []any{}
	for _, n := range a.Shape() {
		shape = append(shape, float64(n))
	}
	out := map[string]any{"array": a.DType(), "shape": shape}
	if letter := a.array().dtype.letter; strings.ContainsRune("biufO", rune(letter)) {
		values := []any{}
		for i := range a.Len() {
			values = append(values, d.describe(a.Index(i), path))
		}
		out["values"] = values
	}
	return out
}

// className undoes the names that Python 3 writes for Python 2.
func className(v Value) string {
	module, name := v.Class()
	if module == "__builtin__" {
		module = "builtins"
		switch name {
		case "long":
			name = "int"
		case "unicode":
			name = "str"
		}
	}
	return module + "." + name
}

// sorted sorts the sets in a description.
func sorted(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for k, x := range v {
			v[k] = sorted(x)
		}
		if set, ok := v["set"].([]any); ok {
			slices.SortFunc(set, func(a, b any) int { return strings.Compare(fmt.Sprint(a), fmt.Sprint(b)) })
		}
	case []any:
		for i := range v {
			v[i] = sorted(v[i])
		}
	}
	return v
}

// difference says where two descriptions differ first; "" if they do not.
func difference(want, got any, where string) string {
	switch w := want.(type) {
	case map[string]any:
		if g, ok := got.(map[string]any); ok && len(g) == len(w) {
			for k := range w {
				if d := difference(w[k], g[k], where+"."+k); d != "" {
					return d
				}
			}
			return ""
		}
	case []any:
		if g, ok := got.([]any); ok && len(g) == len(w) {
			for i := range w {
				if d := difference(w[i], g[i], where+"["+strconv.Itoa(i)+"]"); d != "" {
					return d
				}
			}
			return ""
		}
	}
	if !reflect.DeepEqual(want, got) {
		return fmt.Sprintf("%s: got %.200v, want %.200v", where, got, want)
	}
	return ""
}

// TestArrayConversions compares Float64s and Int64s with element by element reads.
func TestArrayConversions(t *testing.T) {
	for _, name := range []string{"numpy-2.pickle", "numpy-5.pickle", "numpy-4.joblib"} {
		root := mustParse(t, read(t, name)).Root()
		for k, v := range root.Entries() {
			a, ok := v.Array()
			key, _ := k.Str()
			if !ok {
				continue
			}
			floats, ferr := a.Float64s([]float64{42})
			ints, ierr := a.Int64s([]int64{42})
			numbers := strings.ContainsRune("biuf", rune(a.array().dtype.letter))
			if (ferr == nil) != numbers || (ierr == nil) != (key == "strided" || key == "big_ints" || key == "random") {
				t.Errorf("%s %s: errors %v and %v", name, key, ferr, ierr)
			}
			if ferr == nil && (len(floats) != 1+a.Len() || floats[0] != 42) || ierr == nil && (len(ints) != 1+a.Len() || ints[0] != 42) {
				t.Fatalf("%s %s: %d floats and %d ints of %d", name, key, len(floats), len(ints), a.Len())
			}
			for i := range a.Len() {
				f, _ := a.Index(i).Float()
				n, _ := a.Index(i).Int()
				if ferr == nil && floats[i+1] != f || ierr == nil && ints[i+1] != n {
					t.Errorf("%s %s[%d]: %v and %v, want %v", name, key, i, floats, ints, f)
				}
			}
		}
		if a, _ := lookup(root, "axes").Array(); a.Len() != 24 {
			t.Errorf("%s: axes", name)
		} else if f, err := a.Float64s(nil); err != nil || !slices.Equal(f[:9], []float64{0, 1, 2, 3, 12, 13, 14, 15, 4}) || !slices.Equal(a.Shape(), []int{3, 2, 4}) {
			t.Errorf("%s: axes %v %v %v", name, a.Shape(), f, err)
		}
	}
}

func TestHalfPrecision(t *testing.T) {
	for h := range 1 << 16 {
		sign, exponent, fraction := float64(1-h>>15*2), h>>10&31, h&1023
		want := sign * math.Ldexp(1+float64(fraction)/1024, exponent-15)
		switch {
		case exponent == 31 && fraction == 0:
			want = math.Inf(int(sign))
		case exponent == 31:
			want = math.NaN()
		case exponent == 0:
			want = math.Copysign(math.Ldexp(float64(fraction), -24), sign)
		}
		b := binary.LittleEndian.AppendUint16(nil, uint16(h))
		got, _ := Value{nil, dtype{letter: 'f', size: 2}.read(b)}.Float()
		if math.Float64bits(got) != math.Float64bits(want) && !math.IsNaN(want) {
			t.Fatalf("%04x is %v, want %v", h, got, want)
		}
	}
}
