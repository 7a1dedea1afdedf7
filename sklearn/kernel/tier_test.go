package kernel

import (
	"encoding/binary"
	"math"
	"math/rand/v2"
	"os"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// on is the machine in another tier.
func on(t tier, m *Machine) *Machine {
	c := *m
	c.tier = t
	return &c
}

// agree fails unless all tiers decide the rows alike.
func agree(t rapid.TB, m *Machine, x []float64) {
	wantScore, wantBound := decide(on(portable, m), x)
	for _, tier := range tiers()[1:] {
		score, bound := decide(on(tier, m), x)
		for i := range score {
			if !sameBits(score[i:i+1], wantScore[i:i+1]) || !sameBits(bound[i:i+1], wantBound[i:i+1]) {
				t.Fatalf("%v, %d features, %d vectors, row %d of %d, %v: score %x, bound %x; portable %x, %x", tier,
					m.features, len(m.coef), i, len(score), x[i*m.features:(i+1)*m.features], score[i], bound[i], wantScore[i], wantBound[i])
			}
		}
	}
}

// shaped is an rbf machine and rows with what goes wrong if it does: rows among
// the support vectors, on them, just far enough to be negligible, far away,
// infinite, NaN, subnormal.
func shaped(t rapid.TB, seed uint64, features, vectors, rows int, signed bool) (*Machine, []float64) {
	rng := rand.New(rand.NewPCG(seed, 7))
	sv, coef := make([]float64, features*vectors), make([]float64, vectors)
	for i := range sv {
		sv[i] = float64(rng.Float64()*6) - 3
	}
	for i := range coef {
		coef[i] = rng.Float64()
		if signed && rng.IntN(2) == 0 {
			coef[i] = -coef[i]
		}
		if rng.IntN(9) == 0 {
			coef[i] = math.Copysign(0, coef[i])
		}
	}
	gamma := []float64{0, 1e-3, 0.4, 1, 30, 1e-310}[rng.IntN(6)]
	m, err := New(Params{Gamma: gamma * (1 + rng.Float64())}, sv, features, coef, rng.Float64()-0.5)
	if err != nil {
		t.Fatalf("New: %v", err)
	}
	strange := []float64{math.NaN(), math.Inf(1), math.Inf(-1), 1e160, -1e300, 5e-324, 1e-160, 0, math.Copysign(0, -1), 1e6}
	x := make([]float64, rows*features)
	style := rng.IntN(4)
	for i := range rows {
		row := x[i*features:][:features]
		if vectors > 0 {
			copy(row, sv[rng.IntN(vectors)*features:])
		}
		far := math.Sqrt(-bottom * math.Ln2 / m.params.Gamma / float64(features))
		for j := range row {
			switch s := rng.IntN(8); {
			case style == 0 || s < 3:
				row[j] += float64(rng.NormFloat64())
			case s == 4 && style > 1:
				row[j] += float64(far * (1 + (rng.Float64()-0.5)/8))
			case s == 5 && style > 2:
				row[j] = strange[rng.IntN(len(strange))]
			}
		}
	}
	return m, x
}

func TestTiersAgree(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		features := rapid.OneOf(rapid.IntRange(1, 9), rapid.SampledFrom([]int{1, 1, 1, 17, 70})).Draw(t, "features")
		vectors := rapid.OneOf(rapid.IntRange(0, 40), rapid.SampledFrom([]int{47, 48, 49, 64, 65, 131})).Draw(t, "vectors")
		rows := rapid.IntRange(0, 70).Draw(t, "rows")
		m, x := shaped(t, rapid.Uint64().Draw(t, "seed"), features, vectors, rows, rapid.Bool().Draw(t, "signed"))
		agree(t, m, x)
	})
}

// Every number of rows, whatever the shape, goes through its own blocks.
func TestTiersAgreeOnEveryNumberOfRows(t *testing.T) {
	for rows := range 71 {
		for _, features := range []int{1, 2, 3, 10} {
			for _, signed := range []bool{false, true} {
				m, x := shaped(t, uint64(rows), features, 11, rows, signed)
				agree(t, m, x)
			}
		}
	}
	for _, features := range []int{200, 2048, 2049} {
		m, x := shaped(t, 1, features, 7, 45, false)
		agree(t, m, x)
	}
}

