package notify

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Kind is what an event tells of.
type Kind string

// The kinds of events. Each names the type of its data.
const (
	RunFinished     Kind = "run.finished"       // RunData
	RunFailed       Kind = "run.failed"         // RunData
	RunCanceled     Kind = "run.canceled"       // RunData
	SensorsUnscored Kind = "sensors.not_scored" // UnscoredData
	AnomaliesFound  Kind = "anomalies.found"    // AnomaliesData
	FormulaFailing  Kind = "formula.failing"    // FormulaData
	FormulaWorks    Kind = "formula.works"      // WorksData
	NodeFailed      Kind = "node.failed"        // NodeData
	// HeldBack sums up what was over a receiver's rate, Test is sent by hand. Who
	// wants them is not asked.
	HeldBack Kind = "notify.held_back" // HeldData
	Test     Kind = "notify.test"      // TestData
)

// Kinds lists the kinds that a receiver may choose.
func Kinds() []Kind {
	return []Kind{RunFinished, RunFailed, RunCanceled, SensorsUnscored, AnomaliesFound, FormulaFailing, FormulaWorks, NodeFailed}
}

// CheckKind says why text is no kind that a receiver may choose, or returns nil.
func CheckKind(text string) error {
	if !slices.Contains(Kinds(), Kind(text)) {
		return fmt.Errorf("%.60q is no event; there are %s", text, kindsText())
	}
	return nil
}

func kindsText() string {
	texts := make([]string, len(Kinds()))
	for i, k := range Kinds() {
		texts[i] = string(k)
	}
	return strings.Join(texts, ", ")
}

// TypePrefix is what the types of all events begin with.
const TypePrefix = "io.github.fleetscore."

// ContentType is that of an event in structured mode.
const ContentType = "application/cloudevents+json; charset=utf-8"

// Event is a CloudEvent 1.0.
type Event struct {
	SpecVersion     string          `json:"specversion"`
	ID              string          `json:"id"`
	Source          string          `json:"source"`
	Type            string          `json:"type"`
	Subject         string          `json:"subject,omitempty"`
	Time            time.Time       `json:"time"`
	DataContentType string          `json:"datacontenttype"`
	Data            json.RawMessage `json:"data"`

	job string // empty: it is of none, and whoever wants its kind gets it
	key string // orders it among those of its receiver
}

// Kind is the end of the event's type.
func (e *Event) Kind() Kind {
	if len(e.Type) < len(TypePrefix) {
		return ""
	}
	return Kind(e.Type[len(TypePrefix):])
}

// newEvent is an event of a kind. Its ID is safe in a header.
func newEvent(kind Kind, id, subject string, at time.Time, data any) (Event, error) {
	text, err := json.Marshal(data)
	if err != nil {
		return Event{}, fmt.Errorf("writing event %s: %w", id, err)
	}
	return Event{
		SpecVersion: "1.0", ID: id, Type: TypePrefix + string(kind), Subject: subject, Time: at.UTC(),
		DataContentType: "application/json", Data: text,
	}, nil
}
