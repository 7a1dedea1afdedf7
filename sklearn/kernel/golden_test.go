package kernel

import (
	"bytes"
	"flag"
	"fmt"
	"hash/fnv"
	"math"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "rewrite testdata/golden.txt")

const goldenFile = "testdata/golden.txt"

const goldenHead = `# Inputs and results to the bit, as hexadecimal IEEE 754 numbers: what the portable
# code gives and every faster one must give too.
#   value X RESULT                                    2^X
#   tanh X RESULT
#   machine KIND GAMMA COEF0 DEGREE FEATURES INTERCEPT COEFFICIENTS SUPPORT-VECTORS
#   row VALUES SCORE BOUND                            of the machine before it
#   digest KIND FEATURES VECTORS ROWS FNV-1A          of larger ones (see digest)
`

// TestGolden holds this platform to the bits of all others. What changes them
// changes the specification.
func TestGolden(t *testing.T) {
	if *update {
		if err := os.WriteFile(goldenFile, golden(t), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	file, err := os.ReadFile(goldenFile)
	if err != nil {
		t.Fatal(err)
	}
	for _, tier := range tiers() {
		t.Run(tier.String(), func(t *testing.T) { checkGolden(t, tier, string(file)) })
	}
}

func checkGolden(t *testing.T, tier tier, file string) {
	var m given
	checked := map[string]int{}
	for i, line := range strings.Split(file, "\n") {
		if line == "" || line[0] == '#' {
			continue
		}
		f := strings.Fields(line)
		got := ""
		switch f[0] {
		case "value":
			got = valueLine(t, tier, numbers(t, f[1])[0])
		case "tanh":
			got = tanhLine(numbers(t, f[1])[0])
		case "machine":
			m = parseMachine(t, f)
			got = m.line()
		case "row":
			got = rowLine(on(tier, m.Machine), numbers(t, f[1]))
		case "digest":
			got = digestLine(t, tier, kindNamed(f[1]), integer(t, f[2]), integer(t, f[3]), integer(t, f[4]))
		}
		if got != line {
			t.Errorf("%s:%d: this platform gives\n%s\nand not\n%s", goldenFile, i+1, got, line)
		}
		checked[f[0]]++
	}
	if checked["value"] < 200 || checked["tanh"] < 100 || checked["row"] < 200 || checked["digest"] < 10 {
		t.Errorf("%s is not whole: %v", goldenFile, checked)
	}
}

func golden(t *testing.T) []byte {
	rng := rand.New(rand.NewPCG(3, 3))
	b := bytes.NewBufferString(goldenHead)
	ends := []float64{0, 1, -1, 5e-324, -5e-324, -0x1p-54, bottom, bottom + 1, math.Nextafter(bottom, 0), bottom + 1./32, bottom + 1 - 1./32,
		math.Nextafter(bottom+1, -2000), math.Inf(-1), -1e60, tanhOne, math.Nextafter(tanhOne, 0)}
	for _, x := range ends {
		fmt.Fprintln(b, valueLine(t, portable, x))
		fmt.Fprintln(b, tanhLine(x))
		fmt.Fprintln(b, tanhLine(-x))
	}
	for i := range 100 {
		tiny := math.Ldexp(1+rng.Float64(), -i)
		fmt.Fprintln(b, valueLine(t, portable, -tiny))
		fmt.Fprintln(b, valueLine(t, portable, float64(rng.Float64()*1030)-1025))
		fmt.Fprintln(b, valueLine(t, portable, (float64(i-80)+0.5)/16))
		fmt.Fprintln(b, tanhLine(tiny))
		fmt.Fprintln(b, tanhLine(float64(rng.Float64()*8)-4))
	}
	for kind := RBF; kind <= Sigmoid; kind++ {
		for _, shape := range [][2]int{{1, 1}, {1, 2}, {1, 5}, {2, 3}, {3, 4}, {5, 9}} {
			m, x := drawn(t, rng, kind, shape[0], shape[1], 10)
			fmt.Fprintln(b, m.line())
			for i := range 10 {
				row := x[i*m.features : (i+1)*m.features]
				if i == 9 && kind == RBF {
					row[0] *= 1e5 // so far that the kernel values are 0
				}
				fmt.Fprintln(b, rowLine(on(portable, m.Machine), row))
			}
		}
	}
	for _, intercept := range []float64{0, -0.5} { // scaled and not
		for _, features := range []int{1, 3} {
			far := made(t, Params{Kind: RBF, Gamma: -bottom * math.Ln2}, make([]float64, features), features, []float64{1}, intercept)
			fmt.Fprintln(b, far.line())
			for _, x := range []float64{1, math.Nextafter(1, 0), math.Nextafter(1, 2), 0.9997, 0.9993, 1.03, 1e30, 1e60, 1e100, 1e160, math.MaxFloat64, math.Inf(1), math.Inf(-1)} {
				row := make([]float64, features)
				row[0] = x
				fmt.Fprintln(b, rowLine(on(portable, far.Machine), row))
			}
		}
	}
	for kind := RBF; kind <= Sigmoid; kind++ {
		for _, shape := range [][3]int{{1, 55, 360}, {10, 131, 50}, {50, 64, 33}} {
			fmt.Fprintln(b, digestLine(t, portable, kind, shape[0], shape[1], shape[2]))
		}
	}
	return b.Bytes()
}

// drawn is a machine and rows of random numbers, which are the same everywhere.
func drawn(t testing.TB, rng *rand.Rand, kind Kind, features, vectors, rows int) (given, []float64) {
	draw := func(n int) []float64 {
		s := make([]float64, n)
		for i := range s {
			s[i] = float64(rng.Float64()*4) - 2
		}
		return s
	}
	x, sv, coef := draw(rows*features), draw(vectors*features), draw(vectors)
	for i := range coef {
		if vectors%2 == 1 { // as a one-class machine's are
			coef[i] = math.Abs(coef[i])
			if i%12 != 0 {
				coef[i] = 1
			}
		}
	}
	gamma := rng.Float64() / float64(features) // so that no kernel value is lost beside the others
	p := Params{Kind: kind, Gamma: gamma, Coef0: rng.Float64(), Degree: rng.IntN(6)}
	return made(t, p, sv, features, coef, -rng.Float64()), x
}

func made(t testing.TB, p Params, sv []float64, d int, coef []float64, intercept float64) given {
	t.Helper()
	m, err := New(p, sv, d, coef, intercept)
	if err != nil {
		t.Fatal(err)
	}
	return given{m, sv}
}

func valueLine(t testing.TB, tier tier, x float64) string {
	t.Helper()
	return fmt.Sprintf("value %016x %016x", math.Float64bits(x), math.Float64bits(value(tier, x)))
}

// value is the kernel value of an exponent, rounded.
func value(t tier, x float64) float64 {
	s := &scratch{}
	s.exponents[0] = x
	powers, rests := t.kernelValues(s, 1)
	return powers[0] * rests[0]
}

func tanhLine(x float64) string {
	return fmt.Sprintf("tanh %016x %016x", math.Float64bits(x), math.Float64bits(Tanh(x)))
}

func (m given) line() string {
	p := m.params
	return fmt.Sprintf("machine %v %s %s %d %d %s %s %s", p.Kind, hex(p.Gamma), hex(p.Coef0), p.Degree,
		m.features, hex(m.intercept), hex(m.coef...), hex(m.vectors...))
}

func rowLine(m *Machine, x []float64) string {
	score, bound := decide(m, x)
	return fmt.Sprintf("row %s %s %s", hex(x...), hex(score...), hex(bound...))
}

// digestLine sums up a machine and rows drawn with the shape as the seed: the
// digest is that of all scores, then all bounds, as big-endian bits.
func digestLine(t testing.TB, tier tier, kind Kind, features, vectors, rows int) string {
	rng := rand.New(rand.NewPCG(uint64(features), uint64(vectors)<<32|uint64(rows)))
	m, x := drawn(t, rng, kind, features, vectors, rows)
	score, bound := decide(on(tier, m.Machine), x)
	h := fnv.New64a()
	for _, v := range append(score, bound...) {
		h.Write(fmt.Appendf(nil, "%016x", math.Float64bits(v)))
	}
	return fmt.Sprintf("digest %v %d %d %d %016x", kind, features, vectors, rows, h.Sum64())
}

func parseMachine(t *testing.T, f []string) given {
	p := Params{Kind: kindNamed(f[1]), Gamma: numbers(t, f[2])[0], Coef0: numbers(t, f[3])[0], Degree: integer(t, f[4])}
	return made(t, p, numbers(t, f[8]), integer(t, f[5]), numbers(t, f[7]), numbers(t, f[6])[0])
}

func kindNamed(name string) Kind {
	for k := RBF; k <= Sigmoid; k++ {
		if k.String() == name {
			return k
		}
	}
	return math.MaxUint8
}

func hex(v ...float64) string {
	s := make([]string, len(v))
	for i, f := range v {
		s[i] = fmt.Sprintf("%016x", math.Float64bits(f))
	}
	return strings.Join(s, ",")
}

func numbers(t *testing.T, list string) []float64 {
	var v []float64
	for s := range strings.SplitSeq(list, ",") {
		bits, err := strconv.ParseUint(s, 16, 64)
		if err != nil {
			t.Fatal(err)
		}
		v = append(v, math.Float64frombits(bits))
	}
	return v
}

func integer(t *testing.T, s string) int {
	n, err := strconv.Atoi(s)
	if err != nil {
		t.Fatal(err)
	}
	return n
}
