package notify

import (
	"fmt"
	"strings"
)

// The templates of webhooks.
const (
	CloudEvents = "cloudevents" // the event itself
	Slack       = "slack"       // an incoming webhook of Slack
	Teams       = "teams"       // a workflow of Microsoft Teams that takes a card
)

// renderer writes an event as a receiver wants it.
type renderer func(e *Event, body []byte) (contentType string, out []byte, err error)

func rendererOf(template string) (renderer, error) {
	switch template {
	case "", CloudEvents:
		return func(_ *Event, body []byte) (string, []byte, error) { return ContentType, body, nil }, nil
	case Slack:
		return slack, nil
	case Teams:
		return teams, nil
	}
	return nil, fmt.Errorf("%.60q is no template; there are %s", template, strings.Join([]string{CloudEvents, Slack, Teams}, ", "))
}

// notice is an event in words, for people: none has a control character, and all
// are of bounded length.
type notice struct {
	title string
	lines []string
	foot  string
}

// Bounds of a notice, in characters, and lines.
const (
	maxTitle  = 140
	maxLine   = 300
	maxSensor = 80
	maxLines  = 24
)

func (n *notice) line(format string, args ...any) {
	switch {
	case len(n.lines) < maxLines:
		n.lines = append(n.lines, plain(fmt.Sprintf(format, args...), maxLine))
	case len(n.lines) == maxLines:
		n.lines = append(n.lines, "…")
	}
}
