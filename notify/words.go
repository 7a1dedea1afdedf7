package notify

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/fleetscore/fleetscore/fleet"
	"github.com/fleetscore/fleetscore/internal/counted"
)

// words says an event to people.
func words(e *Event) (*notice, error) {
	n := &notice{}
	var err error
	switch e.Kind() {
	case RunFinished, RunFailed, RunCanceled:
		err = say(e, n.run)
	case SensorsUnscored:
		err = say(e, n.unscored)
	case AnomaliesFound:
		err = say(e, n.anomalies)
	case FormulaFailing:
		err = say(e, n.formula)
	case FormulaWorks:
		err = say(e, n.works)
	case NodeFailed:
		err = say(e, n.node)
	case HeldBack:
		err = say(e, n.held)
	case Test:
		err = say(e, func(d *TestData) { n.title = d.Message })
	default:
		n.title = e.Type
	}
	n.title = plain(n.title, maxTitle)
	n.foot = plain("fleetscore · "+string(e.Kind())+" · "+e.ID+" · "+e.Time.UTC().Format(time.RFC3339), maxLine)
	return n, err
}

func say[T any](e *Event, how func(*T)) error {
	var data T
	if err := json.Unmarshal(e.Data, &data); err != nil {
		return fmt.Errorf("event %s is damaged: %w", e.ID, err)
	}
	how(&data)
	return nil
}

func (n *notice) of(a *About) {
	n.line("%s to %s, run %s", a.Interval.From.UTC().Format(time.RFC3339), a.Interval.To.UTC().Format(time.RFC3339), a.Run)
}

func (n *notice) run(d *RunData) {
	switch d.State {
	case "succeeded":
		n.title = fmt.Sprintf("Job %s has run: %s scored, %s", d.Job, counted.Of(d.Counts.Scored, "sensor"), counted.Of(d.Counts.Anomalies, "anomaly"))
	case "canceled":
		n.title = fmt.Sprintf("A run of job %s was canceled", d.Job)
	default:
		n.title = fmt.Sprintf("A run of job %s has failed", d.Job)
	}
	n.of(&d.About)
	if d.Error != "" {
		n.line("%s", d.Error)
	}
	if d.Note != "" {
		n.line("%s", d.Note)
	}
	for _, g := range d.Causes {
		n.line("%s: %s, such as %s", g.Cause, counted.Of(g.Sensors, "sensor"), g.Example)
	}
}

func (n *notice) unscored(d *UnscoredData) {
	n.title = fmt.Sprintf("%d of %d sensors were not scored by job %s", d.Sensors, d.Of, d.Job)
	n.of(&d.About)
	for _, g := range d.Causes {
		if g.Sensors == 0 {
			continue
		}
		n.line("%s: %s%s", g.Cause, counted.Of(g.Sensors, "sensor"), list(g.Examples, g.Sensors))
		if g.Example != "" {
			n.line("such as: %s", g.Example)
		}
	}
	n.rest(d.Muted, d.Unknown)
}

func (n *notice) anomalies(d *AnomaliesData) {
	n.title = fmt.Sprintf("Anomalies in %d of %d sensors, says job %s", d.Sensors, d.Of, d.Job)
	if d.Unknown != "" {
		n.title = fmt.Sprintf("%s, says job %s", counted.Of(d.Rows, "anomalous prediction"), d.Job)
	}
	n.of(&d.About)
	for _, s := range d.Top {
		name := plain(s.String(), maxSensor)
		switch {
		case s.Rows > 0 && s.Lowest != nil:
			n.line("%s: %s, lowest score %.4g, last at %s", name, counted.Of(s.Rows, "anomaly"), *s.Lowest, s.Last.UTC().Format(time.RFC3339))
		case s.Rows > 0:
			n.line("%s: %s, last at %s", name, counted.Of(s.Rows, "anomaly"), s.Last.UTC().Format(time.RFC3339))
		default:
			n.line("%s", name)
		}
	}
	if more := d.Sensors - len(d.Top); more > 0 {
		n.line("… and %d more", more)
	}
	n.rest(d.Muted, d.Unknown)
}

func (n *notice) rest(muted int, unknown string) {
	if muted > 0 {
		n.line("muted or acknowledged: %d more", muted)
	}
	if unknown != "" {
		n.line("%s", unknown)
	}
}

func list(examples []fleet.Sensor, of int) string {
	if len(examples) == 0 {
		return ""
	}
	names := make([]string, len(examples))
	for i, s := range examples {
		names[i] = plain(s.String(), maxSensor)
	}
	text := ": " + strings.Join(names, ", ")
	if len(names) < of {
		text += ", …"
	}
	return text
}

func (n *notice) formula(d *FormulaData) {
	n.title = "The formula of the pool fails"
	n.line("%s", d.Formula)
	n.line("%s", d.Error)
	if d.Using != "" {
		n.line("used instead, since %s: %s", d.Since.UTC().Format(time.RFC3339), d.Using)
	}
}

func (n *notice) works(d *WorksData) {
	n.title = "The formula of the pool works again"
	n.line("%s", d.Formula)
	if d.Failed != d.Formula {
		n.line("instead of the one that failed: %s", d.Failed)
	}
	n.line("that it failed was told at %s", d.Told.UTC().Format(time.RFC3339))
}

func (n *notice) node(d *NodeData) {
	n.title = "A node did not start"
	if d.Nodes > 1 {
		n.title = fmt.Sprintf("%d nodes did not start since %s", d.Nodes, d.Since.UTC().Format(time.RFC3339))
	}
	n.line("%s: %s", d.Node, d.Detail)
}

func (n *notice) held(d *HeldData) {
	n.title = fmt.Sprintf("%s more, over the rate of this receiver", counted.Of(d.Events, "event"))
	n.line("from %s to %s", d.From.UTC().Format(time.RFC3339), d.To.UTC().Format(time.RFC3339))
	for _, kind := range slices.Sorted(maps.Keys(d.ByKind)) {
		n.line("%s: %d", kind, d.ByKind[kind])
	}
	for _, example := range d.Examples {
		n.line("%s", example)
	}
}
