package web

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/fleetscore/fleetscore/fleet"
)

// findSensor finds the sensor that is asked for among those of a commit. A name in
// which a slash parts device and tag may be that of two, as both may have slashes.
func (s *Server) findSensor(ctx context.Context, c *fleet.Commit, in *listPredictionsInput) (*SensorFate, error) {
	asked := fleet.Sensor{Device: in.Device, Tag: in.Tag}
	name := in.Sensor
	if name == "" {
		name = asked.String()
	}
	var found *SensorFate
	for f, err := range s.cfg.Data.Fates(ctx, c) {
		switch {
		case err != nil:
			return s.sensorWithRows(ctx, c, in, fmt.Errorf("reading what became of the sensors of job %s: %w", in.Job, err))
		case in.Sensor == "" && f.Sensor != asked, f.Sensor.String() != name:
		case found != nil:
			return nil, ambiguous(name, found.Sensor, f.Sensor)
		default:
			found = &f
		}
	}
	if found == nil {
		return nil, missing(fmt.Sprintf("there is no sensor %s in %s of job %s", name, c.Interval, in.Job), "fleetscore predictions sensors "+in.Job+" --all shows what there is")
	}
	return found, nil
}

func ambiguous(name string, a, b fleet.Sensor) error {
	return invalid("query.sensor", fmt.Errorf("%s is the tag %s of device %s, and the tag %s of device %s; give device and tag", name, a.Tag, a.Device, b.Tag, b.Device))
}

// sensorWithRows finds the sensor that is asked for by its predictions: those count
// where nobody knows any more what became of the sensors, for which why is the error.
func (s *Server) sensorWithRows(ctx context.Context, c *fleet.Commit, in *listPredictionsInput, why error) (*SensorFate, error) {
	if p, _ := problemOf(why); p.Code != CodeDamaged {
		return nil, why
	}
	candidates := []fleet.Sensor{{Device: in.Device, Tag: in.Tag}}
	if in.Sensor != "" {
		if candidates = meanings(in.Sensor); candidates == nil {
			return nil, invalid("query.sensor", errors.New("it has too many slashes to tell device and tag apart; give device and tag"))
		}
	}
	var found *SensorFate
	for _, sensor := range candidates {
		fate := ""
		for row, err := range s.cfg.Data.Predictions(ctx, c, sensor) {
			if err != nil {
				return nil, fmt.Errorf("reading the predictions of %s: %w", sensor, err)
			}
			if row.Anomaly {
				fate = FateAnomalous
			} else if fate == "" {
				fate = FateScored
			}
		}
		switch {
		case fate == "":
		case found != nil:
			return nil, ambiguous(in.Sensor, found.Sensor, sensor)
		default:
			found = &SensorFate{Sensor: sensor, Fate: fate}
		}
	}
	if found == nil {
		return nil, why // it may have failed, or not be there
	}
	return found, nil
}

// meanings lists the sensors that a name may be that of; nil if they are too many,
// as the predictions of each are read.
func meanings(name string) []fleet.Sensor {
	const most = 8
	if strings.Count(name, "/") >= most {
		return nil
	}
	all := []fleet.Sensor{{Device: name}}
	for i, c := range name {
		if c == '/' && i > 0 && i+1 < len(name) {
			all = append(all, fleet.Sensor{Device: name[:i], Tag: name[i+1:]})
		}
	}
	return all
}
