package kernel

import (
	"fmt"
	"math"
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
		{RBF, 1, 2, 3600, "near"},
		{RBF, 1, 55, 1, "near"},
		{RBF, 1, 55, 60, "near"},
		{RBF, 10, 526, 1, "near"},
		{RBF, 10, 526, 360, "near"},
		{RBF, 50, 500, 36, "near"},
		{RBF, 200, 500, 36, "near"},
		{RBF, 200, 500, 128, "near"},
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

func BenchmarkExp(b *testing.B) {
	for _, f := range []struct {
		name string
		exp  func(float64) float64
	}{{"ours", Exp}, {"math", math.Exp}} {
		b.Run(f.name, func(b *testing.B) {
			sum, x := 0.0, 0.0
			for b.Loop() {
				sum += f.exp(x)
				if x -= 0.01; x < -20 {
					x = 0
				}
			}
			if math.IsNaN(sum) {
				b.Fatal(sum)
			}
		})
	}
}
