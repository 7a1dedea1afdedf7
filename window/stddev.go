package window

import "math"

// spread is the sum of the squares of the deviations from the mean, by the update
// of Youngs and Cramer: Welford's, with the sum in place of a running mean, which
// saves a division and takes what Neumaier's sum knows better. Two are merged as
// Chan, Golub and LeVeque have it.
type spread float64

// add takes v, of which n and s, with v in them, are the count and the sum.
func (d *spread) add(v float64, n count, s sum) {
	f := float64(n)
	e := math.FMA(f, v, -s.high) - s.low
	*d += spread(e * e / (f * (f - 1)))
}

// merge takes another one; n, s and m, t are the two's counts and sums, before they
// are merged.
func (d *spread) merge(o spread, n, m count, s, t sum) {
	f, g := float64(n), float64(m)
	e := mean(s, n) - mean(t, m)
	*d += o + spread(float64(e*e)*(f*g/(f+g)))
}

// result is the standard deviation of a sample, as SQL, pandas and Stream Analytics
// have it.
func (d spread) result(n count) float64 {
	if n < 2 {
		return math.NaN()
	}
	return math.Sqrt(float64(d) / (float64(n) - 1))
}
