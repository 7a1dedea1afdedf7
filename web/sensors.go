package web

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/fleetscore/fleetscore/fleet"
	"github.com/fleetscore/fleetscore/ledger"
	"github.com/fleetscore/fleetscore/view/band"
	"github.com/fleetscore/fleetscore/view/matrix"
	"github.com/fleetscore/fleetscore/view/models"
	"github.com/fleetscore/fleetscore/view/series"
)

// Sensors is what is known of single sensors.
type Sensors interface {
	// Scores are the predictions of a sensor in runs that were committed, in the order of
	// the runs and of time.
	Scores(ctx context.Context, runs []ledger.Run, s fleet.Sensor) ([]Prediction, error)
	// Band draws the model of a sensor; ErrConflict if it cannot be.
	Band(ctx context.Context, job string, s fleet.Sensor, x, y band.Range, points int) (*band.Band, error)
	// ModelOf looks at the model of a sensor; ErrNotFound if it has none.
	ModelOf(ctx context.Context, job string, s fleet.Sensor) (*models.Model, error)
}

// Charts are windows as charts show them: to seven digits, and of days that are over as they
// were stored last.
type Charts interface {
	// Chart lists the windows of a sensor that start in an interval, those that are open
	// too; ErrNotFound if there is no window of that name.
	Chart(ctx context.Context, window string, s fleet.Sensor, i fleet.Interval) ([]series.Window, error)
	// First is the first interval of a job of which there is a window; zero if there is
	// none, or the job scores no windows.
	First(ctx context.Context, job string) (fleet.Interval, error)
}

// SensorSearch is some sensors, by their names.
type SensorSearch struct {
	Sensors []SensorFound `json:"sensors" nullable:"false"`
	Next    string        `json:"next,omitempty" doc:"there may be more: ask with cursor set to it"`
}

// SensorFound is a sensor, and what became of it in the last interval of each job.
type SensorFound struct {
	fleet.Sensor
	States map[string]string `json:"states" doc:"by job: scored, anomalous, failed and so on, as in a matrix"`
}

// SensorView is what is known of a sensor.
type SensorView struct {
	fleet.Sensor
	Jobs []SensorJob `json:"jobs" nullable:"false" doc:"that have it in their last intervals; none may, of one whose windows are there all the same"`
}

// SensorJob is what a job has made of a sensor.
type SensorJob struct {
	Job     string           `json:"job"`
	Model   *models.Model    `json:"model,omitempty" doc:"that it has now; none: there is none"`
	History []SensorInterval `json:"history" nullable:"false" doc:"its last 48 intervals, in order"`
}

// SensorInterval is what became of a sensor in an interval.
type SensorInterval struct {
	Interval fleet.Interval `json:"interval"`
	State    string         `json:"state"`
	Run      string         `json:"run,omitempty"`
	Rev      int            `json:"rev,omitempty"`
}

// WindowSeries is a sensor's windows over some time, for a chart.
type WindowSeries struct {
	Window string    `json:"window"`
	From   time.Time `json:"from"`
	To     time.Time `json:"to"`
	series.Line
}

// ScoreSeries is a sensor's scores over some intervals of a job, in columns.
type ScoreSeries struct {
	Intervals []SensorInterval   `json:"intervals" nullable:"false"`
	Time      []int64            `json:"time" nullable:"false" doc:"milliseconds since 1970"`
	Score     []Float            `json:"score" nullable:"false" doc:"the decision function; greater is more normal"`
	Values    map[string][]Float `json:"values" doc:"what was scored, by the name of its column"`
	Anomalies []int              `json:"anomalies" nullable:"false" doc:"indexes of points that are anomalies"`
	Models    []ModelSpan        `json:"models" nullable:"false" doc:"which model scored from when on; several if it was changed"`
	Next      string             `json:"next,omitempty" doc:"there may be earlier ones: ask with to set to it"`
}

