package notify

import (
	"encoding/json"
	"fmt"
	"strings"
)

// slackMessage is what an incoming webhook of Slack takes. All text of blocks is
// plain text, in which nothing is a link, a mention or a format, whatever it says.
type slackMessage struct {
	Text        string       `json:"text"` // for notifications; it is mrkdwn, so escaped
	UnfurlLinks bool         `json:"unfurl_links"`
	UnfurlMedia bool         `json:"unfurl_media"`
	Blocks      []slackBlock `json:"blocks"`
}

type slackBlock struct {
	Type     string      `json:"type"`
	Text     *slackText  `json:"text,omitempty"`
	Elements []slackText `json:"elements,omitempty"`
}

type slackText struct {
	Type  string `json:"type"`
	Text  string `json:"text"`
	Emoji bool   `json:"emoji"`
}

// maxSection is the most characters that Slack takes in a section.
const maxSection = 3000

func slack(e *Event, _ []byte) (string, []byte, error) {
	n, err := words(e)
	if err != nil {
		return "", nil, err
	}
	text := func(s string) slackText { return slackText{Type: "plain_text", Text: s} }
	title := text(n.title)
	m := slackMessage{Text: slackEscape(n.title), Blocks: []slackBlock{{Type: "header", Text: &title}}}
	section := ""
	flush := func() {
		if section != "" {
			t := text(section)
			m.Blocks = append(m.Blocks, slackBlock{Type: "section", Text: &t})
		}
	}
	for _, line := range n.lines {
		if len(section)+len(line) >= maxSection { // bytes, which are no fewer
			flush()
			section = ""
		}
		section += line + "\n"
	}
	flush()
	m.Blocks = append(m.Blocks, slackBlock{Type: "context", Elements: []slackText{text(n.foot)}})
	body, err := json.Marshal(m)
	if err != nil {
		return "", nil, fmt.Errorf("writing a message to Slack: %w", err)
	}
	return "application/json", body, nil
}

// slackEscape makes text mean itself in mrkdwn: no mention, no link, no format.
func slackEscape(s string) string {
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", "*", "∗", "_", "＿", "~", "∼", "`", "'", "@", "＠", "://", ":∕∕").Replace(s)
}
