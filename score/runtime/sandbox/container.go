package sandbox

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/csv"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// container starts programs in containers of one image.
type container struct {
	*engine
	image string
}

// findContainer finds an engine, and sees to it that the image is there.
func findContainer(ctx context.Context, image string) (Sandbox, error) {
	if image == "" {
		return nil, unconfined{errors.New("a container needs an image, and none is set (image:)")}
	}
	e, err := findEngine(ctx)
	if err != nil {
		return nil, unconfined{err}
	}
	if err := errors.Join(e.sweep(ctx), e.have(ctx, image)); err != nil {
		return nil, err
	}
	return &container{e, image}, nil
}

func (*container) Name() string { return Container }

func (c *container) String() string {
	return fmt.Sprintf("container of %s by %s %s, which sets its limits", c.image, c.name, c.version)
}

func (*container) Path(spec *Spec, file string) string { return seen(spec, file) }

func (c *container) Start(ctx context.Context, spec *Spec) (Process, error) {
	if err := spec.check(); err != nil {
		return nil, err
	}
	label, err := label()
	if err != nil {
		return nil, err
	}
	name := owned() + strings.ToLower(rand.Text())
	args, err := c.arguments(spec)
	if err != nil {
		return nil, err
	}
	l := &launch{
		argv:  append([]string{c.path, "run", "--name", name, "--label", label}, args...),
		env:   os.Environ(), // the engine's, who needs to know where its things are
		judge: c.judge(spec.Limits),
		// Who asked for it being gone, the container is not: and it may have been made at the last moment.
		kill: func() { _, _ = c.run(context.WithoutCancel(ctx), askFor, "rm", "--force", name) },
	}
	p, err := begin(ctx, spec, l)
	if err == nil {
		go c.watchStart(ctx, p, name)
	}
	return p, err
}

// arguments say what the program sees and may.
func (c *container) arguments(spec *Spec) ([]string, error) {
	network := "none"
	if spec.Network {
		network = "host"
	}
	args := []string{"--rm", "--interactive", "--pull=never", "--log-driver=none", "--stop-timeout=0", "--no-healthcheck",
		"--network=" + network, "--read-only", "--cap-drop=all", "--security-opt=no-new-privileges",
		"--ulimit=core=0:0", "--workdir=" + scratch}
	if c.name == "podman" {
		// It would pass on the addresses of proxies, with passwords, and systemd's socket, and give more to write to.
		args = append(args, "--read-only-tmpfs=false", "--http-proxy=false", "--sdnotify=ignore", "--systemd=false")
	}
	if c.name == "docker" { // it would pass those on too
		for _, name := range []string{"HTTP_PROXY", "HTTPS_PROXY", "FTP_PROXY", "ALL_PROXY", "NO_PROXY"} {
			args = append(args, "--env", name+"=", "--env", strings.ToLower(name)+"=")
		}
	}
	if n := spec.Limits.Memory; n > 0 {
		args = append(args, fmt.Sprintf("--memory=%d", n), fmt.Sprintf("--memory-swap=%d", n))
	}
	if n := spec.Limits.Processes; n > 0 {
		args = append(args, fmt.Sprintf("--pids-limit=%d", n))
	}
	if n := spec.Limits.Files; n > 0 {
		args = append(args, fmt.Sprintf("--ulimit=nofile=%d:%d", n, n))
	} else {
		args = append(args, ulimit("nofile", unix.RLIMIT_NOFILE))
	}
	args = append(args, ulimit("nproc", unix.RLIMIT_NPROC)) // of all of a user's
	if n := spec.Limits.Disk; n > 0 {
		args = append(args, fmt.Sprintf("--ulimit=fsize=%d:%d", n, n))
	}
	user, err := c.user(spec.Scratch)
	if err != nil {
		return nil, err
	}
	args = append(args, user...)
	mounts := []mount{{spec.Scratch, scratch, false}, {filepath.Join(spec.Scratch, temporary), "/tmp", false}, {filepath.Join(spec.Scratch, sharing), shared, false}}
	for _, b := range spec.Binds {
		mounts = append(mounts, mount{b.From, b.To, true})
	}
	for _, m := range mounts {
		args = append(args, "--mount", m.String())
	}
	for _, e := range spec.environment("", scratch, "/tmp") {
		args = append(args, "--env", e)
	}
	return append(append(args, "--entrypoint", spec.Argv[0], c.image), spec.Argv[1:]...), nil
}

