package notify

import (
	"encoding/json"
	"fmt"
	"strings"
)

// teamsMessage is what a workflow of Teams takes that posts a card: a message with
// an Adaptive Card. All text is in text runs, in which no Markdown is.
type teamsMessage struct {
	Type        string            `json:"type"`
	Attachments []teamsAttachment `json:"attachments"`
}

type teamsAttachment struct {
	ContentType string    `json:"contentType"`
	Content     teamsCard `json:"content"`
}

type teamsCard struct {
	Schema  string       `json:"$schema"`
	Type    string       `json:"type"`
	Version string       `json:"version"`
	Body    []teamsBlock `json:"body"`
}

type teamsBlock struct {
	Type    string     `json:"type"`
	Spacing string     `json:"spacing,omitempty"`
	Inlines []teamsRun `json:"inlines"`
}

type teamsRun struct {
	Type     string `json:"type"`
	Text     string `json:"text"`
	Size     string `json:"size,omitempty"`
	Weight   string `json:"weight,omitempty"`
	IsSubtle bool   `json:"isSubtle,omitempty"`
}

func teams(e *Event, _ []byte) (string, []byte, error) {
	n, err := words(e)
	if err != nil {
		return "", nil, err
	}
	block := func(run teamsRun, spacing string) teamsBlock {
		run.Type, run.Text = "TextRun", teamsEscape(run.Text)
		return teamsBlock{Type: "RichTextBlock", Spacing: spacing, Inlines: []teamsRun{run}}
	}
	card := teamsCard{Schema: "http://adaptivecards.io/schemas/adaptive-card.json", Type: "AdaptiveCard", Version: "1.4"}
	card.Body = append(card.Body, block(teamsRun{Text: n.title, Size: "Large", Weight: "Bolder"}, ""))
	for _, line := range n.lines {
		card.Body = append(card.Body, block(teamsRun{Text: line}, "Small"))
	}
	card.Body = append(card.Body, block(teamsRun{Text: n.foot, Size: "Small", IsSubtle: true}, ""))
	body, err := json.Marshal(teamsMessage{Type: "message", Attachments: []teamsAttachment{{"application/vnd.microsoft.card.adaptive", card}}})
	if err != nil {
		return "", nil, fmt.Errorf("writing a card to Teams: %w", err)
	}
	return "application/json", body, nil
}

// teamsEscape parts what a card would replace: {{DATE(…)}}, ${…}.
func teamsEscape(s string) string {
	return strings.NewReplacer("{{", "{ {", "}}", "} }", "${", "$ {").Replace(s)
}
