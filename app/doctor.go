package app

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/fleetscore/fleetscore/config"
	"github.com/fleetscore/fleetscore/internal/counted"
)

// What a finding can be.
const (
	FindingOK   = "ok"
	FindingWarn = "warn" // it works, and may not for long, or not as was meant
	FindingFail = "fail" // it does not work
)

// Finding is what came of one check.
type Finding struct {
	Check  string `json:"check"`
	Status string `json:"status"`
	Detail string `json:"detail"`         // what was seen, and what it means
	Hint   string `json:"hint,omitempty"` // what to do
}

// Diagnosis is all findings.
type Diagnosis struct {
	Findings []Finding `json:"findings"`
	Warnings int       `json:"warnings"`
	Failures int       `json:"failures"`
}

// doctor looks at a deployment from outside. It changes nothing that lasts, and takes
// nothing that a service needs.
type doctor struct {
	Diagnosis
	file    *config.File
	version string
	access  Access
	running bool // the service answers

	standing bool // it stands by
}

// checkFor is how long one check may take.
const checkFor = 20 * time.Second

// Examine looks whether a deployment can work, or why it does not. path and url are as
// for Reach; version is this program's.
func Examine(ctx context.Context, path, url, version string) Diagnosis {
	d := &doctor{version: version}
	file, err := LoadSettings(path)
	var problems config.Problems
	switch {
	case errors.As(err, &problems):
		for _, p := range problems {
			d.fail("settings", p.Error(), "correct it; fleetscore config check tells of all of them")
		}
		return d.Diagnosis
	case err != nil:
		d.fail("settings", err.Error(), "")
		return d.Diagnosis
	}
	d.file = file
	name := file.Path
	if name == "" {
		name = "no file, all defaults"
	}
	d.ok("settings", "%s: %s, no mistakes", name, counted.Of(len(file.Jobs), "job"))
	for _, w := range file.Warnings {
		d.warn("settings", w.Error(), "")
	}
	if d.access, err = Reach(path, url); err != nil {
		d.fail("service", err.Error(), "")
		d.access.URL, _ = ownURL(file) // which the settings' check has read
	}
	for _, check := range []func(context.Context){
		d.checkService, d.checkPorts, d.checkState, d.checkSecrets, d.checkCertificate, d.checkStore, d.checkModels, d.checkLedger, d.checkDisks, d.checkLimits, d.checkSandboxes, d.checkClock,
	} {
		ctx, stop := context.WithTimeout(ctx, checkFor)
		check(ctx)
		stop()
	}
	return d.Diagnosis
}

func (d *doctor) add(f Finding) { d.Findings = append(d.Findings, f) }

func (d *doctor) ok(check, format string, args ...any) {
	d.add(Finding{check, FindingOK, fmt.Sprintf(format, args...), ""})
}

func (d *doctor) warn(check, detail, hint string) {
	d.Warnings++
	d.add(Finding{check, FindingWarn, detail, hint})
}

func (d *doctor) fail(check, detail, hint string) {
	d.Failures++
	d.add(Finding{check, FindingFail, detail, hint})
}

// jobNames are those of the settings, in order.
func (d *doctor) jobNames() []string { return slices.Sorted(maps.Keys(d.file.Jobs)) }
