package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"time"

	"github.com/fleetscore/fleetscore/fleet"
	"github.com/fleetscore/fleetscore/score/runtime"
	"github.com/fleetscore/fleetscore/score/runtime/command"
	"github.com/fleetscore/fleetscore/score/runtime/sandbox"
)

// container measures a shard in a container beside the same as a bare process.
func (b *bench) container(ctx context.Context) error {
	image := os.Getenv("FLEETSCORE_BENCH_IMAGE")
	if image == "" {
		b.add("a container for a shard, over the bare process", "not measured: FLEETSCORE_BENCH_IMAGE names no image with awk", "≤ 1 s")
		return nil
	}
	requests := make([]runtime.Request, 100)
	for i := range requests {
		requests[i] = runtime.Request{Sensor: fleet.Sensor{Device: strconv.Itoa(i), Tag: "x"}, Features: []string{"value"}, Times: []int64{0}, Values: []float64{1}}
	}
	took := map[string][]float64{}
	for range b.rounds {
		for _, kind := range []string{sandbox.None, sandbox.Container} {
			used := ""
			if kind == sandbox.Container {
				used = image
			}
			box, err := sandbox.Find(ctx, kind, used)
			if err != nil {
				return err
			}
			r, err := command.New(ctx, command.Config{Sandbox: box, Command: fleet.CommandRuntime{
				Confinement: fleet.Confinement{Memory: 1 << 30, Timeout: 30, Network: "none", Workers: 1},
				Run:         `awk "BEGIN{print \"score\"} NR>1{print 1}"`, Per: "shard", Input: "stdin", Output: "stdout",
			}})
			if err != nil {
				return err
			}
			answers := make([]runtime.Answer, len(requests))
			start := time.Now()
			err = r.Score(ctx, requests, answers)
			took[kind] = append(took[kind], time.Since(start).Seconds())
			if err = errors.Join(err, answers[0].Err, r.Close()); err != nil {
				return err
			}
		}
	}
	over := median(took[sandbox.Container]) - median(took[sandbox.None])
	b.add("a container for a shard, over the bare process", fmt.Sprintf("%.2f s", over), aimed(over <= 1, "≤ 1 s"))
	return nil
}
