package pool

import (
	"encoding/xml"
	"errors"
	"io"
	"math/rand/v2"
	"strings"
	"testing"
	"time"
)

func compared(t *testing.T, w *Workload, n Nodes, idle time.Duration, own ...string) *Comparison {
	t.Helper()
	var formulas []*Formula
	for _, text := range own {
		formulas = append(formulas, compiled(t, text))
	}
	c, err := Compare(w, n, idle, formulas)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// Once an hour the default takes a tenth of the nodes that are always on, at most, and
// no run begins later.
func TestHourly(t *testing.T) {
	for _, work := range []time.Duration{time.Second, time.Minute, 10 * time.Minute, 40 * time.Minute} {
		n := Nodes{Max: 8, Boot: 90 * time.Second, Hour: 0.1}
		c := compared(t, every(time.Hour, 30, Even(100, work)), n, 10*time.Second)
		on, def := c.Of(AlwaysOn), c.Of(DefaultName)
		if share := def.NodeHours / on.NodeHours; work <= 10*time.Minute && share > 0.1 || share > 0.12 || def.Start.Max > on.Start.Max || c.Keep {
			t.Errorf("%s of work an hour: %.1f %% of the node-hours, begun %+v; %s", work, 100*share, def.Start, c.Conclusion)
		}
	}
}

// Every five minutes, with runs alike that end before the next, none begins or ends
// later with the default than with zero-min, and it is not dearer, but for what idle
// nodes stay longer than they need; and never dearer than always on, nor begun later.
// Where it wants as many nodes as always on has, no run ends later either.
func TestDominates(t *testing.T) {
	r := rand.New(rand.NewPCG(15, 16))
	for range 30 {
		n := Nodes{Max: 1 + r.IntN(12), Boot: time.Duration(1+r.IntN(120)) * time.Second, Hour: 0.1}
		tasks := Even(1+r.IntN(40), time.Duration(1+r.IntN(1200))*time.Second)
		w := every(5*time.Minute, 1, tasks)
		c := compared(t, w, n, 0)
		on, zero, def := c.Of(AlwaysOn), c.Of(ZeroMin), c.Of(DefaultName)
		if zero.Finish.Max+n.Boot.Seconds() > 300 {
			continue // zero-min is not done when the next is due, and saves a start by that
		}
		wide := NodesFor(len(tasks), w.Last["j"].Seconds, n.Boot.Seconds()) >= min(n.Max, len(tasks))
		for i := range def.Each {
			d, z, o := def.Each[i], zero.Each[i], on.Each[i]
			if d.Began > z.Began || d.Ended > z.Ended || d.Began > o.Began || wide && d.Ended > o.Ended {
				t.Fatalf("%+v, %s each of %d: the default %v, zero-min %v, always on %v", n, tasks[0].Time, len(tasks), d, z, o)
			}
		}
		if def.life > zero.life || def.life > on.life {
			t.Fatalf("%+v, %s each of %d: the default takes %d ms of nodes, zero-min %d, always on %d", n, tasks[0].Time, len(tasks), def.life, zero.life, on.life)
		}
	}
}

func TestConclusion(t *testing.T) {
	n := Nodes{Max: 4, Boot: 90 * time.Second, Hour: 0.1}
	hourly := compared(t, every(time.Hour, 1, Even(10, 3*time.Minute)), n, 0)
	often := compared(t, every(2*time.Minute, 1, Even(10, 3*time.Minute)), n, 0)
	if hourly.Keep || !often.Keep || !strings.HasPrefix(hourly.Conclusion, "A run an hour: stop ") || !strings.HasPrefix(often.Conclusion, "A run every 2m: keep ") {
		t.Errorf("%s\n%s", hourly.Conclusion, often.Conclusion)
	}
	if _, err := Compare(&Workload{Length: time.Hour}, n, 0, nil); err == nil {
		t.Error("nothing is compared with nothing")
	}
}

// A plot is XML whatever it is told, and names all alternatives.
func TestPlot(t *testing.T) {
	c := compared(t, every(10*time.Minute, 2, Even(10, 3*time.Minute)), Nodes{Max: 4, Boot: 90 * time.Second, Hour: 0.1}, 10*time.Second, "'<b>&' == '\"' ? 1 : 2", "3")
	c.Alternatives[4].Name = "<script>alert(1)</script>"
	var svg strings.Builder
	if err := c.WritePlot(&svg); err != nil {
		t.Fatal(err)
	}
	names := map[string]bool{}
	decoder, path := xml.NewDecoder(strings.NewReader(svg.String())), ""
	for {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		switch token := token.(type) {
		case xml.StartElement:
			if path = token.Name.Local; path == "script" {
				t.Error("it has a script")
			}
		case xml.CharData:
			names[path+" "+string(token)] = true
		}
	}
	for _, want := range []string{"text always on", "text zero-min", "text default", "text warm", "text formula 2", "title Nodes, cost and latency of a pool, simulated"} {
		if !names[want] {
			t.Errorf("it has no %q", want)
		}
	}
}
