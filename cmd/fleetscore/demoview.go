package main

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"github.com/fleetscore/fleetscore/app/demo"
	"github.com/fleetscore/fleetscore/simulate"
)

// demoView writes how a demo goes, in lines.
type demoView struct {
	w       io.Writer
	colour  bool
	config  *demo.Config
	program string // as a user starts it
	kept    string // the settings in the folder that stays
	before  demo.State
	run     string // that was told last
}

func newDemoView(cmd *cobra.Command, c *demo.Config, asJSON bool) *demoView {
	v := &demoView{w: cmd.OutOrStdout(), config: c, program: "fleetscore"}
	if _, err := exec.LookPath(v.program); err != nil { // it was not installed; by go run, say
		v.program = c.Command[0]
	}
	if asJSON {
		v.w = cmd.ErrOrStderr()
	}
	v.colour = isTerminal(v.w) && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"
	return v
}

// paint has a terminal show a text in a colour.
func (v *demoView) paint(colour, text string) string {
	if !v.colour {
		return text
	}
	return "\x1b[" + colour + "m" + text + "\x1b[0m"
}

// Colours.
const (
	bold  = "1"
	faint = "2"
	red   = "31"
	green = "32"
)

func percent(share float64) string {
	text, _ := simulate.Share(share).MarshalText() // never fails
	return string(text)
}

// started says what there is, and where.
func (v *demoView) started(p demo.Place) {
	c := v.config
	sensors := int64(c.Devices * demo.Tags)
	fmt.Fprintf(v.w, "%d devices with %s sensors, each with a model of its own, send %s readings/s; %s of them are anomalous\n",
		c.Devices, withCommas(sensors), withCommas(int64(float64(sensors)*c.Rate)), percent(c.Anomalies))
	stays := "is removed at the end; --data DIR keeps it"
	if p.Kept {
		stays, v.kept = "stays", p.Settings
	}
	fmt.Fprintf(v.w, `  page and API  %s
  MQTT          %s
  folder        %s, which %s; %s is the service's log
Look, from another terminal:
`, v.paint(bold, p.API), p.MQTT, p.Dir, stays, filepath.Base(p.Log))
	for _, command := range []string{
		"run list", "nodes", "stream status",
		"window show " + p.Example.Device + " " + p.Example.Tag + " --last 1m",
		"predictions sensors " + demo.Job + " --fate anomalous",
	} {
		fmt.Fprintf(v.w, "  %s %s --config %s\n", v.program, command, p.Settings)
	}
	fmt.Fprint(v.w, "Ctrl-C ends it.\n\n")
}

// mostNews is how many findings are told at a time.
const mostNews = 4

func (v *demoView) progress(s *demo.State) {
	seconds := max(s.Seconds-v.before.Seconds, 0.001)
	perSecond := int64(float64(s.Readings.Acknowledged-v.before.Readings.Acknowledged)/seconds + 0.5)
	v.before = *s
	at := time.Duration(s.Seconds * float64(time.Second)).Round(time.Second).String()
	fmt.Fprintf(v.w, "%6s  readings: %s/s acknowledged, %s in all · windows: %s closed · nodes: %d now, %d came, %d went\n",
		at, withCommas(perSecond), withCommas(s.Readings.Acknowledged), withCommas(int64(s.Windows.Closed)), s.Nodes.Now, s.Nodes.Started, s.Nodes.Ended)
	if r := s.Last; r != nil && r.ID != v.run {
		v.run = r.ID
		fmt.Fprintf(v.w, "        run of %s: %s in %s, %d of %s sensors anomalous\n",
			span(r.Interval), r.State, between(r.Started, r.Finished), r.Anomalies, withCommas(int64(r.Scored)))
	}
	for i, n := range s.News {
		if i == mostNews {
			fmt.Fprintf(v.w, "        … and %d more\n", len(s.News)-i)
			break
		}
		v.news(&n)
	}
	v.verdict(s)
}

func (v *demoView) news(n *demo.Finding) {
	what := fmt.Sprintf("%s of %s %s", n.Kind, n.Device, n.Tag)
	if n.Found {
		fmt.Fprintf(v.w, "        %s %s, %.0f s after it began\n", v.paint(green, "found:"), what, n.After.Seconds())
	} else {
		fmt.Fprintf(v.w, "        %s %s\n", v.paint(red, "missed:"), what)
	}
}

func (v *demoView) verdict(s *demo.State) {
	a := &s.Anomalies
	missed, alarms := fmt.Sprintf("%d missed", a.Missed), fmt.Sprintf("%d false alarms", a.FalseAlarms)
	if a.Missed > 0 {
		missed = v.paint(red, missed)
	}
	if a.FalseAlarms > 0 {
		alarms = v.paint(red, alarms)
	}
	text := fmt.Sprintf("anomalies: %d planted, %s, %s, %s", a.Planted, v.paint(green, fmt.Sprintf("%d found", a.Found)), missed, alarms)
	if a.Unscored > 0 {
		text += v.paint(faint, fmt.Sprintf(", %d not yet scored", a.Unscored))
	}
	fmt.Fprintf(v.w, "        %s\n", text)
}

func (v *demoView) end(s *demo.State) {
	if s.Seconds == 0 {
		return // it was told to end before it had begun
	}
	fmt.Fprintf(v.w, "\n%s of %s readings acknowledged; %s windows closed; %s, %d of them failed; %s came, %d went\n",
		withCommas(s.Readings.Acknowledged), withCommas(s.Readings.Sent), withCommas(int64(s.Windows.Closed)),
		plural(s.Runs.Succeeded+s.Runs.Failed, "run"), s.Runs.Failed, plural(s.Nodes.Started, "node"), s.Nodes.Ended)
	v.verdict(s)
	if v.kept != "" {
		fmt.Fprintf(v.w, "everything is kept; go on with it: %s up --config %s\n", v.program, v.kept)
	}
}
