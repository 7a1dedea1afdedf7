package command

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"path"
	"slices"
	"strings"
	"syscall"

	"github.com/fleetscore/fleetscore/fleet"
	"github.com/fleetscore/fleetscore/score/readings"
	"github.com/fleetscore/fleetscore/score/runtime"
)

// most is how many bytes an output for requests may have: its rows need far less.
func most(requests []runtime.Request) int64 {
	const once, perRow, perFeature = 1 << 20, 512, 32
	sum := int64(once)
	for i := range requests {
		q := &requests[i]
		sum += int64(q.Rows()) * int64(perRow+2*(len(q.Sensor.Device)+len(q.Sensor.Tag))+perFeature*len(q.Features))
	}
	return sum
}

// open opens the file that a program has left, whatever that is.
func (w *workspace) open(most int64) (*os.File, int64, error) {
	name := w.output
	info, err := w.root.Lstat(name)
	if errors.Is(err, fs.ErrNotExist) {
		if name, err = w.own(); err == nil {
			info, err = w.root.Lstat(name)
		}
	}
	switch {
	case err != nil:
		return nil, 0, err
	case !info.Mode().IsRegular():
		return nil, 0, fmt.Errorf("its output %s is no file but %s", name, kind(info.Mode()))
	case info.Size() > most:
		return nil, 0, fmt.Errorf("its output %s has %d bytes; the most for these rows is %d", name, info.Size(), most)
	}
	// Should it be a pipe by now, this does not wait for a writer.
	file, err := w.root.OpenFile(name, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, 0, fmt.Errorf("opening its output %s: %w", name, err)
	}
	return file, info.Size(), nil
}

// own is the only file in the folder for programs that name their output themselves.
func (w *workspace) own() (string, error) {
	none := fmt.Errorf("it has left no output: neither %s nor a file in %s", w.output, ownFolder)
	info, err := w.root.Lstat(ownFolder)
	if err != nil || !info.IsDir() {
		return "", none
	}
	folder, err := w.root.Open(ownFolder)
	if err != nil {
		return "", none
	}
	names, err := folder.Readdirnames(2)
	_ = folder.Close() // it was only read
	switch {
	case err != nil:
		return "", none
	case len(names) > 1:
		return "", fmt.Errorf("it has left several files in %s: %.60q, %.60q; one is its output", ownFolder, names[0], names[1])
	}
	return path.Join(ownFolder, names[0]), nil
}

func kind(mode fs.FileMode) string {
	switch {
	case mode.IsDir():
		return "a folder"
	case mode&fs.ModeSymlink != 0:
		return "a link"
	}
	return "a pipe or a device"
}

// columns say at which index of a header columns are; -1: there is none.
type columns struct {
	time, device, tag, score, said int
	verdict                        verdict
}

// names are those of each column, as fold writes them.
var names = struct{ time, device, tag, score, anomaly, label []string }{
	time:    []string{"ts", "timestamp", "time", "datetime"},
	device:  []string{"device", "deviceid"},
	tag:     []string{"tag", "tagid", "sensor"},
	score:   []string{"score", "decision", "decisionfunction"},
	anomaly: []string{"anomaly", "isanomaly", "outlier", "prediction"},
	label:   []string{"label"},
}

func fold(name string) string {
	return strings.ToLower(strings.NewReplacer(" ", "", "_", "", "-", "", "\ufeff", "").Replace(name))
}

// findColumns looks for the columns in a header.
func findColumns(header []string, requests []runtime.Request) (c columns, err error) {
	find := func(names []string) int {
		found := -1
		for i, name := range header {
			if !slices.Contains(names, fold(name)) {
				continue
			}
			if found >= 0 && err == nil {
				err = fmt.Errorf("columns %.60q and %.60q of its output may both be the %s", header[found], name, names[0])
			}
			found = i
		}
		return found
	}
	c = columns{time: find(names.time), device: find(names.device), tag: find(names.tag), score: find(names.score), said: find(names.anomaly), verdict: byAnomaly}
	label := find(names.label)
	switch {
	case err != nil:
		return c, err
	case c.said >= 0 && label >= 0:
		return c, fmt.Errorf("its output has both %.60q and %.60q, which may differ", header[c.said], header[label])
	case label >= 0:
		c.said, c.verdict = label, byLabel
	case c.said < 0:
		c.verdict = byScore
	}
	switch several, tagged := len(requests) > 1, requests[0].Sensor.Tag != ""; {
	case c.said < 0 && c.score < 0:
		return c, fmt.Errorf("its output has no column score, anomaly or label; its header is %.200q", header)
	case several && (c.device < 0 || tagged && c.tag < 0):
		return c, fmt.Errorf("its output is of several sensors and needs the columns device and tag; its header is %.200q", header)
	case !tagged:
		c.tag = -1
	}
	return c, nil
}

