package app

import (
	"os"
	"runtime/debug"
)

// What stands in memory is mostly readings. They have no pointers, so that to
// collect often costs little where they are many, and saves much memory; where
// they are few, it would cost more than scoring them.
const (
	garbage = 16 << 20 // bytes; more costs more page faults than it saves
	leastGC = 20       // percent
	mostGC  = 200      // percent
)

// limitGarbage sets how much garbage there may be beside held bytes, unless the
// environment says it.
func limitGarbage(held int64) {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(int(min(max(100*garbage/max(held, 1), leastGC), mostGC)))
	}
}
