package matrix

import "github.com/fleetscore/fleetscore/fleet"

// Found is a sensor, and what became of it in the last column that is known.
type Found struct {
	Sensor fleet.Sensor
	State  State
}

// Search lists n sensors whose names have a part, which is in lower case, after one.
func (g *Grid) Search(part string, after *fleet.Sensor, n int) []Found {
	from := 0
	if after != nil {
		at, ok := g.Find(*after)
		if from = at; ok {
			from++
		}
	}
	var all []Found
	for i := from; i < len(g.sensors) && len(all) < n && g.last >= 0; i++ {
		if Contains(g.sensors[i], part) {
			all = append(all, Found{g.sensors[i], g.At(i, g.last)})
		}
	}
	return all
}
