package demo

import (
	"errors"
	"fmt"
	"time"

	"github.com/fleetscore/fleetscore/fleet"
	"github.com/fleetscore/fleetscore/simulate"
)

// The fleet that models.tar.gz has models for; generate.py says the same.
const (
	MostDevices = 40
	Tags        = 5
	seed        = 1
	prefix      = "pump-"
)

const (
	window = 5 * time.Second // and a run each
	// anomalyLength is so much longer than a window that a shift fills one.
	anomalyLength = 10 * time.Second
	// lookEvery is how often the service is asked how it does. Progress is called when a
	// run has ended since the last time, and otherwise after tellEvery.
	lookEvery = time.Second
	tellEvery = 7 * time.Second
)

// Config is what a demo is like.
type Config struct {
	// Dir keeps everything; empty: a temporary folder, removed at the end.
	Dir       string
	Listen    string  // of the API; empty: a free port of 127.0.0.1
	Devices   int     // with five sensors each
	Rate      float64 // readings a second of each sensor
	Anomalies float64 // share of readings that lie within one
	Seed      uint64  // of what happens
	// For is how long the fleet lives; 0: until the context ends.
	For time.Duration

	Command []string // starts a node: this program with "node"
	Version string
	// Started, if set, is told where everything is.
	Started func(Place)
	// Progress, if set, is told how it goes after every run, about.
	Progress func(*State)
}

// Validate says all that is wrong at once.
func (c *Config) Validate() error {
	var problems []error
	if c.Devices < 1 || c.Devices > MostDevices {
		problems = append(problems, fmt.Errorf("devices: %d is not between 1 and %d, for which there are models", c.Devices, MostDevices))
	}
	if c.Rate < 1 || c.Rate > 1000 {
		problems = append(problems, fmt.Errorf("rate: %g a second is not between 1 and 1000, as windows of %s need some readings", c.Rate, window))
	}
	if c.Anomalies < 0 || c.Anomalies > 0.5 {
		problems = append(problems, fmt.Errorf("anomalies: %g%% is not between 0%% and 50%%", 100*c.Anomalies))
	}
	return errors.Join(problems...)
}

// fleet is the one that begins at a time. It has fewer late and doubled messages than
// bad networks have, to show that they are dealt with.
func (c *Config) fleet(start time.Time) (*simulate.Fleet, error) {
	f := simulate.Config{
		Devices: c.Devices, Tags: Tags, Rate: c.Rate, Seed: seed, Luck: c.Seed, Start: start.Truncate(time.Millisecond), Prefix: prefix,
		Anomalies: c.Anomalies, AnomalyLength: anomalyLength, Kinds: []simulate.Kind{simulate.Spike, simulate.Shift, simulate.Drift},
		Late: 0.002, LateBy: 3 * time.Second, Duplicates: 0.005,
	}
	if c.Devices < 10 {
		f.Prefix += "0" // names have two digits
	}
	return simulate.New(f)
}

// Place is where a demo is.
type Place struct {
	Dir      string // the folder that everything is in
	Kept     bool   // it stays
	Settings string // the file that tells commands of the service
	Log      string // of the service
	API      string // and the page
	MQTT     string
	Example  fleet.Sensor
}
