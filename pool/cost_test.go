package pool

import (
	"math"
	"testing"
	"time"

	"github.com/fleetscore/fleetscore/fleet"
)

func TestNodeSeconds(t *testing.T) {
	at := func(s float64) time.Time { return time.Unix(1000, 0).Add(time.Duration(s * float64(time.Second))) }
	node := func(id string, start, ready, end float64, done int) fleet.Node {
		return fleet.Node{ID: id, Started: at(start), Ready: at(ready), Ended: at(end), Done: done}
	}
	for name, c := range map[string]struct {
		worked []Worked
		nodes  []fleet.Node
		want   fleet.NodeSeconds
	}{
		"nothing": {nil, []fleet.Node{node("other", 0, 1, 2, 1)}, fleet.NodeSeconds{}},
		"its own node, tasks that overlap": {
			[]Worked{{"a", at(10), at(14)}, {"a", at(12), at(16)}, {"a", at(13), at(15)}, {"a", at(20), at(21)}},
			[]fleet.Node{node("a", 0, 9, 30, 4)}, fleet.NodeSeconds{Busy: 7, Boot: 9, Idle: 14, Total: 30},
		},
		"half of a node": {
			[]Worked{{"a", at(10), at(12)}}, []fleet.Node{node("a", 0, 8, 20, 2)}, fleet.NodeSeconds{Busy: 2, Boot: 4, Idle: 4, Total: 10, Estimated: true},
		},
		"a node that is still there": {
			[]Worked{{"a", at(10), time.Time{}}}, []fleet.Node{{ID: "a", Started: at(0), Ready: at(8), Tasks: 1}}, fleet.NodeSeconds{Busy: 90, Boot: 8, Idle: 2, Total: 100, Estimated: true},
		},
		"a node that is not known": {[]Worked{{"gone", at(1), at(3)}}, nil, fleet.NodeSeconds{Busy: 2, Total: 2, Estimated: true}},
		"no node, or none yet":     {[]Worked{{"", at(1), at(3)}, {"a", time.Time{}, at(3)}, {"a", at(3), at(1)}}, []fleet.Node{node("a", 0, 1, 2, 1)}, fleet.NodeSeconds{}},
	} {
		if got := nodeSeconds(c.worked, c.nodes, at(100)); got != c.want {
			t.Errorf("%s: %+v, want %+v", name, got, c.want)
		}
	}
}

func TestMoney(t *testing.T) {
	used := fleet.Usage{Gets: 20_000, Puts: 10_000, Lists: 5000, Read: 2e9, Written: 4e9}
	if c := CostOf(nil, nil, used, 3, Prices{Currency: "EUR"}, time.Now()); c.Money != nil || c.Old.Money != nil || c.Store != used || c.Old.Nodes != 213 || c.Old.Store != (fleet.Usage{Gets: 3, Puts: 3}) {
		t.Errorf("without prices: %+v", c)
	}
	p := Prices{NodeHour: 3.6, Put: 1, Get: 10, List: 100, GBMonth: 0.25, Egress: 0.5, Currency: "CHF"}
	m := p.money(1000, used)
	if m.Nodes != 1 || math.Abs(m.Store-(1+20+50+1+1)) > 1e-9 || m.Total != m.Nodes+m.Store || m.Currency != "CHF" {
		t.Errorf("%+v", m)
	}
}
