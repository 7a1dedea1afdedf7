package run

import (
	"context"
	"errors"
	"fmt"
	"path"
	"regexp"
	"strconv"
	"strings"
	"time"

	"go.opentelemetry.io/otel/attribute"

	"github.com/fleetscore/fleetscore/fleet"
	"github.com/fleetscore/fleetscore/store"
)

// inputs are the objects that a run reads.
type inputs struct {
	shared      []fleet.Input         // every task reads them
	byPartition map[int][]fleet.Input // only the tasks of the partition
	bytes       int64                 // of shared
}

// errPermanent is that a run cannot be planned, now or later.
var errPermanent = errors.New("")

// find lists the objects of an input for an interval.
func (in Input) find(ctx context.Context, s store.Store, i fleet.Interval, partitions int) (inputs, error) {
	found := inputs{byPartition: map[int][]fleet.Input{}}
	switch {
	case in.File != "":
		info, err := s.Stat(ctx, in.File)
		if errors.Is(err, store.ErrNotFound) {
			return found, fmt.Errorf("%wthe input %s is not in the store", errPermanent, in.File)
		}
		if err != nil {
			return found, fmt.Errorf("looking for the input: %w", err)
		}
		found.add(info)
	case in.Files != "":
		for _, pattern := range expand(in.Files, i) {
			if err := found.match(ctx, s, pattern); err != nil {
				return found, err
			}
		}
	default:
		if err := found.windows(ctx, s, in.Window, i, partitions); err != nil {
			return found, err
		}
	}
	return found, nil
}

// findInputs lists the objects that the run reads. Of windows it waits for those of
// its interval that are open, and says so if it waits in vain.
func (d *driver) findInputs() (inputs, error) {
	in := d.spec.Input
	if in.Window == "" || d.cfg.Windows == nil {
		return in.find(d.ctx, d.cfg.Store, d.run.Interval, d.cfg.Partitions)
	}
	d.waiting("windows", fmt.Errorf("some of %s are open", d.run.Interval))
	ctx, stop := context.WithTimeout(d.ctx, in.Wait)
	defer stop()
	var files map[int][]fleet.Input
	var behind int
	err := d.step("wait for windows", func() (err error) {
		files, behind, err = d.cfg.Windows.Files(ctx, in.Window, d.run.Interval)
		return err
	}, attribute.String("fleetscore.window", in.Window))
	d.goesOn()
	if err != nil {
		return inputs{}, fmt.Errorf("looking for windows: %w", err)
	}
	if behind > 0 {
		d.run.Note = fmt.Sprintf("%s%d of %d partitions were still open after %s, and are not all in this run; to score them too: fleetscore job run %s --interval %s",
			hurried, behind, d.cfg.Partitions, in.Wait, d.job, d.run.Interval.From.UTC().Format(time.RFC3339))
		d.log.Warn("a run does not wait for windows any longer", "partitions", behind, "waited", in.Wait.String())
	}
	return inputs{byPartition: files}, nil
}

func (f *inputs) add(info store.Info) {
	f.shared = append(f.shared, fleet.Input{Key: info.Key, Size: info.Size})
	f.bytes += info.Size
}

// match adds the objects whose keys match a pattern.
func (f *inputs) match(ctx context.Context, s store.Store, pattern string) error {
	star := strings.IndexAny(pattern, "*?[")
	if star < 0 {
		info, err := s.Stat(ctx, pattern)
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return fmt.Errorf("looking for inputs: %w", err)
		}
		if err == nil {
			f.add(info)
		}
		return nil
	}
	for info, err := range s.List(ctx, pattern[:star]) {
		if errors.Is(err, store.ErrNotFound) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("looking for inputs: %w", err)
		}
		if ok, _ := path.Match(pattern, info.Key); ok && info.Size > 0 {
			f.add(info)
		}
	}
	return nil
}

var windowPartition = regexp.MustCompile(`/p=(\d+)-[^/]*\.parquet$`)

// windows adds the files of windows that start in the interval.
func (f *inputs) windows(ctx context.Context, s store.Store, window string, i fleet.Interval, partitions int) error {
	for hour := i.From.UTC().Truncate(time.Hour); hour.Before(i.To); hour = hour.Add(time.Hour) {
		prefix := fmt.Sprintf("windows/window=%s/date=%s/hour=%s/", window, hour.Format("2006-01-02"), hour.Format("15"))
		for info, err := range s.List(ctx, prefix) {
			if errors.Is(err, store.ErrNotFound) {
				return nil
			}
			if err != nil {
				return fmt.Errorf("looking for windows: %w", err)
			}
			m := windowPartition.FindStringSubmatch(info.Key)
			if m == nil {
				continue
			}
			p, err := strconv.Atoi(m[1])
			if err != nil || p >= partitions {
				return fmt.Errorf("%w%s is of partition %s; there are %d (partitions)", errPermanent, info.Key, m[1], partitions)
			}
			f.byPartition[p] = append(f.byPartition[p], fleet.Input{Key: info.Key, Size: info.Size})
		}
	}
	return nil
}

// steps are the placeholders of a template, the finest first.
var steps = []struct {
	name, layout string
	length       time.Duration
}{
	{"{minute}", "04", time.Minute},
	{"{hour}", "15", time.Hour},
	{"{date}", "2006-01-02", 24 * time.Hour},
	{"{day}", "02", 24 * time.Hour},
	{"{month}", "01", 24 * time.Hour},
	{"{year}", "2006", 24 * time.Hour},
}

// expand gives the patterns of a template for every step of the interval, each once.
func expand(template string, i fleet.Interval) []string {
	length := time.Duration(0)
	for _, step := range steps {
		if length == 0 && strings.Contains(template, step.name) {
			length = step.length
		}
	}
	if length == 0 {
		return []string{template}
	}
	var all []string
	for at := i.From.UTC().Truncate(length); at.Before(i.To); at = at.Add(length) {
		pattern := template
		for _, step := range steps {
			pattern = strings.ReplaceAll(pattern, step.name, at.Format(step.layout))
		}
		if len(all) == 0 || all[len(all)-1] != pattern {
			all = append(all, pattern)
		}
	}
	return all
}

// CheckFiles says what is wrong with a template of input files.
func CheckFiles(template string) error {
	text := template
	for _, step := range steps {
		text = strings.ReplaceAll(text, step.name, "0")
	}
	if at := strings.IndexAny(text, "{}"); at >= 0 {
		return fmt.Errorf("%q has a brace that is no placeholder; known are {date} {year} {month} {day} {hour} {minute}", template)
	}
	if _, err := path.Match(text, ""); err != nil {
		return fmt.Errorf("%q is not a glob: %w", template, err)
	}
	return store.CheckKey(strings.NewReplacer("*", "x", "?", "x").Replace(text))
}

// hurried is how the note begins of a run that did not wait for all windows.
const hurried = "windows of "

// Hurried reports whether a run's note says that it did not wait for all its windows.
func Hurried(note string) bool { return strings.HasPrefix(note, hurried) }
