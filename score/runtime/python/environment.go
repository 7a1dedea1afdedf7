package python

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/fleetscore/fleetscore/fleet"
	"github.com/fleetscore/fleetscore/score/runtime/sandbox"
)

// buildFor is how long it may take to install packages.
const buildFor = 30 * time.Minute

// ready is a file in an environment that is whole.
const ready = ".fleetscore-ready"

// environment builds what a lock file says, unless this machine has it already, and gives its
// interpreter. Builders of the same one wait for each other, also in other processes. What was
// installed is foreign, and runs in box only: Python imports some of it whenever it starts.
func environment(ctx context.Context, base *interpreter, lock []byte, cache string, box sandbox.Sandbox) (*interpreter, error) {
	if err := checkLock(lock); err != nil {
		return nil, err
	}
	sum := sha256.New()
	fmt.Fprintf(sum, "1\n%s\n%s\n", base.Path, base.Version)
	sum.Write(lock)
	folder := filepath.Join(cache, "python", hex.EncodeToString(sum.Sum(nil))[:32])
	if err := os.MkdirAll(filepath.Dir(folder), 0o755); err != nil {
		return nil, fmt.Errorf("making the folder of environments: %w", err)
	}
	built := base.of(folder)
	if _, err := os.Stat(filepath.Join(folder, ready)); err == nil {
		return built, nil
	}
	unlock, err := lockFile(ctx, folder+".lock")
	if err != nil {
		return nil, fmt.Errorf("waiting for an environment that is being built: %w", err)
	}
	defer unlock()
	if _, err := os.Stat(filepath.Join(folder, ready)); errors.Is(err, fs.ErrNotExist) {
		if err := build(ctx, base, built, lock, folder, box); err != nil {
			return nil, err
		}
	}
	return built, nil
}

