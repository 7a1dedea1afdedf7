package predictions

import (
	"github.com/fleetscore/fleetscore/fleet"
	"github.com/fleetscore/fleetscore/score/readings"
)

// Batch is some consecutive readings of one sensor with what the model says of
// them. Score and Anomaly have an entry for each reading of Block. It is read
// while it is encoded, and not kept.
type Batch struct {
	Sensor  fleet.Sensor
	Model   string // digest
	Block   *readings.Block
	Score   []float64
	Anomaly []int8
}

// What Batch.Anomaly holds. A row that was not scored is left out.
const (
	Normal    int8 = 0
	Anomalous int8 = 1
	NotScored int8 = -1
)
