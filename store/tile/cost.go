package tile

import (
	"math"
	"time"
)

// Cost is how long a sensor took, to about a twentieth, from 64 ns to four minutes:
// its logarithm, in steps of an eighth of an octave. 0 is not known.
type Cost byte

const (
	costSteps = 8
	leastCost = 64 // nanoseconds
)

// CostOf is the cost of d.
func CostOf(d time.Duration) Cost {
	if d <= 0 {
		return 0
	}
	step := math.Round(math.Log2(float64(d)/leastCost) * costSteps)
	return Cost(min(max(step, 1), 255))
}

// Duration is about how long it was.
func (c Cost) Duration() time.Duration {
	if c == 0 {
		return 0
	}
	return time.Duration(leastCost * math.Exp2(float64(c)/costSteps))
}
