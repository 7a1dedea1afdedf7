package task

import (
	"slices"
	"strings"

	"github.com/fleetscore/fleetscore/fleet"
	"github.com/fleetscore/fleetscore/score"
	"github.com/fleetscore/fleetscore/store/tile"
)

// maxExample bounds what is kept of a message, in bytes.
const maxExample = 500

// conclude fills in the result and the fates.
func (a *attempt) conclude(report *score.Report, out *hashing) error {
	r := &a.result
	r.Task, r.Node, r.Started = a.task, a.cfg.Node, a.started.UTC()
	r.Causes, r.Failures, r.Outputs = []fleet.Group{}, []fleet.SensorFailure{}, []fleet.Output{}
	entries := make([]tile.Entry, 0, len(report.Results))
	used := make(map[string]struct{}, len(report.Results))
	for i := range report.Results {
		s := &report.Results[i]
		if a.models.packed {
			used[a.models.name.Expand(s.Sensor)] = struct{}{}
		}
		entries = append(entries, tile.Entry{Sensor: s.Sensor, Fate: a.fate(s), Cost: tile.CostOf(s.Took)})
	}
	entries = append(entries, a.silent(used)...)
	slices.SortFunc(entries, func(a, b tile.Entry) int { return a.Sensor.Compare(b.Sensor) })
	a.orphans(report)
	a.scorers(report)
	r.Sensors = len(entries)
	a.fates = tile.AppendEntries(nil, entries)
	return a.outputs(report, out)
}

// fate counts what came of a sensor, and says it in a byte.
func (a *attempt) fate(s *score.SensorResult) tile.Fate {
	r := &a.result
	r.Readings += s.Readings
	r.Predictions += s.Predictions
	r.Anomalies += s.Anomalies
	r.Undecidable += s.Undecidable
	if s.Predictions > 0 {
		r.Scored++
	}
	if len(s.Failures) > 0 && a.manifest.Recipe.MissingModel == "skip" && !slices.ContainsFunc(s.Failures, func(f fleet.Failure) bool { return f.Cause != fleet.NoModel }) {
		r.Skipped++
		return tile.Skipped
	}
	if len(s.Failures) > 0 {
		r.Failed++
		for _, f := range s.Failures {
			a.fail(s.Sensor, f)
		}
		return tile.Failed(s.Failures[0].Cause, s.Predictions > 0)
	}
	if s.Anomalies > 0 {
		return tile.Anomalous
	}
	return tile.Normal
}

// fail notes a sensor's failure, in the log too.
func (a *attempt) fail(s fleet.Sensor, f fleet.Failure) {
	if len(f.Example) > maxExample {
		f.Example = f.Example[:maxExample] + "…"
	}
	a.log.Warn("sensor failed", "device", s.Device, "tag", s.Tag, "cause", f.Cause, "rows", f.Rows, "example", f.Example)
	a.result.Failures = append(a.result.Failures, fleet.SensorFailure{Sensor: s, Failure: f})
	a.result.Causes = fleet.AddGroups(a.result.Causes, []fleet.Group{{Cause: f.Cause, Sensors: 1, Rows: f.Rows, Example: s.String() + ": " + f.Example}})
}

// silent are the sensors that have a model and no readings; if an input could not
// be read, they have failed.
func (a *attempt) silent(used map[string]struct{}) []tile.Entry {
	var entries []tile.Entry
	for key, sensor := range a.models.owners(&a.shard.Part, a.manifest.Partitions) {
		if _, ok := used[key]; ok {
			continue
		}
		if a.result.Error != "" {
			a.result.Failed++
			a.fail(sensor, fleet.Failure{Cause: fleet.NotRun, Example: a.result.Error})
			entries = append(entries, tile.Entry{Sensor: sensor, Fate: tile.Failed(fleet.NotRun, false)})
			continue
		}
		a.result.Silent++
		entries = append(entries, tile.Entry{Sensor: sensor, Fate: tile.Silent})
	}
	return entries
}

// orphans counts the readings of no sensor. Where many tasks read the same file
// the first one counts them.
func (a *attempt) orphans(report *score.Report) {
	if report.Orphans == 0 || a.task.Index != 0 || a.task.Generation != 0 {
		return
	}
	a.result.Orphans = report.Orphans
	a.result.Readings += report.Orphans
	for _, g := range report.Failures {
		if g.Cause == fleet.BadRow {
			a.result.Causes = fleet.AddGroups(a.result.Causes, []fleet.Group{{Cause: fleet.BadRow, Rows: report.Orphans, Example: g.Example}})
		}
	}
	a.log.Warn("readings name no sensor", "rows", report.Orphans)
}

// outputs lists the files that hold predictions.
func (a *attempt) outputs(report *score.Report, out *hashing) error {
	name, err := a.outputName()
	if err != nil {
		return err
	}
	rows := map[string]int64{}
	single := out.names == nil
	for i := range report.Results {
		if s := &report.Results[i]; s.Predictions > 0 && !single {
			rows[out.names.of(s.Sensor)] += s.Predictions
		}
	}
	for _, o := range out.outputs {
		if o.Rows = rows[o.Key]; single {
			o.Rows = a.result.Predictions
		}
		if o.Rows > 0 {
			a.result.Outputs = append(a.result.Outputs, o)
		}
	}
	slices.SortFunc(a.result.Outputs, func(a, b fleet.Output) int { return strings.Compare(a.Key, b.Key) })
	a.log.Info("predictions", "files", len(a.result.Outputs), "called", name.String())
	return nil
}
