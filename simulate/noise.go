package simulate

import "math"

// Randomness is a function of the seed, the name of what it is for, and a number:
// it has no state, so that no part of a fleet disturbs another's.

// mix is the finalizer of splitmix64.
func mix(x uint64) uint64 {
	x ^= x >> 30
	x *= 0xbf58476d1ce4e5b9
	x ^= x >> 27
	x *= 0x94d049bb133111eb
	return x ^ x>>31
}

// at is the n-th random number of a key.
func at(key, n uint64) uint64 { return mix(key + n*0x9e3779b97f4a7c15) }

// keyOf makes a key of the seed and names.
func keyOf(seed uint64, names ...string) uint64 {
	h := mix(seed ^ 14695981039346656037)
	for _, name := range names {
		for i := range len(name) {
			h ^= uint64(name[i])
			h *= 1099511628211
		}
		h ^= 0xff // no byte of UTF-8
		h *= 1099511628211
	}
	return mix(h)
}

// uniform is in [0, 1).
func uniform(h uint64) float64 { return float64(h>>11) * 0x1p-53 }

// normal is nearly normal, with mean 0 and variance 1, within ±3.47: the sum of
// four uniform numbers. Additions and multiplications alone are the same on all
// machines.
func normal(h uint64) float64 {
	sum := h&0xffff + h>>16&0xffff + h>>32&0xffff + h>>48
	return float64(int64(sum)-2*0xffff) * (1.7320508075688772 / 0xffff)
}

// wave is like a sine of a phase in [0, 1), made of two parabolas.
func wave(phase float64) float64 {
	if phase < 0.5 {
		return 16 * float64(phase*(0.5-phase))
	}
	return -16 * float64((phase-0.5)*(1-phase))
}

// rounded keeps three decimals, which also hides what one machine rounds
// differently from another.
func rounded(v float64) float64 { return math.RoundToEven(v*decimals) / decimals }

const decimals = 1000