// build makes an environment anew. Nothing is installed that the file does not name; what it
// leaves out, the last step tells.
func build(ctx context.Context, base, built *interpreter, lock []byte, folder string, box sandbox.Sandbox) error {
	if err := os.RemoveAll(folder); err != nil { // of a builder that was killed
		return fmt.Errorf("removing half of an environment: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, buildFor)
	defer cancel()
	scratch, err := sandbox.NewFolder(filepath.Dir(folder))
	if err != nil {
		return err
	}
	defer func() { _ = scratch.Remove() }()
	requirements := filepath.Join(scratch.Path, "requirements.txt")
	if err := os.WriteFile(requirements, lock, 0o644); err != nil {
		return fmt.Errorf("writing the lock file: %w", err)
	}
	steps := [][]string{
		{base.Path, "-I", "-m", "venv", folder},
		{built.Path, "-I", "-m", "pip", "install", "--no-input", "--disable-pip-version-check", "--no-deps", "--only-binary", ":all:", "-r", requirements},
	}
	last := []string{built.Path, "-I", "-m", "pip", "check", "--disable-pip-version-check"}
	binds := built.binds()
	if uv, err := exec.LookPath("uv"); err == nil {
		steps = [][]string{
			{uv, "venv", "--no-config", "--python", base.Path, folder},
			{uv, "pip", "install", "--no-config", "--python", built.Path, "--no-deps", "--only-binary", ":all:", "-r", requirements},
			// Not by uv, which starts what was installed for that.
			{base.Path, "-I", "-c", "import compileall, sys; compileall.compile_dir(sys.argv[1], quiet=2)", folder},
		}
		last = []string{"/uv", "pip", "check", "--no-config", "--no-cache", "--offline", "--python", built.Path}
		if box.Name() == sandbox.None {
			last[0] = uv
		} else {
			binds = append(binds, sandbox.Bind{From: uv, To: last[0]})
		}
	}
	for _, argv := range steps {
		if err := run(ctx, argv, scratch.Path); err != nil {
			return errors.Join(err, os.RemoveAll(folder))
		}
	}
	if err := confined(ctx, box, &sandbox.Spec{Argv: last, Scratch: scratch.Path, Binds: binds}); err != nil {
		return errors.Join(err, os.RemoveAll(folder))
	}
	return os.WriteFile(filepath.Join(folder, ready), nil, 0o644)
}

// confined runs a step that starts what was installed.
func confined(ctx context.Context, box sandbox.Sandbox, spec *sandbox.Spec) error {
	said, err := os.CreateTemp(spec.Scratch, "said-") // what a package prints may have no end, and is on a disk that has
	if err != nil {
		return err
	}
	defer said.Close()
	spec.Stdout, spec.Stderr, spec.Limits = said, said, sandbox.LimitsOf(fleet.Confinement{Memory: 2 << 30})
	p, err := box.Start(ctx, spec)
	if err == nil {
		err = p.Wait()
	}
	if err != nil {
		text, _ := io.ReadAll(io.NewSectionReader(said, 0, 64<<10)) // what there is of it
		return stepError(spec.Argv, err, string(text))
	}
	return nil
}

// run runs a step. Installers are given what the service has of the environment, such as the
// address of a registry, but for what is ours; what they leave behind when they are killed is in temporary.
func run(ctx context.Context, argv []string, temporary string) error {
	var said bytes.Buffer
	cmd := exec.CommandContext(ctx, argv[0], argv[1:]...) //nolint:gosec // an installer
	cmd.Stdout, cmd.Stderr = &said, &said
	cmd.Env = slices.DeleteFunc(os.Environ(), func(e string) bool { return strings.HasPrefix(e, "FLEETSCORE_") })
	cmd.Env = append(cmd.Env, "TMPDIR="+temporary)
	cmd.WaitDelay = time.Second
	if err := cmd.Run(); err != nil {
		return stepError(argv, err, said.String())
	}
	return nil
}

func stepError(argv []string, err error, said string) error {
	said = strings.TrimSpace(said)
	if most := 2000; len(said) > most {
		said = "…" + said[len(said)-most:]
	}
	return fmt.Errorf("building the environment of the lock file: %s: %w:\n%s", strings.Join(argv[:min(len(argv), 5)], " "), err, said)
}

// lockFile waits until this process alone holds a file.
func lockFile(ctx context.Context, path string) (unlock func(), err error) {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return nil, err
	}
	for {
		err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		if err == nil {
			return func() { _ = file.Close() }, nil
		}
		if !errors.Is(err, syscall.EWOULDBLOCK) {
			return nil, errors.Join(err, file.Close())
		}
		select {
		case <-time.After(100 * time.Millisecond):
		case <-ctx.Done():
			return nil, errors.Join(context.Cause(ctx), file.Close())
		}
	}
}

var (
	pinnedPackage = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]*(\[[A-Za-z0-9._, -]*\])?\s*==\s*[A-Za-z0-9.!+_-]+\s*(;.*)?$`)
	hashOption    = regexp.MustCompile(`\s--hash=\S+`)
	comment       = regexp.MustCompile(`(^|\s)#.*$`)
)

// lockOptions are the options that a lock file may have: those that say where packages are, and no
// more is built or run by.
var lockOptions = []string{"--index-url", "-i", "--extra-index-url", "--find-links", "-f", "--trusted-host", "--require-hashes", "--no-index", "--pre", "--prefer-binary"}

// checkLock refuses what is no lock file: a package without its version, or what would have to
// be built, which is to run it, outside of any sandbox.
func checkLock(lock []byte) error {
	n, packages := 0, 0
	whole := ""
	lines := bufio.NewScanner(bytes.NewReader(lock))
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		n++
		line := comment.ReplaceAllString(lines.Text(), "")
		if rest, more := strings.CutSuffix(strings.TrimRight(line, " \t\r"), `\`); more {
			whole += rest + " "
			continue
		}
		line = strings.TrimSpace(hashOption.ReplaceAllString(" "+whole+line, ""))
		whole = ""
		switch option, _, _ := strings.Cut(strings.ReplaceAll(line, "=", " "), " "); {
		case line == "" || slices.Contains(lockOptions, option):
		case pinnedPackage.MatchString(line):
			packages++
		default:
			return fmt.Errorf("line %d of the lock file, %.80q, is not a package with its version, such as numpy==2.4.6: write the file by pip freeze, uv pip compile or pip-compile", n, line)
		}
	}
	if err := lines.Err(); err != nil {
		return fmt.Errorf("the lock file: %w", err)
	}
	if packages == 0 {
		return errors.New("the lock file names no package")
	}
	return nil
}
