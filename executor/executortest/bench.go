package executortest

import (
	"strconv"
	"testing"

	"github.com/fleetscore/fleetscore/fleet"
)

// Benchmark measures what an executor adds to the work itself.
func Benchmark(b *testing.B, open Open) {
	b.Run("from zero nodes to the first task", func(b *testing.B) {
		for b.Loop() {
			r := newRig(b, open, config(1))
			r.ends(fleet.TaskDone, r.submit(fleet.Array{Manifest: "nothing"}, "r", 1))
			b.StopTimer()
			_ = r.Stop(b.Context()) // nothing runs
			b.StartTimer()
		}
	})
	b.Run("3375 empty tasks", func(b *testing.B) {
		r := newRig(b, open, config(2))
		r.ends(fleet.TaskDone, r.submit(fleet.Array{Manifest: "nothing"}, "first", 1))
		n := 0
		for b.Loop() {
			n++
			r.ends(fleet.TaskDone, r.submit(fleet.Array{Manifest: "nothing", Costs: costs(3375, 0)}, strconv.Itoa(n), 3375))
		}
	})
}
