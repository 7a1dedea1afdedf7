package app

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/fleetscore/fleetscore/fleet"
	"github.com/fleetscore/fleetscore/ledger"
	"github.com/fleetscore/fleetscore/run"
	"github.com/fleetscore/fleetscore/score/predictions"
	"github.com/fleetscore/fleetscore/sklearn"
	"github.com/fleetscore/fleetscore/store"
	"github.com/fleetscore/fleetscore/view/band"
	"github.com/fleetscore/fleetscore/view/models"
	"github.com/fleetscore/fleetscore/web"
)

// sensorView is what is known of single sensors, for the API.
type sensorView struct{ *App }

var _ web.Sensors = sensorView{}

// scoresAtOnce is how many intervals are read at a time.
const scoresAtOnce = 8

// Scores implements web.Sensors.
func (v sensorView) Scores(ctx context.Context, runs []ledger.Run, s fleet.Sensor) ([]web.Prediction, error) {
	found := make([][]web.Prediction, len(runs))
	reads, within := errgroup.WithContext(ctx)
	reads.SetLimit(scoresAtOnce)
	for i := range runs {
		reads.Go(func() (err error) {
			found[i], err = v.scoresOf(within, &runs[i], s)
			return err
		})
	}
	err := reads.Wait()
	return slices.Concat(found...), err
}

// scoresOf reads a sensor's predictions of a run; none if they are past their retention.
func (v sensorView) scoresOf(ctx context.Context, r *ledger.Run, s fleet.Sensor) ([]web.Prediction, error) {
	c, err := run.ReadCommit(ctx, v.store, fleet.CommitKey(r.Job, r.Interval, r.Rev))
	if errors.Is(err, store.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, asWeb(err)
	}
	var rows []web.Prediction
	for i := range c.Tasks {
		t := &c.Tasks[i]
		if !t.Part.Covers(s, v.settings().Partitions) {
			continue
		}
		for _, f := range t.Files {
			if rows, err = v.addScores(ctx, rows, c, f, s); err != nil {
				return nil, err
			}
		}
	}
	slices.SortStableFunc(rows, func(a, b web.Prediction) int { return a.Time.Compare(b.Time) })
	return rows, nil
}

func (v sensorView) addScores(ctx context.Context, rows []web.Prediction, c *fleet.Commit, f fleet.Output, s fleet.Sensor) ([]web.Prediction, error) {
	if !strings.HasSuffix(f.Key, ".parquet") {
		content, err := run.ReadOutput(ctx, v.store, c, f)
		if err != nil {
			return nil, asWeb(err)
		}
		return appendRows(rows, f.Key, content, s)
	}
	file, err := v.store.Open(ctx, f.Key)
	if err != nil {
		return nil, fmt.Errorf("opening %s: %w", f.Key, err)
	}
	defer file.Close()
	err = predictions.ReadSensor(f.Key, file, file.Info().Size, s, func(r predictions.Row) error {
		rows = append(rows, predictionOf(&r))
		return nil
	})
	return rows, err
}

func predictionOf(r *predictions.Row) web.Prediction {
	values := make(map[string]web.Float, len(r.Values))
	for i, name := range r.Names {
		values[name] = web.Float(r.Values[i])
	}
	return web.Prediction{Time: time.Unix(0, r.Time).UTC(), Values: values, Score: web.Float(r.Score), Anomaly: r.Anomaly, Model: r.Model, Run: r.Run, Rev: r.Rev}
}

// modelKey is the key of a sensor's model.
func (v sensorView) modelKey(job string, s fleet.Sensor) (string, run.Job, error) {
	j, ok := v.jobs.run(job)
	if !ok {
		return "", j, fmt.Errorf("%w: the settings have no job %s any more", web.ErrNotFound, job)
	}
	t, err := store.ParseKeyTemplate(j.Recipe.Models)
	return t.Expand(s), j, err
}

// ModelOf implements web.Sensors.
func (v sensorView) ModelOf(ctx context.Context, job string, s fleet.Sensor) (*models.Model, error) {
	key, _, err := v.modelKey(job, s)
	if err != nil {
		return nil, err
	}
	m, err := v.models.LookAt(ctx, key, s)
	if errors.Is(err, store.ErrNotFound) {
		return nil, fmt.Errorf("%w: there is no %s", web.ErrNotFound, key)
	}
	return m, err
}

// Band implements web.Sensors.
func (v sensorView) Band(ctx context.Context, job string, s fleet.Sensor, x, y band.Range, points int) (*band.Band, error) {
	key, j, err := v.modelKey(job, s)
	if err != nil {
		return nil, err
	}
	data, err := v.store.Get(ctx, key, nil)
	if errors.Is(err, store.ErrNotFound) {
		return nil, fmt.Errorf("%w: there is no %s", web.ErrNotFound, key)
	}
	if err != nil {
		return nil, err
	}
	m, err := sklearn.Load(data)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", band.ErrNone, err)
	}
	if m.Features() == 2 {
		if points = min(points, band.MostSide); y == (band.Range{}) {
			return nil, invalid("the model has two features: give from2 and to2")
		}
	}
	threshold := 0.0
	if j.Recipe.Threshold != nil {
		threshold = *j.Recipe.Threshold
	}
	return band.Of(m, featureNames(j.Recipe.Features, m.Features()), x, y, points, threshold)
}

// featureNames are how a job calls the features of its models.
func featureNames(text string, n int) []string {
	names := strings.Split(text, ",")
	if text == "" || len(names) != n {
		names = []string{"value"}
	}
	for len(names) < n {
		names = append(names, fmt.Sprintf("feature %d", len(names)+1))
	}
	return names
}
