package app

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/fleetscore/fleetscore/internal/counted"
)

// checkSecrets looks who may read what is secret.
func (d *doctor) checkSecrets(context.Context) {
	const check = "secrets"
	state := d.file.StateDir()
	seen, open := 0, 0
	for _, p := range []struct {
		path string
		who  fs.FileMode // may not
	}{
		{state, 0o007}, {filepath.Join(state, tokenName), 0o077}, {filepath.Join(state, keysName), 0o077}, {filepath.Join(d.file.Dir, ".env"), 0o007}, {d.file.TLS.Key, 0o007},
	} {
		info, err := os.Stat(p.path)
		if p.path == "" || err != nil {
			continue
		}
		seen++
		if info.Mode().Perm()&p.who != 0 {
			open++
			d.warn(check, fmt.Sprintf("%s can be used by others (mode %o)", p.path, info.Mode().Perm()), "chmod go= "+p.path)
		}
	}
	if open == 0 {
		d.ok(check, "%d files and folders, none for everybody", seen)
	}
}

// checkState looks whether the folders of the state and the stream can be used.
func (d *doctor) checkState(context.Context) {
	state := d.file.StateDir()
	for _, f := range []struct{ check, path string }{{"state", state}, {"stream", filepath.Join(state, "stream")}} {
		info, err := os.Stat(f.path)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			d.ok(f.check, "%s is not there yet; fleetscore up makes it", f.path)
		case err != nil:
			d.fail(f.check, err.Error(), "run this as the user of the service, or give the folder to it")
		case !info.IsDir():
			d.fail(f.check, f.path+" is not a folder", "move it away, or give another folder with data")
		case unix.Access(f.path, unix.R_OK|unix.W_OK|unix.X_OK) != nil:
			d.fail(f.check, f.path+" cannot be written by this user", "run this as the user of the service, or give the folder to it")
		default:
			d.ok(f.check, "%s can be written", f.path)
		}
	}
}

// How much room there should be.
const (
	leastFree = 256 << 20 // below, runs and the stream fail soon
	fewFree   = 2 << 30
	fewPart   = 5 // percent
)

// checkDisks looks for room where data is written on this machine.
func (d *doctor) checkDisks(context.Context) {
	places := map[string]string{"state and stream": d.file.StateDir(), "temporary files": os.TempDir()}
	if at, err := parseLocation(d.file.Store); err == nil && !at.remote() {
		places["store"] = at.path
	}
	for _, what := range []string{"store", "state and stream", "temporary files"} {
		if path := places[what]; path != "" {
			d.checkDisk("disk of "+what, path)
		}
	}
}

func (d *doctor) checkDisk(check, path string) {
	for { // it may not be there yet
		if _, err := os.Stat(path); err == nil || path == filepath.Dir(path) {
			break
		}
		path = filepath.Dir(path)
	}
	var s unix.Statfs_t
	if err := unix.Statfs(path, &s); err != nil {
		d.warn(check, fmt.Sprintf("%s: %v", path, err), "")
		return
	}
	free, total := s.Bavail*uint64(s.Bsize), s.Blocks*uint64(s.Bsize)
	text := fmt.Sprintf("%s has %s of %s free", path, gibibytes(free), gibibytes(total))
	inodes := s.Files > 0 && s.Ffree*100 < s.Files*fewPart
	switch {
	case free < leastFree:
		d.fail(check, text, "make room: readings are refused and runs wait when it is full")
	case inodes:
		d.warn(check, fmt.Sprintf("%s has room for %d more files, of %d", path, s.Ffree, s.Files), "delete what is not needed, or make retention shorter")
	case free < fewFree || free*100 < total*fewPart:
		d.warn(check, text, "make room, or make retention shorter")
	default:
		d.ok(check, "%s", text)
	}
}

// gibibytes is a size for people.
func gibibytes[T int64 | uint64](n T) string { return fmt.Sprintf("%.1f GiB", float64(n)/(1<<30)) }

// fewFiles is less than a service with its connections may want open.
const fewFiles = 4096

// checkLimits looks at what the system grants.
func (d *doctor) checkLimits(context.Context) {
	var files unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &files); err == nil {
		if files.Max < fewFiles {
			d.warn("open files", fmt.Sprintf("a process may have %d open", files.Max), "raise it: LimitNOFILE= in a unit, ulimit -n in a shell")
		} else {
			d.ok("open files", "a process may have %d open", files.Max)
		}
	}
	total, of := machineMemory(), "the machine"
	if limit := groupMemory(); limit > 0 && (total == 0 || limit < total) {
		total, of = limit, "the control group"
	}
	pool := d.file.Pool
	each := int64(pool.Memory)
	if each == 0 {
		each = fairShare(pool.Max)
	}
	text := fmt.Sprintf("%s of %s each, and %s has %s", counted.Of(pool.Max, "node"), gibibytes(each), of, gibibytes(total))
	switch {
	case total == 0:
		d.ok("memory", "%s of %s each; how much there is is not known", counted.Of(pool.Max, "node"), gibibytes(each))
	case each*int64(pool.Max) > total:
		d.warn("memory", text, "make pool.max or pool.memory smaller, or nodes may be ended by the system")
	default:
		d.ok("memory", "%s", text)
	}
	if pool.Max > 4*runtime.NumCPU() {
		d.warn("pool", fmt.Sprintf("pool.max is %d, and there are %d processors", pool.Max, runtime.NumCPU()), "more nodes than processors only take memory")
	}
}

// groupMemory is what the control group of this process may have, in bytes; 0: there
// is no limit, or none is known.
func groupMemory() int64 {
	own, err := os.ReadFile("/proc/self/cgroup")
	if err != nil {
		return 0
	}
	_, path, _ := strings.Cut(strings.TrimSpace(string(own)), "::")
	least := int64(0)
	for ; ; path = filepath.Dir(path) {
		text, err := fs.ReadFile(os.DirFS("/sys/fs/cgroup"), strings.TrimPrefix(filepath.Join(path, "memory.max"), "/"))
		if n, parseErr := strconv.ParseInt(strings.TrimSpace(string(text)), 10, 64); err == nil && parseErr == nil && (least == 0 || n < least) {
			least = n
		}
		if path == "/" || path == "." {
			return least
		}
	}
}

// checkClock looks whether the clock is set by another.
func (d *doctor) checkClock(context.Context) {
	switch synchronized, known := clockSynchronized(); {
	case !known:
	case !synchronized:
		d.warn("clock", "the system says that it is not synchronized", "have it set by NTP (systemd-timesyncd, chrony): intervals are of the clock")
	default:
		d.ok("clock", "the system says that it is synchronized")
	}
}
