package run

import (
	"slices"

	"github.com/fleetscore/fleetscore/fleet"
)

// weight is a sensor that is known before a run: where it lies in its partition,
// and what it is expected to take, in seconds of a core.
type weight struct {
	spread uint32
	cost   float32
}

// limits say how a fleet is cut into parts.
type limits struct {
	target  float64 // seconds of a part
	sensors int     // in a part, at most; 0: no limit
}

// limitsOf balance two aims: enough parts that no node waits long for another's
// last, and parts that are worth their start. Where every task reads the same
// files, which takes shared seconds, what it does with them should take longer.
func limitsOf(job *Job, total, shared float64, nodes int) limits {
	const perNode = 6
	target := max(job.TaskSeconds, total/float64(max(nodes, 1)*perNode), 4*shared)
	return limits{target: target, sensors: job.MaxSensors}
}

// sized is a part and what it is expected to take.
type sized struct {
	fleet.Part
	cost    float64
	sensors int // that are known
}

// cut divides a fleet into parts: some partitions together, or a range of one.
// Every partition is in a part, whether sensors of it are known or not.
func cut(partitions [][]weight, most limits) []sized {
	var parts []sized
	open := sized{Part: fleet.Part{High: ^uint32(0)}}
	known := 0
	flush := func() {
		if len(open.Partitions) > 0 {
			open.sensors = known
			parts = append(parts, open)
		}
		open, known = sized{Part: fleet.Part{High: ^uint32(0)}}, 0
	}
	for p, weights := range partitions {
		cost := sum(weights)
		if cost > 1.5*most.target && len(weights) > 1 || most.sensors > 0 && len(weights) > most.sensors {
			parts = append(parts, cutOne(p, weights, most)...)
			continue
		}
		if len(open.Partitions) > 0 && (open.cost+cost > 1.25*most.target || most.sensors > 0 && known+len(weights) > most.sensors) {
			flush()
		}
		open.Partitions = append(open.Partitions, p)
		open.cost += cost
		known += len(weights)
	}
	flush()
	return parts
}

// cutOne cuts a partition into ranges. Sensors of the same spread stay together.
func cutOne(p int, weights []weight, most limits) []sized {
	slices.SortFunc(weights, func(a, b weight) int { return int(int64(a.spread) - int64(b.spread)) })
	cost := sum(weights)
	pieces := max(int(cost/most.target+0.5), 1)
	share := cost / float64(pieces)
	var parts []sized
	at := sized{Part: fleet.Part{Partitions: []int{p}}}
	n := 0
	for i, w := range weights {
		at.cost += float64(w.cost)
		n++
		if i+1 < len(weights) && weights[i+1].spread != w.spread && (at.cost >= share || n == most.sensors) {
			at.High, at.sensors = w.spread, n
			parts = append(parts, at)
			at, n = sized{Part: fleet.Part{Partitions: []int{p}, Low: w.spread + 1}}, 0
		}
	}
	at.High, at.sensors = ^uint32(0), n
	return append(parts, at)
}

func sum(weights []weight) (total float64) {
	for _, w := range weights {
		total += float64(w.cost)
	}
	return total
}

// splitInto is into how many pieces a task is split that killed its nodes.
const splitInto = 16

// split divides a part among its known sensors, of which there is more than one:
// into ranges that hold about as many each, or, where all are of one spread or
// are few, sensors that stand alone and the rest without them.
func split(part fleet.Part, known []fleet.Sensor, partitions int) []fleet.Part {
	if len(known) <= splitInto {
		pieces := make([]fleet.Part, 0, len(known)+1)
		for _, s := range known {
			pieces = append(pieces, fleet.Part{Partitions: []int{fleet.Partition(s.Device, partitions)}, High: ^uint32(0), Only: &s})
		}
		part.Except = append(slices.Clone(part.Except), known...)
		return append(pieces, part) // sensors that nobody knows yet
	}
	if len(part.Partitions) > 1 {
		return splitPartitions(part)
	}
	spreads := make([]uint32, len(known))
	for i, s := range known {
		spreads[i] = fleet.Spread(s)
	}
	slices.Sort(spreads)
	var pieces []fleet.Part
	low := part.Low
	for i := 1; i < splitInto; i++ {
		high := spreads[i*len(spreads)/splitInto]
		if high < low || high >= part.High {
			continue
		}
		pieces = append(pieces, fleet.Part{Partitions: part.Partitions, Low: low, High: high, Except: part.Except})
		low = high + 1
	}
	return append(pieces, fleet.Part{Partitions: part.Partitions, Low: low, High: part.High, Except: part.Except})
}

// splitPartitions divides a part of several partitions, which is of whole ones.
func splitPartitions(part fleet.Part) []fleet.Part {
	n := min(splitInto, len(part.Partitions))
	pieces := make([]fleet.Part, n)
	for i := range pieces {
		pieces[i] = part
		pieces[i].Partitions = part.Partitions[i*len(part.Partitions)/n : (i+1)*len(part.Partitions)/n]
	}
	return pieces
}
