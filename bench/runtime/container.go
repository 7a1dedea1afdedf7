package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"time"

	"github.com/fleetscore/fleetscore/fleet"
	"github.com/fleetscore/fleetscore/score/runtime"
	"github.com/fleetscore/fleetscore/score/runtime/command"
	"github.com/fleetscore/fleetscore/score/runtime/sandbox"
)

// image is of a container that has one program, so that what is measured is not the copying of a large
// one, as podman does for each start where its storage knows no layers.
const image = "localhost/fleetscore/ones:bench"

func (b *bench) image(ctx context.Context) error {
	build := exec.CommandContext(ctx, "go", "build", "-o", filepath.Join(b.folder, "ones"), "./bench/runtime/ones")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		return fmt.Errorf("building: %w: %s", err, out)
	}
	out, err := exec.CommandContext(ctx, "bash", "-c", `set -o pipefail; tar -C "$1" -c ones | podman import --quiet - "$2"`, "bash", b.folder, image).CombinedOutput()
	if err != nil {
		return fmt.Errorf("making an image: %w: %s", err, out)
	}
	return nil
}

// container measures a shard in a container beside the same as a bare process.
func (b *bench) container(ctx context.Context) error {
	folder := os.Getenv("FLEETSCORE_CONTAINERS")
	if folder == "" {
		b.add("a container for a shard, over the bare process", "not measured: FLEETSCORE_CONTAINERS names no folder of containers", "≤ 1 s")
		return nil
	}
	err := errors.Join(os.Setenv("CONTAINERS_CONF", filepath.Join(folder, "containers.conf")), os.Setenv("CONTAINERS_STORAGE_CONF", filepath.Join(folder, "storage.conf")))
	if err != nil {
		return err
	}
	if err := b.image(ctx); err != nil {
		return err
	}
	defer func() { _ = exec.CommandContext(ctx, "podman", "rmi", "--force", image).Run() }()
	requests := make([]runtime.Request, 100)
	for i := range requests {
		requests[i] = runtime.Request{Sensor: fleet.Sensor{Device: strconv.Itoa(i), Tag: "x"}, Features: []string{"value"}, Times: []int64{0}, Values: []float64{1}}
	}
	took := map[string][]float64{}
	for range b.rounds {
		for _, kind := range []string{sandbox.None, sandbox.Container} {
			used, program := "", filepath.Join(b.folder, "ones")
			if kind == sandbox.Container {
				used, program = image, "/ones"
			}
			box, err := sandbox.Find(ctx, kind, used)
			if err != nil {
				return err
			}
			r, err := command.New(ctx, command.Config{Sandbox: box, Command: fleet.CommandRuntime{
				Confinement: fleet.Confinement{Memory: 1 << 30, Timeout: 30, Network: "none", Workers: 1},
				Run:         program, Per: "shard", Input: "stdin", Output: "stdout",
			}})
			if err != nil {
				return err
			}
			answers := make([]runtime.Answer, len(requests))
			start := time.Now()
			err = r.Score(ctx, requests, answers)
			took[kind] = append(took[kind], time.Since(start).Seconds())
			for i := range answers {
				err = errors.Join(err, answers[i].Err)
			}
			if err = errors.Join(err, r.Close()); err != nil {
				return err
			}
		}
	}
	over := median(took[sandbox.Container]) - median(took[sandbox.None])
	b.add("a container for a shard, over the bare process", fmt.Sprintf("%.2f s", over), aimed(over <= 1, "≤ 1 s"))
	return nil
}
