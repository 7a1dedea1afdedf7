package window

import (
	"math"
	"time"
)

// coverage is the count by the count that was expected. It exceeds 1 where there
// were more.
func coverage(n count, every, expected time.Duration) float64 {
	if expected == 0 {
		return math.NaN()
	}
	return float64(n) * float64(expected) / float64(every)
}
