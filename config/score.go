package config

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/fleetscore/fleetscore/fleet"
)

// Score is the settings of one scoring by hand.
type Score struct {
	Models    string   // folder of models: a path or a file:// URL
	ModelName string   // key template of a model in that folder; empty: by entity
	Data      []string // files, folders, globs, or "-" for standard input
	Features  string   // "mean,max"; "temperature,vibration.max" of devices; empty: the value
	Entity    string   // one of Entities: what a model is of
	Columns   string   // "time=TS,device=Device,tag=Tag,value=Value"; empty: found by name
	Output    string   // folder for predictions
	OutName   string   // key template of a predictions file; empty: by format and layout
	Format    string   // one of Formats
	Layout    string   // one of Layouts
	MaxFailed string   // "0", "25", "1%"
	Workers   int      // 0: as many as there are cores
	Progress  string   // one of ProgressModes
	Report    string   // file for the report; empty: none
	Runtime   Runtime  // with paths where jobs have keys of the store
	Fallback  Fallback
}

// What the settings with a fixed set of values can be.
var (
	Formats       = []string{"parquet", "csv"}
	Layouts       = []string{"single", "sensor"}
	Entities      = []string{"sensor", "device"}
	ProgressModes = []string{"auto", "plain", "none"}
)

// MaxWorkers bounds --workers; each is a goroutine with buffers of its own.
const MaxWorkers = 4096

// DefaultScore is the settings that a user need not give.
func DefaultScore() Score {
	return Score{
		Entity:    "sensor",
		Format:    "parquet",
		Layout:    "single",
		MaxFailed: "0",
		Progress:  "auto",
	}
}

// Validate reports every setting that cannot be used, under the name of its flag.
func (s Score) Validate() error {
	var p Problems
	if s.Models != "" || !s.canDoWithout() {
		p.Add("--models", required(s.Models, "the folder that holds the models"))
	}
	p.Add("--out", required(s.Output, "the folder for the predictions"))
	if len(s.Data) == 0 {
		p.Add("--data", errors.New("is needed: the readings (a file, a folder, a glob, or - for standard input)"))
	}
	for _, d := range s.Data {
		p.Add("--data", required(d, "a file, a folder, a glob, or - for standard input"))
	}
	p.Add("--entity", oneOf(s.Entity, Entities))
	p.Add("--format", oneOf(s.Format, Formats))
	p.Add("--layout", oneOf(s.Layout, Layouts))
	p.Add("--progress", oneOf(s.Progress, ProgressModes))
	_, err := fleet.ParseTolerance(s.MaxFailed)
	p.Add("--max-failed", err)
	if s.Workers < 0 || s.Workers > MaxWorkers {
		p.Add("--workers", fmt.Errorf("%d is not between 1 and %d (0: as many as there are cores)", s.Workers, MaxWorkers))
	}
	return p.Err()
}

// canDoWithout reports whether there may be no models.
func (s Score) canDoWithout() bool {
	return s.Runtime.Command != nil || s.Runtime.Python != nil && s.Runtime.Python.Script != ""
}

// OutputName is the key template of a predictions file.
func (s Score) OutputName() string {
	switch {
	case s.OutName != "":
		return s.OutName
	case s.Layout != "sensor":
		return "predictions." + s.Format
	case s.Entity == "device":
		return "preds_{device}." + s.Format
	}
	return "preds_{device}_{tag}." + s.Format
}

// ModelKey is the key template of a model.
func (s Score) ModelKey() string {
	switch {
	case s.ModelName != "":
		return s.ModelName
	case s.Entity == "device":
		return "{device}.pkl"
	}
	return "{device}/{tag}.pkl"
}

func required(value, what string) error {
	if strings.TrimSpace(value) == "" {
		return fmt.Errorf("is needed: %s", what)
	}
	return nil
}

func oneOf(value string, allowed []string) error {
	if slices.Contains(allowed, value) {
		return nil
	}
	return fmt.Errorf("%q is not one of %s", value, strings.Join(allowed, ", "))
}
