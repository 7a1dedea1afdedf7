package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"path/filepath"
	"strings"
	"time"

	"github.com/fleetscore/fleetscore/config"
	"github.com/fleetscore/fleetscore/fleet"
	"github.com/fleetscore/fleetscore/score"
	"github.com/fleetscore/fleetscore/score/predictions"
	"github.com/fleetscore/fleetscore/score/readings"
	"github.com/fleetscore/fleetscore/sklearn/kernel"
	"github.com/fleetscore/fleetscore/store"
)

// Scoring is one scoring by hand: readings and models in, predictions out.
type Scoring struct {
	cfg       config.Score
	columns   readings.Columns
	features  readings.Features
	tolerance fleet.Tolerance
	score     score.Config
	stdin     io.Reader
	report    string // path; empty: none
}

// NewScoring checks the settings and opens the stores. If settings cannot be
// used, the error is a config.Problems with all of them.
func NewScoring(cfg config.Score, stdin io.Reader) (*Scoring, error) {
	var problems config.Problems
	if err := cfg.Validate(); err != nil && !errors.As(err, &problems) {
		return nil, err
	}
	s := &Scoring{cfg: cfg, stdin: stdin}
	s.score.Workers = cfg.Workers
	if cfg.Format == "csv" {
		s.score.Format = score.CSV
	}
	if cfg.Layout == "sensor" {
		s.score.Layout = predictions.Sensor
	}
	var err error
	s.columns, err = readings.ParseColumns(cfg.Columns)
	problems.Add("--columns", err)
	s.features, err = readings.ParseFeatures(cfg.Features, cfg.Entity == "device")
	problems.Add("--features", err)
	s.score.ModelName, err = keyTemplate(cfg, cfg.ModelKey())
	problems.Add("--model-name", err)
	s.score.OutputName, err = outputName(cfg)
	problems.Add("--out-name", err)
	s.tolerance, _ = fleet.ParseTolerance(cfg.MaxFailed) // Validate has said what is wrong with it
	for _, location := range cfg.Data {
		_, err = localPath(location)
		problems.Add("--data", err)
	}
	_, err = localPath(cfg.Models)
	problems.Add("--models", err)
	problems.Add("--out", checkOutput(cfg))
	s.report, err = findReport(cfg, s.score.OutputName)
	problems.Add("--report", err)
	if err := problems.Err(); err != nil {
		return nil, err
	}
	if _, err := kernel.Tier(); err != nil {
		return nil, err
	}
	return s, s.open()
}

func (s *Scoring) open() error {
	models, err := openExisting(s.cfg.Models)
	if err != nil {
		return fmt.Errorf("opening the models: %w", err)
	}
	output, err := openStore(s.cfg.Output)
	if err != nil {
		return fmt.Errorf("opening the output: %w", err)
	}
	s.score.Models, s.score.Output = models, output
	return nil
}

// checkOutput refuses a folder for predictions from which they would be read as
// readings the next time.
func checkOutput(cfg config.Score) error {
	output, err := localPath(cfg.Output)
	if err != nil || output == "" {
		return err
	}
	if models, err := localPath(cfg.Models); err == nil && models != "" && resolved(models) == resolved(output) {
		return fmt.Errorf("%s is the folder of models: predictions could take their places; give another one", cfg.Output)
	}
	for _, location := range cfg.Data {
		data, err := localPath(location)
		if err == nil && location != standardInput && resolved(data) == resolved(output) {
			return fmt.Errorf("%s is a folder of readings: the predictions in it would be read as readings the next time; give another one", cfg.Output)
		}
	}
	return nil
}

// spare refuses an input that the output or the report would replace, or that
// is called like a file of predictions.
func (s *Scoring) spare(in input, output string) error {
	if in.path == standardInput {
		return nil
	}
	if s.report != "" && resolved(s.report) == resolved(in.path) {
		return fmt.Errorf("the report would replace the readings in %s; give another --report", in.name)
	}
	key, err := filepath.Rel(resolved(output), resolved(in.path))
	if err != nil {
		return nil //nolint:nilerr // they have no folder in common
	}
	if _, clash := s.score.OutputName.Match(filepath.ToSlash(key)); clash || filepath.ToSlash(key) == s.score.OutputName.String() {
		return fmt.Errorf("%s is called like a file of predictions and lies in their folder; give another --out", in.name)
	}
	return nil
}

func outputName(cfg config.Score) (store.KeyTemplate, error) {
	name := cfg.OutputName()
	template, err := keyTemplate(cfg, name)
	if err != nil {
		return template, err
	}
	if cfg.Layout == "single" && strings.ContainsAny(name, "{}") {
		return template, fmt.Errorf("%q names a file for each sensor; give --layout sensor too", name)
	}
	return template, nil
}

// keyTemplate reads a template. Devices have no tag to put into one.
func keyTemplate(cfg config.Score, text string) (store.KeyTemplate, error) {
	template, err := store.ParseKeyTemplate(text)
	if err == nil && cfg.Entity == "device" && strings.Contains(text, "{tag}") {
		err = fmt.Errorf("%q has a {tag}, which --entity device leaves none of; name it by the {device} alone", text)
	}
	return template, err
}

// Run scores. An error means that there is no result; see Report.Check for
// whether too many sensors failed.
func (s *Scoring) Run(ctx context.Context, progress *score.Progress) (*score.Report, error) {
	start := time.Now()
	output, err := localPath(s.cfg.Output)
	if err != nil {
		return nil, err
	}
	inputs, err := findInputs(s.cfg.Data, output)
	if err != nil {
		return nil, err
	}
	for _, in := range inputs {
		if err := s.spare(in, output); err != nil {
			return nil, err
		}
	}
	held := int64(math.MaxInt64) // not known
	if total := totalSize(inputs); total > 0 {
		held = 4 * total // which compression hides
	}
	limitGarbage(held)
	set, err := readAll(ctx, inputs, readings.Options{Columns: s.columns, Features: s.features}, s.stdin, progress)
	if err != nil {
		return nil, err
	}
	limitGarbage(set.Bytes())
	progress.Sensors.Store(int64(len(set.Series)))
	report, err := score.Run(ctx, s.score, set, progress)
	if err != nil {
		return nil, err
	}
	report.Output = s.cfg.Output
	report.Took(time.Since(start))
	return report, writeReport(ctx, s.report, report)
}

// Check says whether more sensors failed than the settings allow.
func (s *Scoring) Check(r *score.Report) error { return r.Check(s.tolerance) }
