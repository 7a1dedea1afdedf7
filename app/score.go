package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"strings"
	"time"

	"github.com/fleetscore/fleetscore/config"
	"github.com/fleetscore/fleetscore/fleet"
	"github.com/fleetscore/fleetscore/score"
	"github.com/fleetscore/fleetscore/score/predictions"
	"github.com/fleetscore/fleetscore/score/readings"
	"github.com/fleetscore/fleetscore/score/runtime"
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
	places    places
	stores    []io.Closer
	buckets   buckets // of readings and the report
	runtime   runtime.Runtime

	// Printed, if set, is told what foreign programs print for a sensor.
	Printed func(fleet.Sensor, string)
}

// NewScoring checks the settings and opens the stores. If settings cannot be
// used, the error is a config.Problems with all of them.
func NewScoring(ctx context.Context, cfg config.Score, stdin io.Reader) (*Scoring, error) {
	s, err := newScoring(cfg, stdin)
	if err != nil {
		return nil, err
	}
	if err := s.open(ctx); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// newScoring checks the settings.
func newScoring(cfg config.Score, stdin io.Reader) (*Scoring, error) {
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
	problems.Add("--command", checkRun(cfg.Runtime.Command))
	s.score.ModelName, err = keyTemplate(cfg, cfg.ModelKey())
	problems.Add("--model-name", err)
	s.score.OutputName, err = outputName(cfg)
	problems.Add("--out-name", err)
	s.tolerance, _ = fleet.ParseTolerance(cfg.MaxFailed) // Validate has said what is wrong with it
	s.places = findPlaces(cfg, s.score.OutputName, &problems)
	if err := problems.Err(); err != nil {
		return nil, err
	}
	if _, err := kernel.Tier(); err != nil {
		return nil, err
	}
	return s, nil
}

// modelsAhead is how many models are fetched at a time from a store at the other
// end of a network.
const modelsAhead = 64

// openModels opens the models, unless there are none.
func (s *Scoring) openModels(ctx context.Context) error {
	if s.cfg.Models == "" {
		return nil
	}
	models, err := openExisting(ctx, s.places.models)
	if err != nil {
		return fmt.Errorf("opening the models: %w", err)
	}
	s.stores = append(s.stores, models)
	s.score.Models = models
	if s.places.models.remote() {
		s.score.Prefetch = modelsAhead
	}
	return nil
}

func (s *Scoring) open(ctx context.Context) error {
	if err := s.openModels(ctx); err != nil {
		return err
	}
	output, err := openStore(ctx, s.places.output)
	if err != nil {
		return fmt.Errorf("opening the output: %w", err)
	}
	s.stores = append(s.stores, output)
	if s.places.hasReport && s.places.report.remote() {
		if _, err := s.buckets.of(ctx, s.places.report); err != nil {
			return fmt.Errorf("opening the place of the report: %w", err)
		}
	}
	s.score.Output = output
	return s.openRuntime(ctx)
}

// openRuntime starts what scores, where that is not native alone.
func (s *Scoring) openRuntime(ctx context.Context) (err error) {
	r := runtimeOf(s.cfg.Runtime, s.cfg.Fallback)
	if r == nil {
		return nil
	}
	if s.runtime, err = openByHand(ctx, r, s.cfg.Workers); err != nil {
		return err
	}
	s.score.Foreign = &score.Foreign{Runtime: s.runtime, Name: r.Name(), Fallback: r.Fallback, Whole: r.Whole()}
	return nil
}

// Close lets go of files and connections.
func (s *Scoring) Close() error {
	errs := []error{s.buckets.close()}
	if s.runtime != nil {
		errs = append(errs, s.runtime.Close())
	}
	for _, store := range s.stores {
		errs = append(errs, store.Close())
	}
	return errors.Join(errs...)
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
	inputs, err := s.buckets.findInputs(ctx, s.places.data, s.places.output.at())
	if err != nil {
		return nil, err
	}
	for _, in := range inputs {
		if err := s.places.spare(in, s.score.OutputName); err != nil {
			return nil, err
		}
	}
	there := s.places.output.there() // or else it is made once there is something to write
	if there {
		if err := s.places.output.probe(ctx, s.score.Output); err != nil {
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
	if !there && s.score.Layout == predictions.Sensor {
		if err := s.places.output.probe(ctx, s.score.Output); err != nil {
			return nil, err
		}
	}
	if s.score.Foreign != nil {
		s.score.Foreign.Printed = s.Printed
	}
	report, err := score.Run(ctx, s.score, set, progress)
	if err != nil {
		return nil, err
	}
	report.Output = s.places.output.shown()
	report.Took(time.Since(start))
	return report, s.writeReport(ctx, report)
}

// Check says whether more sensors failed than the settings allow.
func (s *Scoring) Check(r *score.Report) error { return r.Check(s.tolerance) }
