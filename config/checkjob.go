package config

import (
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/fleetscore/fleetscore/fleet"
)

func (j Job) check(f *File, add func(string, error)) {
	j.Input.check(f, add)
	CheckRuntime(j.Runtime, j.Fallback, add)
	if p := j.Runtime.Python; j.Models == fleet.NoModels && (p == nil || p.Script == "") && j.Runtime.Command == nil {
		add("models", errors.New("can be none only where a script or a command scores"))
	}
	if j.Schedule != strings.TrimSpace(j.Schedule) {
		add("schedule", errors.New("begins or ends with a space"))
	}
	if _, err := time.LoadLocation(j.Zone); err != nil || j.Zone == "" || j.Zone == "Local" {
		add("timezone", fmt.Errorf("%.60q is not a time zone such as Europe/Zurich or UTC", j.Zone))
	}
	if j.Interval.Std()%time.Second != 0 {
		add("interval", fmt.Errorf("%s is not a whole number of seconds", j.Interval))
	}
	if j.Delay.Std()%time.Second != 0 {
		add("delay", fmt.Errorf("%s is not a whole number of seconds", j.Delay))
	}
	if s := j.Anomaly.ScoreBelow; s != nil && (math.IsNaN(*s) || math.IsInf(*s, 0)) {
		add("anomaly.score_below", errors.New("is not a finite number"))
	}
	_, err := fleet.ParseTolerance(j.MaxFailed)
	add("max_failed", err)
	if j.Retries.Backoff > j.Retries.MaxBackoff {
		add("retries.backoff", fmt.Errorf("%s is longer than retries.max_backoff, %s", j.Retries.Backoff, j.Retries.MaxBackoff))
	}
}

// errNoInput is that nothing says what to score.
var errNoInput = errors.New("is needed: what to score, exactly one of window, files and file")

func (i Input) check(f *File, add func(string, error)) {
	var given []string
	for _, source := range []struct{ name, value string }{{"window", i.Window}, {"files", i.Files}, {"file", i.File}} {
		if source.value != "" {
			given = append(given, source.name)
		}
	}
	switch len(given) {
	case 0:
		add("input", errNoInput)
	case 1:
	default:
		add("input", fmt.Errorf("exactly one of window, files and file can be given, not %s", strings.Join(given, " and ")))
	}
	if _, ok := f.Windows[i.Window]; i.Window != "" && !ok {
		known := slices.Sorted(maps.Keys(f.Windows))
		add("input.window", fmt.Errorf("there is no window %.60q in windows%s", i.Window, suggest(i.Window, known)))
	}
	if i.Entity == "device" && len(i.Features) == 0 {
		add("input.features", errors.New("is needed where the entity is device: its tags, such as [temperature, vibration.max]"))
	}
	for n, feature := range i.Features {
		if feature == "" {
			add(fmt.Sprintf("input.features[%d]", n), errors.New("is empty"))
		}
		if len(splitList(feature)) > 1 {
			add(fmt.Sprintf("input.features[%d]", n), fmt.Errorf("%.60q is not one feature; write a name with a comma in quotes of its own", feature))
		}
	}
}