// ModelSpan is a model, and from when on it has scored.
type ModelSpan struct {
	Digest string    `json:"sha256"`
	Since  time.Time `json:"since"`
	Until  time.Time `json:"until"`
}

// SensorParam is a sensor. It is exported for huma to see it in other structs.
type SensorParam struct {
	Device string `query:"device" required:"true" minLength:"1" maxLength:"256"`
	Tag    string `query:"tag" maxLength:"256" doc:"none: of a job that scores devices"`
}

func (p SensorParam) sensor() fleet.Sensor { return fleet.Sensor{Device: p.Device, Tag: p.Tag} }

type searchSensorsInput struct {
	Search string `query:"search" maxLength:"256" doc:"only sensors whose device/tag has this in it, in upper or lower case"`
	Cursor string `query:"cursor" maxLength:"1100" doc:"the next of an answer"`
	Limit  int    `query:"limit" minimum:"1" maximum:"1000" default:"50"`
}

type windowSeriesInput struct {
	SensorParam
	Window string `path:"window" maxLength:"64"`
	From   string `query:"from" maxLength:"40" doc:"without it: a day before to"`
	To     string `query:"to" maxLength:"40" doc:"without it: now"`
	Points int    `query:"points" minimum:"1" maximum:"50000" default:"2000" doc:"windows are merged if there are more"`
}

type scoreSeriesInput struct {
	JobParam
	SensorParam
	From  string `query:"from" maxLength:"40" doc:"only of intervals that begin then or later"`
	To    string `query:"to" maxLength:"40" doc:"only of intervals that begin earlier; without it: up to now"`
	Limit int    `query:"limit" minimum:"1" maximum:"200" default:"48" doc:"of intervals: the last so many"`
}

type bandInput struct {
	JobParam
	SensorParam
	From   float64 `query:"from" required:"true" doc:"of the first feature, from where on"`
	To     float64 `query:"to" required:"true"`
	From2  float64 `query:"from2" doc:"of the second, if the model has two"`
	To2    float64 `query:"to2"`
	Points int     `query:"points" minimum:"2" maximum:"2048" default:"256" doc:"of each feature; 96 at most of two"`
}

type sensorModelInput struct {
	JobParam
	SensorParam
}

// sensorHistory is how many intervals of each job are told of a sensor.
const sensorHistory = 48

func (s *Server) sensorOperations(api huma.API) {
	register(s, api, operation{id: "search-sensors", at: "GET " + base + "/sensors", tag: "sensors", role: Viewer, summary: "Sensors that jobs have scored last, by name"}, s.searchSensors)
	register(s, api, operation{id: "get-sensor", at: "GET " + base + "/sensor", tag: "sensors", role: Viewer, summary: "A sensor: what became of it in each job, and its models"}, s.getSensor)
	register(s, api, operation{id: "get-window-series", at: "GET " + base + "/windows/{window}/series", tag: "sensors", role: Viewer, summary: "A sensor's windows over some time, in columns, for a chart"}, s.windowSeries)
	register(s, api, operation{id: "get-score-series", at: "GET " + base + "/jobs/{job}/series", tag: "sensors", role: Viewer, summary: "A sensor's scores over some intervals, in columns, for a chart"}, s.scoreSeries)
	register(s, api, operation{id: "get-band", at: "GET " + base + "/jobs/{job}/band", tag: "sensors", role: Viewer, conflicts: true, summary: "Where a sensor's model finds values normal: its decision function on a grid"}, s.band)
	register(s, api, operation{id: "get-sensor-model", at: "GET " + base + "/jobs/{job}/model", tag: "sensors", role: Viewer, summary: "What is in the model of a sensor"},
		func(ctx context.Context, in *sensorModelInput) (*models.Model, error) {
			if _, err := s.job(ctx, in.Job); err != nil {
				return nil, err
			}
			return s.cfg.Views.ModelOf(ctx, in.Job, in.sensor())
		})
}

