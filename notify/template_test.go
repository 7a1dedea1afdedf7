package notify

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/fleetscore/fleetscore/fleet"
)

var update = flag.Bool("update", false, "write the golden files anew")

// hostile are names that would be more than names, if they could.
func hostile() []string {
	return []string{
		"<!channel> *bold* `code`", "</at>@everyone <at>all</at>", "[click](https://evil.example)", "{{DATE(2026-01-01T00:00:00Z,SHORT)}}${secret}", "\u202eevil\x00\x1b[31m\r\n\u2028x", "\"},{\"type\":\"x",
		"https://evil.example/?a=1&b=2", strings.Repeat("x", 256), "温度 \U0001F525 :fire:",
	}
}

func goldenEvents(t *testing.T) map[string]Event {
	from := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	about := About{Run: "20261123t130000000-aaaaa", Job: "hourly", Interval: fleet.NewInterval(from, from.Add(time.Hour)), Rev: 1}
	lowest := -0.123456
	anomalies := AnomaliesData{About: about, Sensors: 12, Muted: 2, Of: 1000, Rows: 99}
	unscored := UnscoredData{About: about, Sensors: 5, Of: 1000, Muted: 1, Causes: []UnscoredGroup{{Cause: fleet.BadModel, Sensors: 5, Muted: 1, Example: hostile()[0]}, {Cause: fleet.NoModel, Muted: 3}}}
	for i, name := range hostile() {
		s := fleet.Sensor{Device: name, Tag: hostile()[len(hostile())-1-i]}
		anomalies.Top = append(anomalies.Top, Anomalous{Sensor: s, Rows: int64(9 - i), Lowest: &lowest, Last: from})
		unscored.Causes[0].Examples = append(unscored.Causes[0].Examples, s)
	}
	events := map[string]Event{}
	for name, data := range map[Kind]any{
		AnomaliesFound: anomalies, SensorsUnscored: unscored,
		RunFailed:      RunData{About: about, State: "failed", Origin: "schedule", Finished: from, Counts: fleet.Counts{Sensors: 9}, Error: hostile()[0], Causes: []fleet.Group{{Cause: fleet.NoModel, Sensors: 2, Example: hostile()[3]}}},
		FormulaWorks:   WorksData{Formula: "pending", Failed: "pending / nodes", Told: from},
		FormulaFailing: FormulaData{Formula: "pending / nodes", Using: "pending", Error: "division by zero", Since: from},
		NodeFailed:     NodeData{Nodes: 3, Since: from, Node: "local-1", Detail: "exit status 1\nno memory"},
		HeldBack:       HeldData{Receiver: "ops", Events: 20, ByKind: map[string]int{"run.failed": 20}, From: from, To: from, Examples: []string{"run.failed hourly/x"}},
	} {
		e, err := newEvent(name, "id-"+strings.ReplaceAll(string(name), ".", "-"), "hourly/x", from, data)
		if err != nil {
			t.Fatal(err)
		}
		events[string(name)] = e
	}
	return events
}

// TestTemplates writes events with hostile names as Slack and Teams get them. What is
// in the golden files was read by somebody.
func TestTemplates(t *testing.T) {
	for name, e := range goldenEvents(t) {
		for _, template := range []string{Slack, Teams} {
			render, err := rendererOf(template)
			if err != nil {
				t.Fatal(err)
			}
			_, out, err := render(&e, nil)
			if err != nil {
				t.Fatal(err)
			}
			if len(out) > 28<<10 { // of Teams; Slack takes more
				t.Errorf("%s for %s has %d bytes", name, template, len(out))
			}
			for _, bad := range []string{"<!channel", `\u003c!channel`, "{{", "}}\"", "${", "\u202e", `\u202e`, `\u0000`, `\u001b`} {
				inText := template == Teams && strings.Contains(bad, "!channel") // which is nothing to Teams
				if bytes.Contains(out, []byte(bad)) && !inText && !(template == Slack && onlyInBlocks(t, out, bad)) {
					t.Errorf("%s for %s has %s", name, template, bad)
				}
			}
			var indented bytes.Buffer
			if err := json.Indent(&indented, out, "", " "); err != nil {
				t.Fatal(err)
			}
			path := filepath.Join("testdata", template, name+".json")
			if *update {
				if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(path, indented.Bytes(), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(want, indented.Bytes()) {
				t.Errorf("%s is not as in %s: look at it, and go test ./notify -update\n%s", name, path, indented.Bytes())
			}
		}
	}
}

// onlyInBlocks reports whether text is in no field that Slack reads as mrkdwn: all
// blocks have plain text, and the rest is escaped.
func onlyInBlocks(t *testing.T, out []byte, text string) bool {
	var m slackMessage
	if err := json.Unmarshal(out, &m); err != nil {
		t.Fatal(err)
	}
	for _, b := range m.Blocks {
		all := b.Elements
		if b.Text != nil {
			all = append(all, *b.Text)
		}
		for _, s := range all {
			if s.Type != "plain_text" || s.Emoji || len([]rune(s.Text)) > maxSection || b.Type == "header" && len([]rune(s.Text)) > 150 {
				t.Errorf("%+v", s)
			}
		}
	}
	return !strings.ContainsAny(m.Text, "<>*`@") && !strings.Contains(text, "u0000") && !strings.Contains(text, "u001b") && !strings.Contains(text, "202e")
}

// FuzzTemplates has any data in an event: it is an error, or valid JSON.
func FuzzTemplates(f *testing.F) {
	f.Add("anomalies.found", `{"top":[{"device":"a"}]}`)
	f.Add("run.failed", `{"error":"<&>"}`)
	f.Fuzz(func(t *testing.T, kind, data string) {
		e := Event{Type: TypePrefix + kind, Data: json.RawMessage(data)}
		for _, template := range []string{Slack, Teams} {
			render, _ := rendererOf(template)
			if _, out, err := render(&e, nil); err == nil && (!json.Valid(out) || len(out) > 64<<10) {
				t.Errorf("%d bytes: %.300s", len(out), out)
			}
		}
	})
}