// readCSV puts the rows of a table to their requests.
func (s *sheets) readCSV(in io.Reader) error {
	table := csv.NewReader(in)
	table.ReuseRecord = true
	record, err := table.Read()
	switch {
	case errors.Is(err, io.EOF):
		return errors.New("its output is empty: not even a header")
	case err != nil:
		return fmt.Errorf("the header of its output cannot be read: %w", err)
	}
	at, err := findColumns(slices.Clone(record), s.requests)
	if err != nil {
		return err
	}
	for {
		record, err := table.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("its output cannot be read: %w", err)
		}
		r := row{sensor: s.requests[0].Sensor}
		if at.device >= 0 {
			r.sensor.Device = record[at.device]
		}
		if at.tag >= 0 {
			r.sensor.Tag = record[at.tag]
		}
		if err := at.read(record, &r); err != nil {
			s.spoil(r.sensor, err)
		}
		if err := s.put(r); err != nil {
			return err
		}
	}
}

// read reads a row's time, score and verdict.
func (c *columns) read(record []string, r *row) (err error) {
	if r.timed = c.time >= 0; r.timed {
		if r.ns, err = readings.ParseTime(record[c.time]); err != nil {
			return fmt.Errorf("its output has a bad time: %w", err)
		}
	}
	score, said := math.NaN(), math.NaN()
	if c.score >= 0 {
		if score, err = number(record[c.score]); err != nil {
			return err
		}
	}
	if c.said >= 0 {
		if said, err = number(record[c.said]); err != nil {
			return err
		}
	}
	r.score, r.label, err = c.verdict.judge(score, said, c.score >= 0)
	return err
}

// readParquet is readCSV for a Parquet file. Rows whose score or verdict is null or NaN
// come as failures of their sensor, without their time, and are answered last.
func (s *sheets) readParquet(ctx context.Context, in io.ReaderAt, size int64) error {
	header, err := readings.ParquetColumns(in, size)
	if err != nil {
		return fmt.Errorf("its output cannot be read: %w", err)
	}
	at, err := findColumns(header, s.requests)
	if err != nil {
		return err
	}
	tagged := s.requests[0].Sensor.Tag != ""
	if at.time < 0 || at.device < 0 || tagged && at.tag < 0 {
		return fmt.Errorf("its output in Parquet needs the columns time, device and, where there are tags, tag; it has %.200q", header)
	}
	var values []readings.Feature
	for _, i := range []int{at.score, at.said} {
		if i >= 0 {
			values = append(values, readings.Feature{Column: header[i]})
		}
	}
	opt := readings.Options{Features: readings.Features{List: values}, Untagged: !tagged,
		Columns: readings.Columns{Time: header[at.time], Device: header[at.device]}}
	if tagged {
		opt.Columns.Tag = header[at.tag]
	}
	collector := readings.NewCollector(opt)
	if err := collector.ReadAt(ctx, "its output", in, size); err != nil {
		return err
	}
	set := collector.Finish()
	if len(set.Unattributed) > 0 {
		return fmt.Errorf("its output has a row of no sensor: %s", set.Unattributed[0].Example)
	}
	for _, series := range set.Series {
		if err := s.putSeries(series, at); err != nil {
			return err
		}
	}
	return nil
}

func (s *sheets) putSeries(series *readings.Series, at columns) error {
	for _, block := range series.Blocks() {
		for i, ns := range block.Times {
			values := block.Row(i)
			score, said := math.NaN(), values[len(values)-1]
			if at.score >= 0 {
				score = values[0]
			}
			r := row{sensor: series.Sensor, ns: ns, timed: true}
			var err error
			if r.score, r.label, err = at.verdict.judge(score, said, at.score >= 0); err != nil {
				s.spoil(series.Sensor, err)
			}
			if err := s.put(r); err != nil {
				return err
			}
		}
	}
	for _, f := range series.Failures {
		if f.Cause == fleet.BadRow {
			s.spoil(series.Sensor, errors.New(f.Example))
		}
		if err := s.unscored(series.Sensor, f.Rows); err != nil {
			return err
		}
	}
	return nil
}
