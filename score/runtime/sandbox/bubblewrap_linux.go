package sandbox

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// bubblewrap starts programs by bwrap.
type bubblewrap struct {
	*bounds
	path    string
	version string
	nested  bool // it can forbid namespaces inside
}

// probeFor is how long a program may take that does nothing.
const probeFor = 30 * time.Second

// findBubblewrap finds it, and tries whether it works.
func findBubblewrap(ctx context.Context) (*bubblewrap, error) {
	path, err := exec.LookPath("bwrap")
	if err != nil {
		return nil, errors.New("bubblewrap is not installed (bwrap is not on the PATH)")
	}
	b := &bubblewrap{path: path}
	if b.bounds, err = findBounds(); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, probeFor)
	defer cancel()
	//nolint:gosec // found above
	text, err := exec.CommandContext(ctx, path, "--version").Output()
	if err != nil {
		return nil, fmt.Errorf("%s does not run: %w", path, err)
	}
	b.version = strings.TrimSpace(string(text))
	//nolint:gosec // found above
	help, err := exec.CommandContext(ctx, path, "--help").CombinedOutput()
	if err != nil {
		return nil, fmt.Errorf("%s does not run: %w", path, err)
	}
	b.nested = bytes.Contains(help, []byte("--disable-userns"))
	return b, b.probe(ctx)
}

// probe starts a program that does nothing.
func (b *bubblewrap) probe(ctx context.Context) error {
	folder, err := NewFolder("")
	if err != nil {
		return err
	}
	defer func() { _ = folder.Remove() }()
	var said bytes.Buffer
	p, err := b.Start(ctx, &Spec{Argv: []string{"true"}, Scratch: folder.Path, Stderr: &said, Limits: Limits{Memory: 64 << 20, Processes: 16, Files: 64}})
	if err == nil {
		err = p.Wait()
	}
	if err != nil {
		return fmt.Errorf("bubblewrap does not work here (%s: %w), as a rule since this user, or a service of systemd without deploy/systemd/runtimes.conf, may make no namespaces", strings.TrimSpace(said.String()), err)
	}
	return nil
}

func (*bubblewrap) Name() string { return Bubblewrap }

func (b *bubblewrap) String() string { return b.version + ", " + b.bounds.String() }

func (*bubblewrap) Path(spec *Spec, file string) string { return seen(spec, file) }

// Who the program is, inside.
const (
	userFile  = "sandbox:x:65534:65534::/scratch:/bin/sh\n"
	groupFile = "sandbox:x:65534:\n"
	userID    = "65534"
)

func (b *bubblewrap) Start(ctx context.Context, spec *Spec) (Process, error) {
	if err := spec.check(); err != nil {
		return nil, err
	}
	users, groups, err := texts(userFile, groupFile)
	if err != nil {
		return nil, err
	}
	starter := append([]string{b.path}, b.arguments(spec)...)
	l, err := b.launch(spec.Limits, spec.Argv, append(starter, "--")...)
	if err != nil {
		return nil, errors.Join(err, users.Close(), groups.Close())
	}
	l.files = []*os.File{users, groups}
	l.env = spec.environment("PATH=/usr/local/bin:/usr/bin:/bin", scratch, "/tmp")
	return begin(ctx, spec, l)
}

// texts makes files that can be read once.
func texts(first, second string) (*os.File, *os.File, error) {
	a, err := text(first)
	if err != nil {
		return nil, nil, err
	}
	b, err := text(second)
	if err != nil {
		return nil, nil, errors.Join(err, a.Close())
	}
	return a, b, nil
}

// text is a pipe that has it; it is shorter than what a pipe holds.
func text(s string) (*os.File, error) {
	r, w, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	_, err = w.WriteString(s)
	if err = errors.Join(err, w.Close()); err != nil {
		return nil, errors.Join(err, r.Close())
	}
	return r, nil
}

// arguments say to bubblewrap what the program sees and may.
func (b *bubblewrap) arguments(spec *Spec) []string {
	args := []string{"--unshare-all", "--unshare-user", "--uid", userID, "--gid", userID, "--hostname", "sandbox",
		"--die-with-parent", "--new-session", "--cap-drop", "ALL"}
	if b.nested {
		args = append(args, "--disable-userns")
	}
	args = append(args, system()...)
	args = append(args, kernel()...)
	args = append(args, "--dev", "/dev", "--ro-bind-data", "3", "/etc/passwd", "--ro-bind-data", "4", "/etc/group")
	for _, file := range []string{"/etc/ld.so.cache", "/etc/ld.so.conf", "/etc/ld.so.conf.d", "/etc/alternatives", "/etc/localtime", "/sys/devices/system/cpu"} {
		args = append(args, "--ro-bind-try", file, file)
	}
	if spec.Network {
		args = append(args, "--share-net")
		for _, file := range []string{"/etc/resolv.conf", "/etc/hosts", "/etc/nsswitch.conf", "/etc/ssl/certs", "/etc/pki/tls/certs", "/etc/pki/ca-trust/extracted"} {
			args = append(args, "--ro-bind-try", file, file)
		}
	}
	args = append(args, "--bind", filepath.Join(spec.Scratch, temporary), "/tmp",
		"--bind", filepath.Join(spec.Scratch, sharing), shared, "--bind", spec.Scratch, scratch)
	for _, bind := range spec.Binds {
		args = append(args, "--ro-bind", bind.From, bind.To)
	}
	// What was made to mount all this on is memory that could be written to.
	return append(args, "--remount-ro", "/dev", "--remount-ro", "/", "--chdir", scratch)
}

// kernel is /proc without what root may do there by its number alone, without any right, inside
// namespaces too: such as to name the program that the kernel starts when another crashes.
func kernel() []string {
	args := []string{"--proc", "/proc"}
	for _, name := range []string{"sys", "sysrq-trigger", "irq", "bus", "acpi", "fs", "mtrr", "pressure"} {
		args = append(args, "--ro-bind-try", "/proc/"+name, "/proc/"+name)
	}
	for _, name := range []string{"kcore", "kpagecgroup", "kpagecount", "kpageflags", "pagetypeinfo", "slabinfo", "timer_list", "vmallocinfo"} {
		if _, err := os.Stat("/proc/" + name); err == nil {
			args = append(args, "--ro-bind", os.DevNull, "/proc/"+name)
		}
	}
	return args
}

// system is /usr, and the folders beside it that are part of it or links to it.
func system() []string {
	args := []string{"--ro-bind", "/usr", "/usr"}
	for _, folder := range []string{"/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32"} {
		if target, err := os.Readlink(folder); err == nil {
			args = append(args, "--symlink", target, folder)
		} else {
			args = append(args, "--ro-bind-try", folder, folder)
		}
	}
	return args
}
