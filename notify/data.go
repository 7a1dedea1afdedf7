package notify

import (
	"time"

	"github.com/fleetscore/fleetscore/fleet"
)

// About is the run that an event is of.
type About struct {
	Run      string         `json:"run"`
	Job      string         `json:"job"`
	Interval fleet.Interval `json:"interval"`
	Rev      int            `json:"rev,omitempty"`
}

// RunData is that a run is over.
type RunData struct {
	About
	State    string        `json:"state"`
	Origin   string        `json:"origin"`
	Started  time.Time     `json:"started,omitzero"`
	Finished time.Time     `json:"finished"`
	Counts   fleet.Counts  `json:"counts"`
	Causes   []fleet.Group `json:"causes,omitempty"`
	Error    string        `json:"error,omitempty"`
	Note     string        `json:"note,omitempty"`
}

// UnscoredData is which sensors have no prediction, and why.
type UnscoredData struct {
	About
	Sensors int             `json:"sensors"` // without a prediction, less those that are muted
	Muted   int             `json:"muted"`   // muted or acknowledged
	Of      int             `json:"of"`      // sensors that there are
	Causes  []UnscoredGroup `json:"causes"`
	Unknown string          `json:"unknown,omitempty"` // why the sensors are not named, nor mutes regarded
}

// UnscoredGroup is all sensors without a prediction for one cause.
type UnscoredGroup struct {
	Cause    fleet.Cause    `json:"cause"`
	Sensors  int            `json:"sensors"`
	Muted    int            `json:"muted"`
	Example  string         `json:"example,omitempty"` // what was wrong, of one
	Examples []fleet.Sensor `json:"examples,omitempty"`
}

// AnomaliesData is where anomalies are.
type AnomaliesData struct {
	About
	Sensors int         `json:"sensors"` // with anomalies, less those that are muted
	Muted   int         `json:"muted"`   // muted or acknowledged
	Of      int         `json:"of"`      // sensors that there are
	Rows    int64       `json:"rows"`    // anomalous predictions of them all, muted ones too
	Top     []Anomalous `json:"top,omitempty"`
	// Unranked says why Top is not in order, but its sensors are the first by name.
	Unranked string `json:"unranked,omitempty"`
	Unknown  string `json:"unknown,omitempty"` // why the sensors are not named, nor mutes regarded
}

// Anomalous is a sensor with anomalies. Those with the most come first, then those
// with the lowest score.
type Anomalous struct {
	fleet.Sensor
	Rows   int64     `json:"rows,omitempty"`   // anomalous predictions
	Lowest *float64  `json:"lowest,omitempty"` // of their scores
	Last   time.Time `json:"last,omitzero"`    // the time of the last
}

// FormulaData is that the pool's formula fails.
type FormulaData struct {
	Formula string    `json:"formula"`
	Using   string    `json:"using,omitempty"` // the formula that is used instead
	Error   string    `json:"error"`
	Since   time.Time `json:"since"`
}

// WorksData is that the pool has a formula that works, after it was told that one fails.
type WorksData struct {
	Formula string    `json:"formula"`
	Failed  string    `json:"failed"` // the one that failed: the same, or another
	Told    time.Time `json:"told"`   // when it was told last that it fails
}

// NodeData is that nodes did not start.
type NodeData struct {
	Nodes  int       `json:"nodes"` // since the last such event
	Since  time.Time `json:"since"`
	Node   string    `json:"node"` // the last
	Detail string    `json:"detail"`
}

// HeldData sums up the events that were over a receiver's rate.
type HeldData struct {
	Receiver string         `json:"receiver"`
	Events   int            `json:"events"`
	ByKind   map[string]int `json:"by_kind"`
	From     time.Time      `json:"from"` // when the first was made
	To       time.Time      `json:"to"`
	Examples []string       `json:"examples"` // kind and subject
}

// TestData is what is sent by hand.
type TestData struct {
	Receiver string `json:"receiver"`
	Message  string `json:"message"`
}