// FuzzTiers takes all numbers, also of the machine, from the input.
func FuzzTiers(f *testing.F) {
	f.Add([]byte{}, uint8(1), uint8(3))
	f.Add([]byte("\x00\x00\x00\x00\x00\x00\xf0\x3f\x00\x00\x00\x00\x00\x00\x00\x40\x9a\x99\x99\x99\x99\x99\xb9\x3f"), uint8(2), uint8(0))
	f.Fuzz(func(t *testing.T, data []byte, features, vectors uint8) {
		d, n := 1+int(features%12), int(vectors%70)
		numbers := make([]float64, min(len(data)/8, 4096))
		for i := range numbers {
			numbers[i] = math.Float64frombits(binary.LittleEndian.Uint64(data[8*i:]))
		}
		take := func(n int) []float64 {
			s := make([]float64, n)
			numbers = numbers[copy(s, numbers):]
			return s
		}
		m, err := New(Params{Gamma: take(1)[0]}, take(n*d), d, take(n), take(1)[0])
		if err != nil {
			return
		}
		agree(t, m, take((len(numbers)+d-1)/d*d))
	})
}

// Where the numbers are in memory does not matter.
func TestTiersAgreeAtEveryAlignment(t *testing.T) {
	for _, features := range []int{1, 3} {
		m, x := shaped(t, 5, features, 13, 45, false)
		wantScore, wantBound := decide(m, x)
		for offset := range 8 {
			shift := func(s []float64) []float64 { return append(make([]float64, offset, offset+len(s)), s...)[offset:] }
			for _, tier := range tiers() {
				moved := on(tier, m)
				moved.sv, moved.scaling.base = shift(m.sv), shift(m.scaling.base)
				score, bound := shift(wantScore), shift(wantBound)
				clear(score)
				clear(bound)
				moved.Decide(shift(x), score, bound)
				if !sameBits(score, wantScore) || !sameBits(bound, wantBound) {
					t.Fatalf("%v, %d features: other results at offset %d", tier, features, offset)
				}
			}
		}
	}
}

func TestDecideWritesNothingElse(t *testing.T) {
	const canary = 12345.5
	for _, tier := range tiers() {
		for rows := range 70 {
			for _, features := range []int{1, 2} {
				m, x := shaped(t, 9, features, 5, rows, rows%2 == 0)
				all := make([]float64, 2*rows+24)
				for i := range all {
					all[i] = canary
				}
				on(tier, m).Decide(x, all[8:8+rows], all[16+rows:16+2*rows])
				for i, v := range all {
					if inside := i >= 8 && i < 8+rows || i >= 16+rows && i < 16+2*rows; !inside && v != canary {
						t.Fatalf("%v, %d rows, %d features: Decide wrote %v at %d", tier, rows, features, v, i)
					}
				}
			}
		}
	}
}

// A processor with AVX2 has registers 0 to 15, no masks and no zmm; one that has
// AVX-512 would not notice their use.
func TestAVX2UsesNoAVX512(t *testing.T) {
	source, err := os.ReadFile("rbf_amd64.s")
	if err != nil {
		t.Fatal(err)
	}
	functions := 0
	for _, function := range strings.Split(string(source), "\nTEXT ")[1:] {
		name, body, _ := strings.Cut(function, "(SB)")
		if !strings.HasSuffix(name, "AVX2") {
			continue
		}
		functions++
		for _, register := range strings.FieldsFunc(body, func(r rune) bool { return strings.ContainsRune(" \t\n,()*", r) }) {
			if len(register) > 3 || len(register) < 2 || register[1] < '0' || register[1] > '9' {
				continue
			}
			if strings.ContainsAny(register[:1], "ZK") || strings.ContainsAny(register[:1], "XY") && len(register) == 3 && register[1:] > "15" {
				t.Errorf("%s uses %s", name, register)
			}
		}
	}
	if functions < 5 {
		t.Errorf("%d functions for AVX2", functions)
	}
}

func TestChoose(t *testing.T) {
	all := []tier{portable, avx2, avx512}
	for _, c := range []struct {
		name      string
		available []tier
		want      tier
		err       string
	}{
		{"", all, avx512, ""},
		{"", all[:2], avx2, ""},
		{"", all[:1], portable, ""},
		{"portable", all, portable, ""},
		{"avx2", all, avx2, ""},
		{"avx512", all, avx512, ""},
		{"avx512", all[:2], portable, `FLEETSCORE_KERNEL is "avx512"; this processor has portable, avx2,`},
		{"AVX2", all, portable, `"AVX2"`},
	} {
		got, err := choose(c.name, c.available)
		if got != c.want || (err == nil) != (c.err == "") || err != nil && !strings.Contains(err.Error(), c.err) {
			t.Errorf("choose(%q, %v) = %v, %v", c.name, c.available, got, err)
		}
	}
}
