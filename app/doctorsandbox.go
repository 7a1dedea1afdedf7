package app

import (
	"context"
	"fmt"
	"strings"

	"github.com/fleetscore/fleetscore/fleet"
	"github.com/fleetscore/fleetscore/score/runtime/sandbox"
)

// checkSandboxes looks for what confines foreign programs, and whether jobs have it.
func (d *doctor) checkSandboxes(ctx context.Context) {
	const check = "sandboxes"
	found := map[string]sandbox.Found{}
	var details []string
	for _, f := range sandbox.Look(ctx) {
		found[f.Kind] = f
		if f.Err == nil {
			details = append(details, f.Detail)
		}
	}
	foreign := d.confined()
	switch {
	case len(details) > 0:
		d.ok(check, "%s", strings.Join(details, "; "))
	case len(foreign) == 0:
		d.ok(check, "there are none, and no job runs foreign programs")
	}
	for _, name := range d.jobNames() {
		c, ok := foreign[name]
		if !ok {
			continue
		}
		kind := sandbox.Kind(c.Sandbox, c.Image)
		switch f := found[kind]; {
		case kind == sandbox.None:
			d.warn(check, fmt.Sprintf("job %s runs foreign programs without a sandbox: they, and models, may do all that the service may", name), "leave sandbox: none out, if you do not trust all of them")
		case f.Err != nil:
			d.fail(check, fmt.Sprintf("job %s needs %s: %v", name, kind, f.Err), "install bubblewrap; or podman or docker, and give an image; docs/runtimes.md says which")
		case f.Weak:
			d.warn(check, fmt.Sprintf("job %s has %s", name, f.Detail), "give the service a control group of its own: in its unit, Delegate=memory pids and DelegateSubgroup=service")
		}
	}
}

// confined is how the jobs' foreign programs are confined, by job.
func (d *doctor) confined() map[string]fleet.Confinement {
	all := map[string]fleet.Confinement{}
	for name, job := range d.file.Jobs {
		switch r := runtimeOf(job.Runtime, job.Fallback); {
		case r == nil:
		case r.Python != nil:
			all[name] = r.Python.Confinement
		case r.Command != nil:
			all[name] = r.Command.Confinement
		}
	}
	return all
}
