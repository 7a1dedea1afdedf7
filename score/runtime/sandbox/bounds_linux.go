package sandbox

import (
	"errors"
	"fmt"
	"os/exec"
	"slices"
	"strconv"
)

// bounds is how the limits of programs hold.
type bounds struct {
	prlimit string // the program of util-linux
	groups  *groups
	why     error // there are none
}

// findBounds looks how limits can hold here.
func findBounds() (*bounds, error) {
	prlimit, err := exec.LookPath("prlimit")
	if err != nil {
		return nil, errors.New("prlimit, by which a program's limits are set, is not there: install util-linux")
	}
	b := &bounds{prlimit: prlimit}
	b.groups, b.why = findGroups()
	return b, nil
}

// weak is whether limits hold for each process alone.
func (b *bounds) weak() bool { return b.groups == nil }

func (b *bounds) String() string {
	if b.groups != nil {
		return fmt.Sprintf("limits by a control group (v%d)", b.groups.version)
	}
	return "limits by setrlimit, of each process alone, as there is no control group: " + b.why.Error()
}

// enter is a script that joins the control groups whose files come before "--", and
// becomes the program that comes after it. A process that is moved when it runs already may have children.
const enter = `while [ "$1" != -- ]; do echo 0 > "$1" || exit 125; shift; done; shift; exec "$@"`

// launch starts argv, or who starts it in turn by limited(argv), in a control group of its own.
func (b *bounds) launch(limits Limits, argv []string, starter ...string) (*launch, error) {
	l := &launch{}
	argv = slices.Concat(starter, b.limited(limits), argv)
	if b.groups == nil {
		l.argv = argv
		return l, nil
	}
	var err error
	if l.group, err = b.groups.make(limits); err != nil {
		return nil, fmt.Errorf("making a control group for a program: %w", err)
	}
	l.argv = slices.Concat([]string{"/bin/sh", "-c", enter, "sh"}, l.group.entries(), []string{"--"}, argv)
	l.judge = func(e *Ended) {
		if l.group.starved() {
			e.Limit, e.Text = Memory, fmt.Sprintf("the program took more memory than the %d MiB that it may have", limits.Memory>>20)
		}
	}
	return l, nil
}

// limited is what sets the limits of each process, and then becomes the program.
func (b *bounds) limited(limits Limits) []string {
	argv := []string{b.prlimit, "--core=0"}
	set := func(name string, n int64) {
		if n > 0 {
			argv = append(argv, "--"+name+"="+strconv.FormatInt(n, 10))
		}
	}
	set("nofile", int64(limits.Files))
	set("fsize", limits.Disk)
	if b.groups == nil {
		set("nproc", int64(limits.Processes))
		// What is written to counts; of addresses, libraries reserve far more than they use.
		set("data", limits.Memory)
		set("as", 4*limits.Memory)
	}
	return append(argv, "--")
}
