package pool

import (
	"cmp"
	"fmt"
	"html"
	"io"
	"math"
	"slices"
	"strings"
	"time"
)

// Sizes of a plot, in pixels.
const (
	plotWidth  = 960
	plotLeft   = 150 // of names
	plotRight  = 20
	laneHeight = 56
	laneGap    = 14
	barHeight  = 14
	barGap     = 8
)

// plot writes an SVG.
type plot struct {
	strings.Builder
	y int
}

// WritePlot draws a comparison as an SVG that is dark where its reader is: nodes over
// the time of a few runs, and what the alternatives cost and how late they are.
func (c *Comparison) WritePlot(w io.Writer) error {
	p := &plot{y: 92}
	from, to := c.window()
	lanes := len(c.Alternatives)
	height := p.y + lanes*(laneHeight+laneGap) + 60 + 2*(lanes*(barHeight+barGap)+50)
	fmt.Fprintf(p, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%d" height="%d" role="img" aria-labelledby="title desc">
<title id="title">Nodes, cost and latency of a pool, simulated</title>
<desc id="desc">%s</desc>
<style>
svg { --ink: #1f2328; --soft: #59636e; --line: #d1d9e0; --back: #ffffff; --nodes: #9ec5f4; --busy: #1f6feb; --late: #bf6a02; }
@media (prefers-color-scheme: dark) { svg { --ink: #f0f6fc; --soft: #9198a1; --line: #3d444d; --back: #0d1117; --nodes: #1f4b80; --busy: #58a6ff; --late: #e3a04a; } }
text { font: 13px system-ui, sans-serif; fill: var(--ink); } .soft { fill: var(--soft); font-size: 12px; } .head { font-weight: 600; }
.back { fill: var(--back); } .axis { stroke: var(--line); } .nodes { fill: var(--nodes); } .busy { fill: var(--busy); } .late { fill: var(--late); }
</style>
<rect class="back" width="%d" height="%d"/>
`, plotWidth, height, plotWidth, height, html.EscapeString(c.Conclusion), plotWidth, height)
	for i, line := range wrapped(c.Conclusion, 135) {
		p.text(plotRight, 24+18*i, "", line)
	}
	p.text(plotRight, p.y, "head", "Nodes of "+lasting((to-from).Seconds()))
	for i, of := range []struct{ class, what string }{{"nodes", "are there"}, {"busy", "are at work"}, {"late", "a run is due"}} {
		x := plotLeft + 20 + 120*i
		fmt.Fprintf(p, "<rect class=\"%s\" x=\"%d\" y=\"%d\" width=\"12\" height=\"12\"/>\n", of.class, x, p.y-11)
		p.text(x+18, p.y, "soft", of.what)
	}
	p.y += 12
	most := 1
	for _, a := range c.Alternatives {
		most = max(most, a.Most)
	}
	for i := range c.Alternatives {
		p.lane(&c.Alternatives[i], from, to, most)
	}
	p.times(from, to)
	p.bars(c, "Cost", p.cost(c))
	p.bars(c, "Latency, 95 % of runs", p.latency(c))
	p.WriteString("</svg>\n")
	_, err := io.WriteString(w, p.String())
	return err
}

// window is the stretch of time that is shown: a few runs in the middle.
func (c *Comparison) window() (from, to time.Duration) {
	length := min(max(4*c.Gap, 10*time.Minute), c.Length)
	from = max(c.Length/2-length/2, 0)
	if each := c.Alternatives[0].Each; len(each) > 0 { // begin between two runs
		i, _ := slices.BinarySearchFunc(each, from, func(r RunTime, at time.Duration) int { return cmp.Compare(r.Due, at) })
		from = max(min(each[min(i, len(each)-1)].Due-c.Gap/2, c.Length-length), 0)
	}
	return from, from + length
}

func (p *plot) text(x, y int, class, text string) {
	fmt.Fprintf(p, "<text x=\"%d\" y=\"%d\" class=\"%s\">%s</text>\n", x, y, class, html.EscapeString(text))
}

func across(at, from, to time.Duration) float64 {
	return plotLeft + float64(at-from)/float64(to-from)*(plotWidth-plotLeft-plotRight)
}

// lane draws the nodes of an alternative over time.
func (p *plot) lane(a *Alternative, from, to time.Duration, most int) {
	bottom := p.y + laneHeight
	p.text(plotRight, p.y+22, "", short(a.Name))
	p.text(plotRight, p.y+40, "soft", fmt.Sprintf("at most %d", a.Most))
	p.area("nodes", a.Timeline, from, to, bottom, most, func(s Step) int { return s.Nodes })
	p.area("busy", a.Timeline, from, to, bottom, most, func(s Step) int { return s.Busy })
	fmt.Fprintf(p, "<line class=\"axis\" x1=\"%d\" x2=\"%d\" y1=\"%d\" y2=\"%d\"/>\n", plotLeft, plotWidth-plotRight, bottom, bottom)
	for _, r := range a.Each {
		if r.Due >= from && r.Due <= to {
			fmt.Fprintf(p, "<path class=\"late\" d=\"M%.1f %d l3 5 h-6 z\"/>\n", across(r.Due, from, to), bottom+1)
		}
	}
	p.y += laneHeight + laneGap
}

// area draws steps as a filled area.
func (p *plot) area(class string, steps []Step, from, to time.Duration, bottom, most int, of func(Step) int) {
	height := func(s Step) float64 {
		return float64(bottom) - float64(of(s))/float64(most)*(laneHeight-4)
	}
	first, found := slices.BinarySearchFunc(steps, from, func(s Step, at time.Duration) int { return cmp.Compare(s.At, at) })
	if !found && first > 0 {
		first-- // which lasts until then
	}
	fmt.Fprintf(p, "<path class=\"%s\" d=\"M%.1f %d", class, across(from, from, to), bottom)
	for _, s := range steps[first:] {
		if s.At > to {
			break
		}
		fmt.Fprintf(p, "H%.1fV%.1f", across(max(s.At, from), from, to), height(s))
	}
	fmt.Fprintf(p, "H%.1fV%dz\"/>\n", across(to, from, to), bottom)
}

// times writes when it is, from the beginning of what is shown.
func (p *plot) times(from, to time.Duration) {
	for i := range 5 {
		at := from + (to-from)*time.Duration(i)/4
		fmt.Fprintf(p, "<text class=\"soft\" text-anchor=\"%s\" x=\"%.1f\" y=\"%d\">%s</text>\n",
			[]string{"start", "middle", "middle", "middle", "end"}[i], across(at, from, to), p.y+8, lasting((at - from).Seconds()))
	}
	p.y += 50
}

// bar is a value, and a further one of which it is a part.
type bar struct {
	value, whole float64
	label        string
}

func (p *plot) cost(c *Comparison) []bar {
	var bars []bar
	for _, a := range c.Alternatives {
		label := fmt.Sprintf("%s node-hours, %.0f %% of them at work", hours(a.NodeHours), 100*a.Busy)
		if c.Nodes.Hour > 0 {
			label = fmt.Sprintf("%.2f, ", a.Money) + label
		}
		bars = append(bars, bar{a.NodeHours * a.Busy, a.NodeHours, label})
	}
	return bars
}

func (p *plot) latency(c *Comparison) []bar {
	var bars []bar
	for _, a := range c.Alternatives {
		bars = append(bars, bar{a.Start.P95, a.Finish.P95, fmt.Sprintf("begun %s, done %s after it was due", lasting(a.Start.P95), lasting(a.Finish.P95))})
	}
	return bars
}

// bars draws a bar for each alternative.
func (p *plot) bars(c *Comparison, title string, bars []bar) {
	p.text(plotRight, p.y, "head", title)
	p.y += 12
	most := math.SmallestNonzeroFloat64
	for _, b := range bars {
		most = max(most, b.whole)
	}
	const room = plotWidth - plotLeft - plotRight - 340 // and the labels
	for i, b := range bars {
		p.text(plotRight, p.y+barHeight-2, "", short(c.Alternatives[i].Name))
		fmt.Fprintf(p, "<rect class=\"nodes\" x=\"%d\" y=\"%d\" width=\"%.1f\" height=\"%d\"/>\n", plotLeft, p.y, b.whole/most*room, barHeight)
		fmt.Fprintf(p, "<rect class=\"busy\" x=\"%d\" y=\"%d\" width=\"%.1f\" height=\"%d\"/>\n", plotLeft, p.y, b.value/most*room, barHeight)
		fmt.Fprintf(p, "<text class=\"soft\" x=\"%.1f\" y=\"%d\">%s</text>\n", plotLeft+b.whole/most*room+8, p.y+barHeight-3, html.EscapeString(b.label))
		p.y += barHeight + barGap
	}
	p.y += 38
}

// short is a name that fits beside a lane.
func short(name string) string {
	if r := []rune(name); len(r) > 18 {
		return string(r[:17]) + "…"
	}
	return name
}

// wrapped breaks a text into lines.
func wrapped(text string, width int) []string {
	var lines []string
	line := ""
	for word := range strings.FieldsSeq(text) {
		if line != "" && len(line)+1+len(word) > width {
			lines, line = append(lines, line), ""
		}
		line = strings.TrimSpace(line + " " + word)
	}
	return append(lines, line)
}