// ulimit is a limit that does not matter. An engine's own is more than some systems let
// even root have.
func ulimit(name string, resource int) string {
	most := uint64(1 << 15)
	var own unix.Rlimit
	if err := unix.Getrlimit(resource, &own); err == nil {
		most = min(most, own.Max)
	}
	return fmt.Sprintf("--ulimit=%s=%d:%d", name, most, most)
}

// mount is a file or folder of this machine in the container.
type mount struct {
	from, to string
	readOnly bool
}

func (m mount) String() string {
	fields := []string{"type=bind", "src=" + m.from, "dst=" + m.to}
	if m.readOnly {
		fields = append(fields, "ro=true")
	}
	var line bytes.Buffer
	w := csv.NewWriter(&line) // names may have commas
	_ = w.Write(fields)       // to memory
	w.Flush()
	return strings.TrimSuffix(line.String(), "\n")
}

// user says as whom the program runs: as we do, so that we can remove its files, but
// never as root, and then the folder must be that user's.
func (c *container) user(folder string) ([]string, error) {
	uid, gid := os.Geteuid(), os.Getegid()
	if uid != 0 {
		user := []string{fmt.Sprintf("--user=%d:%d", uid, gid)}
		if c.name == "podman" {
			user = append(user, "--userns=keep-id")
		}
		return user, nil
	}
	for _, f := range []string{folder, filepath.Join(folder, temporary), filepath.Join(folder, sharing)} {
		if err := os.Lchown(f, nobody, nobody); err != nil {
			return nil, fmt.Errorf("giving a program's folder to its user: %w", err)
		}
	}
	return []string{fmt.Sprintf("--user=%d:%d", nobody, nobody)}, nil
}

const nobody = 65534

// judge says what an engine's exit codes mean.
func (c *container) judge(limits Limits) func(*Ended) {
	return func(e *Ended) {
		switch {
		case e.Killed:
		case e.Signal == syscall.SIGKILL && limits.Memory > 0:
			e.Limit, e.Text = Memory, fmt.Sprintf("the program was killed, as a rule since it took more memory than the %d MiB that it may have", limits.Memory>>20)
		case e.Code == 125:
			e.Text = c.name + " could not start the container (exit code 125): what it printed says why"
		case e.Code == 126 || e.Code == 127:
			e.Text = fmt.Sprintf("%s could not start the program in the image, if that did not end so itself (exit code %d): look whether the image has it, with all its libraries", c.name, e.Code)
		}
	}
}

// startFor is how long a container may take to start, or an engine to see that one has ended.
const startFor = 30 * time.Second

// watchStart ends a container that does not start, or whose end its engine does not see.
func (c *container) watchStart(ctx context.Context, p *process, name string) {
	tick := time.NewTicker(startFor)
	defer tick.Stop()
	for was := "running"; ; {
		select {
		case <-p.done:
			return
		case <-tick.C:
		}
		state, err := c.run(ctx, askFor, "container", "inspect", "--format", "{{.State.Status}}", name)
		if err != nil {
			state = err.Error()
		}
		if state != "running" && (was != "running" || state == "created" || state == "configured" || state == "initialized") {
			p.pass(Start, fmt.Sprintf("the container has not started, or not ended, within %s (%s): look whether %s run works by itself with image %s", startFor, state, c.name, c.image))
			return
		}
		was = state
	}
}
