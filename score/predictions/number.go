package predictions

import (
	"math"
	"strconv"
)

// appendFloat writes v as Python's repr does: the shortest digits that read back
// to v; plain from 1e-4 to below 1e16, else with an exponent of at least two digits.
func appendFloat(dst []byte, v float64) []byte {
	switch abs := math.Abs(v); {
	case math.IsNaN(v):
		return dst // pandas writes a missing value as nothing
	case math.IsInf(v, 1):
		return append(dst, "inf"...)
	case math.IsInf(v, -1):
		return append(dst, "-inf"...)
	case abs == 0 || abs >= 1e-4 && abs < 1e16:
		from := len(dst)
		dst = strconv.AppendFloat(dst, v, 'f', -1, 64)
		for _, c := range dst[from:] {
			if c == '.' {
				return dst
			}
		}
		return append(dst, ".0"...)
	}
	return strconv.AppendFloat(dst, v, 'e', -1, 64)
}