// lastGrids has the last intervals of each job.
func (s *Server) lastGrids(ctx context.Context, columns int, each func(job string, g *matrix.Grid)) error {
	jobs, err := s.cfg.Ledger.Jobs(ctx)
	if err != nil {
		return fmt.Errorf("listing jobs: %w", err)
	}
	for _, j := range jobs {
		if j.Removed {
			continue
		}
		g, err := s.cfg.Views.Grid(ctx, j.Name, time.Time{}, time.Time{}, columns)
		if err != nil {
			return fmt.Errorf("reading what became of the sensors of job %s: %w", j.Name, err)
		}
		each(j.Name, g)
	}
	return nil
}

func (s *Server) searchSensors(ctx context.Context, in *searchSensorsInput) (SensorSearch, error) {
	var after *fleet.Sensor
	if in.Cursor != "" {
		at, err := parseSensorCursor(in.Cursor)
		if err != nil {
			return SensorSearch{}, invalid("query.cursor", err)
		}
		after = &at
	}
	found := map[fleet.Sensor]map[string]string{}
	search := strings.ToLower(in.Search)
	err := s.lastGrids(ctx, sensorHistory, func(job string, g *matrix.Grid) {
		for _, f := range g.Search(search, after, in.Limit+1) {
			if found[f.Sensor] == nil {
				found[f.Sensor] = map[string]string{}
			}
			found[f.Sensor][job] = f.State.String()
		}
	})
	list := SensorSearch{Sensors: []SensorFound{}}
	for sensor, states := range found {
		list.Sensors = append(list.Sensors, SensorFound{sensor, states})
	}
	slices.SortFunc(list.Sensors, func(a, b SensorFound) int { return a.Sensor.Compare(b.Sensor) })
	if len(list.Sensors) > in.Limit {
		list.Sensors = list.Sensors[:in.Limit]
		list.Next = sensorCursor(list.Sensors[in.Limit-1].Sensor)
	}
	return list, err
}

func (s *Server) getSensor(ctx context.Context, in *SensorParam) (SensorView, error) {
	v := SensorView{Sensor: in.sensor(), Jobs: []SensorJob{}}
	err := s.lastGrids(ctx, sensorHistory, func(job string, g *matrix.Grid) {
		if at, ok := g.Find(v.Sensor); ok {
			v.Jobs = append(v.Jobs, SensorJob{Job: job, History: historyOf(g, at)})
		}
	})
	if err != nil {
		return v, err
	}
	for i := range v.Jobs {
		m, err := s.cfg.Views.ModelOf(ctx, v.Jobs[i].Job, v.Sensor)
		if err != nil && !notFound(err) {
			return v, fmt.Errorf("looking at the model of %s: %w", v.Sensor, err)
		}
		if err == nil {
			v.Jobs[i].Model = m
		}
	}
	return v, nil
}

func historyOf(g *matrix.Grid, sensor int) []SensorInterval {
	all := make([]SensorInterval, len(g.Columns))
	for i := range g.Columns {
		c := &g.Columns[i]
		all[i] = SensorInterval{Interval: c.Interval, State: g.At(sensor, i).String(), Run: c.Run, Rev: c.Rev}
	}
	return all
}

// mostSeries is how long a stretch of time a series of windows has.
const mostSeries = 92 * 24 * time.Hour

func (s *Server) windowSeries(ctx context.Context, in *windowSeriesInput) (WindowSeries, error) {
	from, to, err := span(in.From, in.To)
	if err != nil {
		return WindowSeries{}, err
	}
	if to.IsZero() {
		to = s.cfg.Now().UTC().Truncate(time.Second)
	}
	if from.IsZero() {
		from = to.Add(-24 * time.Hour)
	}
	if !from.Before(to) || to.Sub(from) > mostSeries {
		return WindowSeries{}, invalid("query.from", fmt.Errorf("from %s to %s is not a stretch of at most %d days", from.Format(time.RFC3339), to.Format(time.RFC3339), mostSeries/(24*time.Hour)))
	}
	windows, err := s.cfg.Views.Chart(ctx, in.Window, in.sensor(), fleet.NewInterval(from, to))
	if err != nil {
		return WindowSeries{}, err
	}
	return WindowSeries{Window: in.Window, From: from, To: to, Line: series.Of(windows, in.Points)}, nil
}

