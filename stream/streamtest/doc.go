// Package streamtest holds a log to the contract of package stream. Every log runs
// the whole suite in its tests:
//
//	func TestContract(t *testing.T) {
//		streamtest.Run(t, func(t *testing.T, at streamtest.Place) stream.Log { … })
//	}
//
// [Load] and [Acknowledged] are for tests that kill a process which appends.
package streamtest
