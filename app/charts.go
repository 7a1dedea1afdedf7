package app

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/fleetscore/fleetscore/fleet"
	"github.com/fleetscore/fleetscore/store"
	"github.com/fleetscore/fleetscore/view/days"
	"github.com/fleetscore/fleetscore/view/series"
	"github.com/fleetscore/fleetscore/web"
	"github.com/fleetscore/fleetscore/window/aggregator"
)

// chartView is windows as charts show them, for the API: of days that are over from a file
// a day, which is made when somebody asks and by night; of what has none from windows.
type chartView struct {
	app   *App
	queue chan dayOf
	end   context.CancelFunc
	done  sync.WaitGroup

	mu     sync.Mutex
	queued map[dayOf]bool
}

// dayOf is a day of a partition's windows of one name.
type dayOf struct {
	window    string
	partition int
	begin     time.Time
}

func (d dayOf) interval() fleet.Interval { return fleet.NewInterval(d.begin, d.begin.Add(aDay)) }

const (
	aDay      = 24 * time.Hour
	dayRest   = 2 * time.Hour // after its end, until a day's hours are merged
	daysAhead = 4096          // that wait to be made
	lookDays  = time.Hour     // between two looks for days that are over
	// daysAtOnce is how many days are read at a time.
	daysAtOnce = 8
)

var _ web.Charts = (*chartView)(nil)

func newChartView(a *App) *chartView {
	return &chartView{app: a, queue: make(chan dayOf, daysAhead), queued: map[dayOf]bool{}}
}

// start begins to make files of days.
func (v *chartView) start(ctx context.Context) {
	ctx, v.end = context.WithCancel(context.WithoutCancel(ctx))
	v.done.Go(func() {
		ticker := time.NewTicker(lookDays)
		defer ticker.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case d := <-v.queue:
				if err := v.make(ctx, d); err != nil && ctx.Err() == nil {
					v.app.log.Warn("a day of windows is not summed up for charts; they are slower", "window", d.window, "partition", d.partition, "day", d.begin, "error", err)
				}
				v.mu.Lock()
				delete(v.queued, d)
				v.mu.Unlock()
			case now := <-ticker.C:
				v.ask(ctx, now.Add(-aDay-dayRest).UTC().Truncate(aDay))
			}
		}
	})
}

func (v *chartView) stop() {
	if v.end != nil {
		v.end()
		v.done.Wait()
	}
}

// ask has the files of a day made that are not there.
func (v *chartView) ask(ctx context.Context, begin time.Time) {
	for _, name := range v.app.intake.windows.Names() {
		for p := range v.app.settings().Partitions {
			if _, err := v.app.store.Stat(ctx, days.Key(name, begin, p)); errors.Is(err, store.ErrNotFound) {
				v.want(dayOf{name, p, begin})
			}
		}
	}
}

// want has a file made, unless too many wait already.
func (v *chartView) want(d dayOf) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.queued[d] {
		return
	}
	select {
	case v.queue <- d:
		v.queued[d] = true
	default:
	}
}

// make makes the file of a day.
func (v *chartView) make(ctx context.Context, d dayOf) error {
	if err := v.app.mayWrite(); err != nil {
		return err
	}
	files, err := v.app.intake.windows.FilesOf(ctx, d.window, d.partition, d.interval())
	if err != nil || len(files) == 0 {
		return err
	}
	b := days.NewBuilder(d.begin)
	for _, f := range files {
		data, err := v.app.store.Get(ctx, f.Key, nil)
		if err != nil {
			return fmt.Errorf("reading %s: %w", f.Key, err)
		}
		rows, err := aggregator.Decode(data)
		if err != nil {
			return fmt.Errorf("reading %s: %w", f.Key, err)
		}
		for i := range rows {
			r := &rows[i]
			b.Add(fleet.Sensor{Device: r.Device, Tag: r.Tag}, days.Window{Start: r.Start, Count: r.Count, Rev: r.Rev, Mean: r.Mean, Min: r.Min, Max: r.Max})
		}
	}
	return v.app.store.Put(ctx, days.Key(d.window, d.begin, d.partition), bytes.NewReader(b.Encode(fingerprintOf(files))))
}

func fingerprintOf(files []fleet.Input) days.Fingerprint {
	keys := make([]string, len(files))
	for i := range files {
		keys[i] = files[i].Key
	}
	return days.FingerprintOf(keys)
}

