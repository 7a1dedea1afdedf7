// Package race says whether tests run under the race detector.
package race

import "testing"

// Alone skips a long test under the race detector if what it tests has one goroutine:
// there is nothing to detect, and it takes many times as long. `make race` has such
// packages tested without the detector as well.
func Alone(t testing.TB) {
	t.Helper()
	if enabled {
		t.Skip("one goroutine; it is tested without the race detector") //nolint:forbidigo // nothing is missing
	}
}
