package kernel

import (
	"math"
	"math/big"
)

// precision of the oracle's numbers, in bits.
const precision = 320

func exact(v float64) *big.Float        { return new(big.Float).SetPrec(precision).SetFloat64(v) }
func bigAdd(a, b *big.Float) *big.Float { return new(big.Float).Add(a, b) }
func bigSub(a, b *big.Float) *big.Float { return new(big.Float).Sub(a, b) }
func bigMul(a, b *big.Float) *big.Float { return new(big.Float).Mul(a, b) }
func bigQuo(a, b *big.Float) *big.Float { return new(big.Float).Quo(a, b) }

// bigExp is e^x, for |x| below some thousands, to about 290 bits: the series in
// x/2^k, squared k times.
func bigExp(x *big.Float) *big.Float {
	k := max(0, x.MantExp(nil)+12)
	small := new(big.Float).SetMantExp(x, -k)
	sum, term := exact(1), exact(1)
	for n := 1; term.Sign() != 0 && term.MantExp(nil) > -precision; n++ {
		term = bigQuo(bigMul(term, small), exact(float64(n)))
		sum = bigAdd(sum, term)
	}
	for range k {
		sum = bigMul(sum, sum)
	}
	return sum
}

// bigTanh is (e^2x - 1)/(e^2x + 1), and its series where that would cancel.
func bigTanh(x *big.Float) *big.Float {
	if x.Sign() == 0 || x.MantExp(nil) < -80 {
		return bigSub(x, bigQuo(bigMul(x, bigMul(x, x)), exact(3)))
	}
	e := bigExp(bigAdd(x, x))
	return bigQuo(bigSub(e, exact(1)), bigAdd(e, exact(1)))
}

// bigPower is base^n.
func bigPower(base *big.Float, n int) *big.Float {
	result := exact(1)
	for range n {
		result = bigMul(result, base)
	}
	return result
}

// ulps is |got - want| in units of the last place of a float64 of want's size.
func ulps(got float64, want *big.Float) float64 { return bigUlps(exact(got), want) }

func bigUlps(got, want *big.Float) float64 {
	exponent := max(want.MantExp(nil)-53, -1074)
	difference := bigSub(got, want)
	u, _ := new(big.Float).SetMantExp(difference, -exponent).Float64()
	return math.Abs(u)
}

// nearest is the float64 that is closest to v.
func nearest(v *big.Float) float64 {
	f, _ := v.Float64()
	return f
}
