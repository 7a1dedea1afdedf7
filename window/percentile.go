package window

import "math"

// sketch counts values in bins whose bounds are the floating-point numbers with at
// most 6 bits of mantissa: 64 bins from one power of two to the next. The middle of
// a bin is off by at most 1/128 of any value in it. A bin's key is the bits of a
// value, shifted; so it costs no logarithm, and has the same result on every
// processor. Past maxBins bins (the values of 16 octaves, all of them filled)
// neighbours are joined, which doubles the error.
type sketch struct {
	bins  []bin // by key
	joins uint8 // how often neighbours have been joined
}

type bin struct {
	key int32 // orders as values do
	n   uint32
}

const (
	binShift = 52 - 6
	maxBins  = 1024
	maxJoins = 12
)

func binKey(v float64, joins uint8) int32 {
	key := int32(math.Float64bits(math.Abs(v)) >> (binShift + joins))
	if v < 0 {
		return ^key
	}
	return key
}

func binMiddle(key int32, joins uint8) float64 {
	k := key
	if k < 0 {
		k = ^k
	}
	low := math.Float64frombits(uint64(k) << (binShift + joins))
	high := math.Float64frombits(uint64(k+1) << (binShift + joins))
	if math.IsInf(high, 0) || math.IsNaN(high) {
		high = math.MaxFloat64
	}
	middle := low + (high-low)/2
	if key < 0 {
		return -middle
	}
	return middle
}

func (s *sketch) add(v float64) { s.put(binKey(v, s.joins), 1) }

func (s *sketch) put(key int32, n uint32) {
	low, high := 0, len(s.bins)
	for low < high {
		if mid := int(uint(low+high) / 2); s.bins[mid].key < key {
			low = mid + 1
		} else {
			high = mid
		}
	}
	if low < len(s.bins) && s.bins[low].key == key {
		s.bins[low].n += n
		return
	}
	s.bins = append(s.bins, bin{})
	copy(s.bins[low+1:], s.bins[low:])
	s.bins[low] = bin{key, n}
	for len(s.bins) > maxBins && s.joins < maxJoins {
		s.join()
	}
}

// join joins neighbours. Keys of negative values are complements, which a shift
// keeps.
func (s *sketch) join() {
	old := s.bins
	s.bins = s.bins[:0]
	s.joins++
	for _, b := range old {
		b.key >>= 1
		if k := len(s.bins); k > 0 && s.bins[k-1].key == b.key {
			s.bins[k-1].n += b.n
		} else {
			s.bins = append(s.bins, b)
		}
	}
}

func (s *sketch) merge(o *sketch) {
	for s.joins < o.joins {
		s.join()
	}
	for _, b := range o.bins {
		s.put(b.key>>(s.joins-o.joins), b.n)
	}
}

// result is the value of rank ⌈q·n⌉ (the first for q = 0), which is within low and
// high, the least and the greatest value; NaN if some of the values are not in.
func (s *sketch) result(q float64, n count, low, high float64) float64 {
	rank, seen, at := max(1, uint64(math.Ceil(q*float64(n)))), uint64(0), 0
	for i, b := range s.bins {
		if seen < rank {
			at = i
		}
		seen += uint64(b.n)
	}
	switch {
	case seen != uint64(n):
		return math.NaN()
	case rank <= 1:
		return low
	case rank >= uint64(n):
		return high
	}
	return min(high, max(low, binMiddle(s.bins[at].key, s.joins)))
}
