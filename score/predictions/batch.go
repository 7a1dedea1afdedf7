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

// Columns say which columns predictions have beside those that all have.
type Columns struct {
	Unit     readings.Unit // of time, in Parquet
	Device   bool          // a row is of a device, and there is no tag
	Features []string      // names of the values, in the order of a row
	Integers []bool        // which features CSV writes as integers
	// Run and Rev are the same in every row, in columns of their own; without a
	// Run there are none.
	Run string
	Rev int
}

// ColumnsOf are the columns for predictions from set.
func ColumnsOf(set *readings.Set) Columns {
	return Columns{Unit: set.Unit, Device: set.Device, Features: set.Features, Integers: set.Integers}
}

// What Batch.Anomaly holds. A row that was not scored is left out.
const (
	Normal    int8 = 0
	Anomalous int8 = 1
	NotScored int8 = -1
)
