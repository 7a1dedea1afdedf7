package kernel

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

// BenchmarkDecide reports kernel values per second. Rows far from the support
// vectors, mixed with near ones or not, must take no longer than near ones.
func BenchmarkDecide(b *testing.B) {
	cases := []struct {
		kind                    Kind
		features, vectors, rows int
		where                   string
	}{
		{RBF, 1, 55, 3600, "near"},
		{RBF, 1, 55, 3600, "far"},
		{RBF, 1, 55, 3600, "mixed"},
		{RBF, 1, 3, 3600, "near"},
		{RBF, 1, 55, 1, "near"},
		{RBF, 1, 55, 60, "near"},
		{RBF, 10, 533, 1, "near"},
		{RBF, 10, 533, 360, "near"},
		{RBF, 10, 533, 360, "far"},
		{RBF, 50, 501, 36, "near"},
		{RBF, 200, 507, 36, "near"},
		{RBF, 200, 507, 128, "near"},
		{Linear, 1, 55, 3600, "near"},
		{Poly, 1, 55, 3600, "near"},
		{Sigmoid, 1, 55, 3600, "near"},
	}
	for _, c := range cases {
		for _, tier := range tiers() {
			if c.kind != RBF && tier != portable {
				continue
			}
			name := fmt.Sprintf("%v/features=%d/vectors=%d/rows=%d/%s/%v", c.kind, c.features, c.vectors, c.rows, c.where, tier)
			b.Run(name, func(b *testing.B) {
				m, x := drawn(b, rand.New(rand.NewPCG(4, 4)), c.kind, c.features, c.vectors, c.rows)
				m.tier = tier
				for i := range x {
					if c.where == "far" || c.where == "mixed" && i*i%7 < 3 {
						x[i] += 1e6
					}
				}
				score, bound := make([]float64, c.rows), make([]float64, c.rows)
				for b.Loop() {
					m.Decide(x, score, bound)
				}
				b.ReportMetric(float64(b.N)*float64(c.vectors*c.rows)/b.Elapsed().Seconds()/1e6, "Mvalues/s")
			})
		}
	}
}

// BenchmarkReset is what a machine costs that is made in another's memory.
func BenchmarkReset(b *testing.B) {
	for _, features := range []int{1, 10} {
		b.Run(fmt.Sprintf("features=%d", features), func(b *testing.B) {
			m, _ := drawn(b, rand.New(rand.NewPCG(4, 4)), RBF, features, 55, 1)
			b.ReportAllocs()
			reused := new(Machine)
			for b.Loop() {
				if err := reused.Reset(m.params, m.vectors, features, m.coef, m.intercept); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