// Chart implements web.Charts.
func (v *chartView) Chart(ctx context.Context, name string, s fleet.Sensor, i fleet.Interval) ([]series.Window, error) {
	if !slices.Contains(v.app.intake.windows.Names(), name) {
		return nil, windowError(fmt.Errorf("%w: %q", aggregator.ErrNoWindow, name))
	}
	every := v.app.settings().Windows[name].Every.Std()
	over := time.Now().Add(-dayRest).UTC().Truncate(aDay) // days before are over
	var parts []fleet.Interval
	for from := i.From; from.Before(i.To); {
		to := from.Truncate(aDay).Add(aDay)
		if to.After(i.To) || !from.Before(over) {
			to = i.To
		}
		parts = append(parts, fleet.NewInterval(from, to))
		from = to
	}
	found := make([][]series.Window, len(parts))
	reads, within := errgroup.WithContext(ctx)
	reads.SetLimit(daysAtOnce)
	for n, part := range parts {
		reads.Go(func() (err error) {
			begin := part.From.Truncate(aDay)
			if begin.Before(over) {
				d := dayOf{name, fleet.Partition(s.Device, v.app.settings().Partitions), begin}
				if found[n], err = v.day(within, d, s, part, every); err == nil {
					return nil
				}
				if !errors.Is(err, store.ErrNotFound) && !errors.Is(err, days.ErrStale) && !errors.Is(err, days.ErrDamaged) {
					return err
				}
				v.want(d)
			}
			found[n], err = v.live(within, name, s, part)
			return err
		})
	}
	err := reads.Wait()
	return slices.Concat(found...), err
}

// First implements web.Charts.
func (v *chartView) First(ctx context.Context, job string) (first fleet.Interval, err error) {
	j, ok := v.app.jobs.run(job)
	if !ok {
		return first, fmt.Errorf("%w: the settings have no job %s any more", web.ErrNotFound, job)
	}
	plan, err := v.app.jobs.plan(job)
	if err != nil || plan == nil || j.Input.Window == "" {
		return first, asWeb(err)
	}
	begin, err := v.app.intake.windows.Begin(ctx, j.Input.Window)
	if err != nil || begin.IsZero() {
		return first, windowError(err)
	}
	return plan.Covering(begin), nil
}

// day reads what a part of a day has of a sensor from the day's file.
func (v *chartView) day(ctx context.Context, d dayOf, s fleet.Sensor, part fleet.Interval, every time.Duration) ([]series.Window, error) {
	files, err := v.app.intake.windows.FilesOf(ctx, d.window, d.partition, d.interval())
	if err != nil || len(files) == 0 {
		return nil, err
	}
	file, err := v.app.store.Open(ctx, days.Key(d.window, d.begin, d.partition))
	if err != nil {
		return nil, err
	}
	defer file.Close()
	rows, err := days.Read(file, file.Info().Size, fingerprintOf(files), d.begin, s)
	all := make([]series.Window, 0, len(rows))
	for i := range rows {
		r := &rows[i]
		if at := time.Unix(0, r.Start).UTC(); !at.Before(part.From) && at.Before(part.To) {
			all = append(all, series.Window{Start: at, End: at.Add(every), Count: r.Count, Mean: r.Mean, Min: r.Min, Max: r.Max, Rev: r.Rev})
		}
	}
	return all, err
}

// live reads a sensor's windows as they are.
func (v *chartView) live(ctx context.Context, name string, s fleet.Sensor, i fleet.Interval) ([]series.Window, error) {
	rows, err := v.app.intake.windows.Windows(ctx, name, s, i)
	if err != nil {
		return nil, windowError(err)
	}
	all := make([]series.Window, len(rows))
	for i := range rows {
		r := &rows[i]
		all[i] = series.Window{Start: time.Unix(0, r.Start).UTC(), End: time.Unix(0, r.End).UTC(), Count: r.Count, Mean: r.Mean, Min: r.Min, Max: r.Max, Rev: r.Rev, Open: r.Open}
	}
	return all, nil
}

// sweepDays deletes the files of days that are past the retention of windows.
func (a *App) sweepDays(ctx context.Context, _ time.Time) (n int, err error) {
	keep := a.settings().Retention.Windows.Std()
	if keep <= 0 {
		return 0, nil
	}
	before := time.Now().Add(-keep).UTC()
	for info, err := range a.store.List(ctx, "days/") {
		if errors.Is(err, store.ErrNotFound) {
			return n, nil
		}
		if err != nil {
			return n, fmt.Errorf("listing days of windows: %w", err)
		}
		_, date, ok := strings.Cut(info.Key, "/date=")
		day, parseErr := time.Parse("2006-01-02", date[:min(len(date), 10)])
		if !ok || parseErr != nil || !day.Add(aDay).Before(before) {
			continue
		}
		if err := a.store.Delete(ctx, info.Key); err != nil {
			return n, fmt.Errorf("deleting a day of windows: %w", err)
		}
		n++
	}
	return n, nil
}