func (s *Server) scoreSeries(ctx context.Context, in *scoreSeriesInput) (ScoreSeries, error) {
	out := ScoreSeries{Intervals: []SensorInterval{}, Time: []int64{}, Score: []Float{}, Values: map[string][]Float{}, Anomalies: []int{}, Models: []ModelSpan{}}
	from, to, err := span(in.From, in.To)
	if err != nil {
		return out, err
	}
	if _, err := s.job(ctx, in.Job); err != nil {
		return out, err
	}
	runs, err := s.cfg.Ledger.Outcomes(ctx, in.Job, from, to, in.Limit)
	if err != nil || len(runs) == 0 {
		return out, err
	}
	if len(runs) == in.Limit {
		out.Next = runs[0].Interval.From.Format(time.RFC3339)
	}
	g, err := s.cfg.Views.GridOf(ctx, runs)
	if err != nil {
		return out, fmt.Errorf("reading what became of the sensors of job %s: %w", in.Job, err)
	}
	var scored []ledger.Run
	at, there := g.Find(in.sensor())
	for i := range runs {
		state := matrix.Missing
		if there {
			state = g.At(at, i)
		}
		out.Intervals = append(out.Intervals, SensorInterval{Interval: runs[i].Interval, State: state.String(), Run: runs[i].ID, Rev: runs[i].Rev})
		if state == matrix.Scored || state == matrix.Anomalous || state == matrix.Partly || state == matrix.Unknown {
			scored = append(scored, runs[i])
		}
	}
	rows, err := s.cfg.Views.Scores(ctx, scored, in.sensor())
	if err != nil {
		return out, fmt.Errorf("reading the predictions of %s: %w", in.sensor(), err)
	}
	for i := range rows {
		out.add(&rows[i])
	}
	return out, nil
}

// add adds a prediction. Of a value that not all have, the others are none.
func (o *ScoreSeries) add(r *Prediction) {
	n := len(o.Time)
	o.Time, o.Score = append(o.Time, r.Time.UnixMilli()), append(o.Score, r.Score)
	if r.Anomaly {
		o.Anomalies = append(o.Anomalies, n)
	}
	for name, v := range r.Values {
		for len(o.Values[name]) < n {
			o.Values[name] = append(o.Values[name], none())
		}
		o.Values[name] = append(o.Values[name], v)
	}
	for name := range o.Values {
		if len(o.Values[name]) == n {
			o.Values[name] = append(o.Values[name], none())
		}
	}
	if m := len(o.Models); m == 0 || o.Models[m-1].Digest != r.Model {
		o.Models = append(o.Models, ModelSpan{Digest: r.Model, Since: r.Time})
	}
	o.Models[len(o.Models)-1].Until = r.Time
}

func (s *Server) band(ctx context.Context, in *bandInput) (*band.Band, error) {
	x, y := band.Range{From: in.From, To: in.To}, band.Range{From: in.From2, To: in.To2}
	if err := x.Check(); err != nil {
		return nil, invalid("query.to", err)
	}
	if y != (band.Range{}) {
		if err := y.Check(); err != nil {
			return nil, invalid("query.to2", err)
		}
	}
	if _, err := s.job(ctx, in.Job); err != nil {
		return nil, err
	}
	b, err := s.cfg.Views.Band(ctx, in.Job, in.sensor(), x, y, in.Points)
	if errors.Is(err, band.ErrNone) {
		return nil, newProblem(http.StatusConflict, CodeConflict, "the model of "+in.sensor().String()+": "+err.Error(), "what is in it: fleetscore inspect")
	}
	return b, err
}
