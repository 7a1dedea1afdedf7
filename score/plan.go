package score

import (
	"fmt"
	"iter"

	"github.com/fleetscore/fleetscore/fleet"
	"github.com/fleetscore/fleetscore/score/predictions"
	"github.com/fleetscore/fleetscore/score/readings"
)

// A unit ends when it holds this many rows or sensors.
const (
	unitRows    = 8192
	unitSensors = 64
)

// unit is what a worker does in one go.
type unit []piece

// piece is some consecutive blocks of one sensor's readings.
type piece struct {
	series      int
	blocks      []*readings.Block
	first, last bool
	// model is set where several pieces share it.
	model *model
	// refused is why the sensor is not to be scored at all.
	refused []fleet.Failure
}

// plan cuts set into units, in the order of the sensors.
func plan(set *readings.Set, cfg Config, report *Report) iter.Seq[unit] {
	names := newOutputNames(cfg)
	return func(yield func(unit) bool) {
		var u unit
		rows := 0
		for i, series := range set.Series {
			p := piece{series: i, first: true, refused: names.claim(series.Sensor, report.Results[i].Readings)}
			blocks := series.Blocks()
			if series.Rows() > unitRows {
				p.model = &model{}
			}
			for len(blocks) > 0 || p.first {
				n, taken := take(blocks, unitRows-rows)
				p.blocks, blocks = blocks[:n], blocks[n:]
				p.last = len(blocks) == 0
				u, rows = append(u, p), rows+taken
				p.first = false
				if rows >= unitRows || len(u) >= unitSensors {
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
		rows += len(blocks[n].Values)
		n++
	}
	return n, rows
}

// outputNames finds sensors that would write the same file: a template such as
// preds_{device}_{tag} gives one name to a_b, c and to a, b_c.
type outputNames struct {
	cfg   Config
	taken map[string]fleet.Sensor
}

func newOutputNames(cfg Config) *outputNames {
	if cfg.Layout == predictions.Single {
		return &outputNames{}
	}
	return &outputNames{cfg, make(map[string]fleet.Sensor)}
}

func (n *outputNames) claim(s fleet.Sensor, rows int64) []fleet.Failure {
	if n.taken == nil {
		return nil
	}
	key := n.cfg.OutputName.Expand(s)
	if other, ok := n.taken[key]; ok {
		return fail(fleet.NameClash, rows, fmt.Errorf(
			"%s would be written to %s, the file of %s; give an --out-name that keeps them apart, such as {device}/{tag}", s, key, other))
	}
	n.taken[key] = s
	return nil
}
