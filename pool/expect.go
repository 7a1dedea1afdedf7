package pool

import "math"

// NodesFor is how many nodes work is worth, where a start takes startup seconds: what
// Default wants for tasks that wait.
func NodesFor(tasks int, seconds, startup float64) int {
	if tasks <= 0 {
		return 0
	}
	return min(tasks, max(1, int(math.Ceil(math.Min(seconds/math.Max(leastWork, startup/2), float64(tasks))))))
}

// leastWork is what is worth a node that starts in no time, in seconds.
const leastWork = 0.05

// Patience is how many seconds tasks wait before Default doubles the nodes: longer than
// a start and the work after it that Default plans for.
func Patience(startup float64) float64 { return math.Max(0.1, 2*startup) }
