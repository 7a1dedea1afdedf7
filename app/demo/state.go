package demo

import (
	"github.com/fleetscore/fleetscore/simulate"
	"github.com/fleetscore/fleetscore/web"
)

// State is how a demo goes.
type State struct {
	Seconds   float64         `json:"seconds"` // since the fleet began
	Sensors   int             `json:"sensors"`
	Readings  simulate.Counts `json:"readings"`
	Windows   Windows         `json:"windows"`
	Runs      Runs            `json:"runs"`
	Nodes     Nodes           `json:"nodes"`
	Anomalies Verdict         `json:"anomalies"`

	Last *web.Run  `json:"-"` // the run of the newest interval
	News []Finding `json:"-"` // since the state before
}

// Windows counts windows, and readings that needed care.
type Windows struct {
	Closed     uint64 `json:"closed"`
	Revised    uint64 `json:"revised"`
	Duplicates uint64 `json:"duplicates"` // readings that had come before
	Late       uint64 `json:"late"`       // readings that came too late to count
}

// since are those that came after others were counted.
func (w Windows) since(before Windows) Windows {
	return Windows{
		Closed: w.Closed - before.Closed, Revised: w.Revised - before.Revised,
		Duplicates: w.Duplicates - before.Duplicates, Late: w.Late - before.Late,
	}
}

// Runs counts runs.
type Runs struct {
	Succeeded int `json:"succeeded"`
	Failed    int `json:"failed"`
}

// Nodes counts nodes.
type Nodes struct {
	Now     int `json:"now"`
	Started int `json:"started"`
	Ended   int `json:"ended"` // of those that were started
}
