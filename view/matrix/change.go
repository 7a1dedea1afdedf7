package matrix

import (
	"cmp"
	"slices"
)

// DeviceChange is how a device differs between two columns.
type DeviceChange struct {
	Device    string `json:"device"`
	Anomalous [2]int `json:"anomalous" doc:"sensors, now and before"`
	Failed    [2]int `json:"failed" doc:"sensors that failed, wholly or partly, now and before"`
}

func (d *DeviceChange) size() int {
	return max(d.Anomalous[0]-d.Anomalous[1], d.Anomalous[1]-d.Anomalous[0]) + max(d.Failed[0]-d.Failed[1], d.Failed[1]-d.Failed[0])
}

// Changes counts the sensors that are in another state in column now than in column
// before, by the two ("scored>failed"), and lists the devices that differ most.
func (g *Grid) Changes(now, before, most int) (moved map[string]int, devices []DeviceChange) {
	moved, devices = map[string]int{}, []DeviceChange{}
	d := DeviceChange{}
	end := func() {
		if d.size() > 0 {
			devices = append(devices, d)
		}
	}
	for i := range g.sensors {
		if device := g.sensors[i].Device; device != d.Device {
			end()
			d = DeviceChange{Device: device}
		}
		states := [2]State{g.At(i, now), g.At(i, before)}
		if states[0] != states[1] {
			moved[states[1].String()+">"+states[0].String()]++
		}
		for n, s := range states {
			switch s {
			case Anomalous:
				d.Anomalous[n]++
			case Failed, Partly:
				d.Failed[n]++
			}
		}
	}
	end()
	slices.SortStableFunc(devices, func(a, b DeviceChange) int { return cmp.Compare(b.size(), a.size()) })
	return moved, devices[:min(len(devices), most)]
}
