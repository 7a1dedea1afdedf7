package sandbox

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// groups are where control groups can be made.
type groups struct {
	version int      // 1 or 2
	parents []string // one; or that of memory and that of pids
}

// group is a control group of one program.
type group struct {
	version int
	folders []string // as parents
}

const hierarchy = "/sys/fs/cgroup"

// findGroups finds where groups can be made, and removes those that others left who were killed.
func findGroups() (*groups, error) {
	text, err := os.ReadFile("/proc/self/cgroup")
	if err != nil {
		return nil, err
	}
	own := map[string]string{} // controller: path; "": of version 2
	for line := range strings.Lines(string(text)) {
		if parts := strings.SplitN(strings.TrimSpace(line), ":", 3); len(parts) == 3 {
			for name := range strings.SplitSeq(parts[1], ",") {
				own[name] = parts[2]
			}
		}
	}
	var places []groups
	if _, err := os.Stat(filepath.Join(hierarchy, "cgroup.controllers")); err == nil {
		// Groups that have processes have no children with limits: so beside ours.
		beside := filepath.Join(hierarchy, filepath.Dir(own[""]))
		places = []groups{{version: 2, parents: []string{beside}}}
	} else {
		places = []groups{{version: 1, parents: []string{filepath.Join(hierarchy, "memory", own["memory"]), filepath.Join(hierarchy, "pids", own["pids"])}}}
	}
	for _, g := range places {
		g.sweep()
		var made *group
		if made, err = g.make(Limits{Memory: 1 << 30, Processes: 100}); err == nil {
			return &g, made.remove()
		}
	}
	return nil, err
}

// make makes a group with limits.
func (g *groups) make(limits Limits) (_ *group, err error) {
	made := &group{version: g.version}
	defer func() {
		if err != nil {
			err = errors.Join(err, made.remove())
		}
	}()
	for _, parent := range g.parents {
		if g.version == 2 {
			_ = os.WriteFile(filepath.Join(parent, "cgroup.subtree_control"), []byte("+memory +pids"), 0) // it may be so; else the files are missing
		}
		folder, err := os.MkdirTemp(parent, owned())
		if err != nil {
			return nil, err
		}
		made.folders = append(made.folders, folder)
	}
	return made, made.limit(limits)
}

func (g *group) limit(limits Limits) error {
	memory, pids := g.folders[0], g.folders[len(g.folders)-1]
	if limits.Processes > 0 {
		// Who starts the program counts too: two of bubblewrap.
		if err := write(pids, "pids.max", int64(limits.Processes)+2); err != nil {
			return err
		}
	}
	if limits.Memory == 0 {
		return nil
	}
	most, swap, none := "memory.max", "memory.swap.max", int64(0)
	if g.version == 1 {
		most, swap, none = "memory.limit_in_bytes", "memory.memsw.limit_in_bytes", limits.Memory // of both together
	}
	if err := write(memory, most, limits.Memory); err != nil {
		return err
	}
	if err := write(memory, swap, none); err != nil && !errors.Is(err, fs.ErrNotExist) { // where swap is counted
		return err
	}
	if g.version == 2 {
		return write(memory, "memory.oom.group", 1) // all of a program, or nothing
	}
	return nil
}

func write(folder, file string, n int64) error {
	f, err := os.OpenFile(filepath.Join(folder, file), os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	_, err = f.WriteString(strconv.FormatInt(n, 10))
	return errors.Join(err, f.Close())
}

// entries are the files by which a process joins the group.
func (g *group) entries() []string {
	var files []string
	for _, folder := range g.folders {
		files = append(files, filepath.Join(folder, "cgroup.procs"))
	}
	return files
}

// starved is whether something in it was killed for memory.
func (g *group) starved() bool {
	file := "memory.events"
	if g.version == 1 {
		file = "memory.oom_control"
	}
	text, _ := os.ReadFile(filepath.Join(g.folders[0], file)) // without it nothing is known
	for line := range strings.Lines(string(text)) {
		if n, ok := strings.CutPrefix(strings.TrimSpace(line), "oom_kill "); ok {
			return n != "0"
		}
	}
	return false
}

// kill kills all that is in it.
func (g *group) kill() {
	if g == nil {
		return
	}
	if g.version == 2 {
		_ = write(g.folders[0], "cgroup.kill", 1) // it may be gone, and a kernel before 5.14 cannot: see remove
		return
	}
	text, _ := os.ReadFile(g.entries()[0]) // it may be gone
	for number := range strings.FieldsSeq(string(text)) {
		if pid, err := strconv.Atoi(number); err == nil && pid > 0 {
			_ = syscall.Kill(pid, syscall.SIGKILL)
		}
	}
}

// How often and for how long a group is asked whether all in it are gone.
const (
	goneEvery = 2 * time.Millisecond
	goneTries = 2500
)

// remove removes it, and what is in it.
func (g *group) remove() error {
	if g == nil {
		return nil
	}
	for _, folder := range g.folders {
		err := syscall.Rmdir(folder)
		for range goneTries {
			if !errors.Is(err, syscall.EBUSY) {
				break
			}
			g.kill()
			<-time.After(goneEvery)
			err = syscall.Rmdir(folder)
		}
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("removing the control group of a program: %w", &fs.PathError{Op: "rmdir", Path: folder, Err: err})
		}
	}
	return nil
}

// sweep removes groups whose makers are gone.
func (g *groups) sweep() {
	for _, parent := range g.parents {
		entries, _ := os.ReadDir(parent) // where it cannot be read, nothing can be made
		for _, entry := range entries {
			if orphaned(entry.Name()) {
				left := &group{version: g.version, folders: []string{filepath.Join(parent, entry.Name())}}
				left.kill()
				_ = left.remove() // another sweeps too
			}
		}
	}
}
