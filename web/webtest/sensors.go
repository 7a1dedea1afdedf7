package webtest

import (
	"context"
	"fmt"
	"time"

	"github.com/fleetscore/fleetscore/fleet"
	"github.com/fleetscore/fleetscore/ledger"
	"github.com/fleetscore/fleetscore/view/band"
	"github.com/fleetscore/fleetscore/view/models"
	"github.com/fleetscore/fleetscore/web"
)

// Sensors have three predictions a run, the last one by another model, and models of one
// feature, but those of pump-1.
type Sensors struct{}

// Scores implements web.Sensors.
func (Sensors) Scores(_ context.Context, runs []ledger.Run, _ fleet.Sensor) ([]web.Prediction, error) {
	var rows []web.Prediction
	for _, r := range runs {
		for i := range 3 {
			rows = append(rows, web.Prediction{Time: r.Interval.From.Add(time.Duration(i) * time.Minute), Values: map[string]web.Float{fmt.Sprint("v", i/2): 1}, Score: 0.5, Anomaly: i == 1, Model: fmt.Sprint("m", i/2)})
		}
	}
	return rows, nil
}

// Band implements web.Sensors.
func (Sensors) Band(_ context.Context, _ string, s fleet.Sensor, x, _ band.Range, _ int) (*band.Band, error) {
	if s.Device == "pump-1" {
		return nil, fmt.Errorf("%w: the model has 7 features", band.ErrNone)
	}
	d := 1.0
	return &band.Band{Features: []string{"mean"}, X: []float64{x.From, x.To}, Decision: []*float64{&d, nil}, Normal: []band.Stretch{{To: &x.To}}}, nil
}

// ModelOf implements web.Sensors.
func (Sensors) ModelOf(_ context.Context, _ string, s fleet.Sensor) (*models.Model, error) {
	if s.Device == "pump-1" {
		return nil, web.ErrNotFound
	}
	m := model()
	return &m, nil
}
