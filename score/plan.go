package score

import (
	"iter"
	"math"

	"github.com/fleetscore/fleetscore/score/predictions"
	"github.com/fleetscore/fleetscore/score/readings"
)

// size is when a unit ends: when it holds this many rows or sensors. Uncut leaves a
// sensor in one piece, however large it is.
type size struct {
	rows, sensors int
	uncut         bool
}

// A unit of text is small; one that is a row group of a Parquet file is as large
// as leaves every worker so many units that none waits long for another's last.
const (
	unitRows    = 8192
	unitSensors = 64
	unitsOfFile = 48
)

func (cfg Config) unit(set *readings.Set) size {
	if cfg.Format == CSV || cfg.Layout == predictions.Sensor {
		return size{unitRows, unitSensors, cfg.Foreign != nil}
	}
	rows := min(max(int(set.Rows/unitsOfFile), unitRows), predictions.RowGroupRows)
	return size{rows, rows, cfg.Foreign != nil}
}

// unit is what a worker does in one go.
type unit []piece

// piece is some consecutive blocks of one sensor's readings.
type piece struct {
	series      int
	blocks      []*readings.Block
	first, last bool
	// model is set where several pieces share it.
	model *model
}

// plan cuts set into units, in the order of the sensors.
func plan(set *readings.Set, most size) iter.Seq[unit] {
	return func(yield func(unit) bool) {
		var u unit
		rows := 0
		for i, series := range set.Series {
			p := piece{series: i, first: true}
			blocks := series.Blocks()
			for len(blocks) > 0 || p.first {
				want := most.rows - rows
				if most.uncut {
					want = math.MaxInt
				}
				n, taken := take(blocks, want)
				p.blocks, blocks = blocks[:n], blocks[n:]
				p.last = len(blocks) == 0
				if !p.last && p.model == nil {
					p.model = &model{}
				}
				u, rows = append(u, p), rows+taken
				p.first = false
				if rows >= most.rows || len(u) >= most.sensors {
					if !yield(u) {
						return
					}
					u, rows = nil, 0
				}
			}
		}
		if len(u) > 0 {
			yield(u)
		}
	}
}

// take counts the blocks that reach want rows, and their rows.
func take(blocks []*readings.Block, want int) (n, rows int) {
	for n < len(blocks) && rows < want {
		rows += blocks[n].Len()
		n++
	}
	return n, rows
}
