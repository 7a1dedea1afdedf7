package window

import (
	"math"
	"math/rand/v2"
	"slices"
	"sort"
	"testing"

	"pgregory.net/rapid"
)

// TestIdentity has thousands of readings in one pane, of all sorts of times and
// values, in all sorts of orders, and compares them with a list.
func TestIdentity(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		cfg := Defaults()
		cfg.Keep = rapid.SampledFrom([]Keep{KeepLast, KeepBoth}).Draw(t, "keep")
		e, _ := New(cfg, nothing{})
		_, p := e.panes.take()
		var h hint
		random := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))
		unit := rapid.SampledFrom([]int64{1e9, 1e6, 1}).Draw(t, "unit")
		spread := rapid.SampledFrom([]int64{30, 1000, 60e9}).Draw(t, "spread")
		digits := rapid.SampledFrom([]float64{1, 10, 1e4, 1e17}).Draw(t, "digits")
		sorted := rapid.Bool().Draw(t, "sorted")
		seqs := rapid.SampledFrom([]int{0, 1, 1000}).Draw(t, "seqs")
		var entries []entry
		for range rapid.IntRange(1, 1500).Draw(t, "entries") {
			a := entry{time: min(random.Int64N(spread)*unit, 60e9-1), value: math.Round(random.NormFloat64()*digits*10)/digits + 0} // never -0
			if seqs > 0 && random.IntN(4) > 0 {
				a.seq, a.hasSeq = uint64(random.IntN(seqs)), true
				if random.IntN(50) == 0 {
					a.seq = math.MaxUint64 - a.seq
				}
			}
			if random.IntN(100) == 0 {
				a.value = random.ExpFloat64()
			}
			entries = append(entries, a)
		}
		if sorted {
			sort.Slice(entries, func(i, j int) bool { return entries[i].before(&entries[j]) })
		}
		var want []entry
		for _, a := range entries {
			expected, at := Counted, -1
			for i := range want {
				if want[i].same(&a) && want[i].value == a.value {
					expected = Duplicate
					break
				}
				if want[i].same(&a) {
					expected, at = Conflict, i
				}
			}
			if got := e.insert(p, &a, &h); got != expected {
				t.Fatalf("%+v is %s, want %s", a, got, expected)
			}
			switch {
			case expected == Conflict && cfg.Keep == KeepLast:
				want[at].value = a.value
			case expected != Duplicate:
				want = append(want, a)
			}
		}
		var got []entry
		for i := range e.lists.len(&p.blocks) {
			got = e.decode(e.lists.get(&p.blocks, i), got)
		}
		if !sort.SliceIsSorted(got, func(i, j int) bool { return got[i].before(&got[j]) }) {
			t.Fatalf("not in order: %+v", got)
		}
		order := func(x []entry) {
			sort.Slice(x, func(i, j int) bool {
				if x[i].before(&x[j]) || x[j].before(&x[i]) {
					return x[i].before(&x[j])
				}
				return !x[i].hasSeq && x[j].hasSeq || x[i].hasSeq == x[j].hasSeq && x[i].seq < x[j].seq
			})
		}
		order(got)
		order(want)
		if !slices.Equal(got, want) {
			t.Fatalf("%d entries are not the %d that they are to be", len(got), len(want))
		}
	})
}

// TestSketch: percentiles are within what is stated of the exact ones, and merging
// changes nothing.
func TestSketch(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		random := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))
		wide := rapid.SampledFrom([]float64{0.01, 1, 100, 300}).Draw(t, "octaves")
		n := rapid.IntRange(1, 3000).Draw(t, "values")
		var whole, half, other sketch
		var values []float64
		for i := range n {
			v := math.Exp2(random.NormFloat64() * wide)
			if random.IntN(3) == 0 {
				v = -v
			}
			if math.IsInf(v, 0) {
				v = 0
			}
			values = append(values, v)
			whole.add(v)
			if i < n/10 {
				half.add(v)
			} else {
				other.add(v)
			}
		}
		half.merge(&other)
		slices.Sort(values)
		within := math.Exp2(float64(whole.joins)) / 128
		if whole.joins > 6 { // a bin is more than an octave
			within = math.Inf(1)
		}
		if len(whole.bins) > maxBins || wide <= 1 && whole.joins > 0 {
			t.Fatalf("%d bins, joined %d times", len(whole.bins), whole.joins)
		}
		for _, q := range []float64{0, 0.01, 0.5, 0.99, 1} {
			want := values[max(0, int(math.Ceil(q*float64(n)))-1)]
			got := whole.result(q, count(n), values[0], values[n-1])
			if math.Abs(got-want) > within*math.Abs(want)*(1+1e-12)+5e-324 {
				t.Fatalf("%v of %d is %v, want %v within %v", q, n, got, want, within)
			}
			if merged := half.result(q, count(n), values[0], values[n-1]); half.joins < whole.joins || half.joins == whole.joins && merged != got {
				t.Fatalf("merged, %v is %v and not %v", q, merged, got)
			}
		}
	})
}
