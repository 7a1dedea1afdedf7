// Package fingerprint tells failures of one kind from those of another: what differs from
// sensor to sensor (names, numbers, digests, what is quoted) is taken out of the text of
// each, and what is left is its pattern. So 1,204 failures become 3.
//
//	groups := fingerprint.NewGroups(3)
//	groups.Add(failure)
//	groups.List()
package fingerprint

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/fleetscore/fleetscore/fleet"
)

// mostText bounds what is looked at of a failure's text, in bytes.
const mostText = 512

// Pattern is what a failure's text has in common with those of its kind.
func Pattern(f *fleet.SensorFailure) string {
	text := f.Example
	if len(text) > mostText {
		text = text[:mostText]
		for len(text) > 0 && !utf8.ValidString(text) {
			text = text[:len(text)-1]
		}
	}
	text = namesOf(f).replaced(text)
	var out strings.Builder
	for i := 0; i < len(text); {
		n, mark := token(text[i:])
		if n == 0 {
			n, mark = 1, text[i:i+1]
		}
		out.WriteString(mark)
		i += n
	}
	return out.String()
}

// token is what differs at the start of a text, and what stands for it; 0: nothing does.
func token(text string) (n int, mark string) {
	switch c := text[0]; {
	case c == '"' || c == '`':
		if end := strings.IndexByte(text[1:], c); end >= 0 {
			return end + 2, "<text>"
		}
	case c == '<':
		for _, name := range []string{"<device>", "<tag>"} {
			if strings.HasPrefix(text, name) {
				return len(name), name
			}
		}
	case isWord(c):
		for n < len(text) && isWord(text[n]) {
			n++
		}
		return n, word(text[:n])
	}
	return 0, ""
}

func isWord(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_' || c >= utf8.RuneSelf
}

// word is a word without the numbers in it, or what stands for a digest.
func word(text string) string {
	const digest = 16
	if len(text) >= digest && strings.ContainsAny(text, "0123456789") && strings.Trim(text, "0123456789abcdefABCDEF") == "" {
		return "<hex>"
	}
	var out strings.Builder
	digits := false
	for i := range len(text) {
		if c := text[i]; c >= '0' && c <= '9' {
			if !digits {
				out.WriteString("<n>")
			}
			digits = true
		} else {
			out.WriteByte(c)
			digits = false
		}
	}
	return out.String()
}

// Of is the fingerprint of a failure, 8 hexadecimal digits: equal for those of a kind.
func Of(f *fleet.SensorFailure) string { return of(f.Cause, Pattern(f)) }

func of(cause fleet.Cause, pattern string) string {
	sum := sha256.Sum256([]byte(string(cause) + "\x00" + pattern))
	return hex.EncodeToString(sum[:4])
}

// Kind is failures of one kind.
type Kind struct {
	Fingerprint string                `json:"fingerprint"`
	Cause       fleet.Cause           `json:"cause"`
	Pattern     string                `json:"pattern" doc:"what the texts of the failures have in common"`
	Sensors     int                   `json:"sensors"`
	Rows        int64                 `json:"rows"`
	Samples     []fleet.SensorFailure `json:"samples" nullable:"false"`
}

// Groups are failures by kind.
type Groups struct {
	samples int
	by      map[string]*Kind
	// Failures is how many there are, and Cut says that some were of so many kinds that
	// they are in no group.
	Failures int
	Cut      bool
}

// most bounds how many groups there are.
const most = 200

// NewGroups makes groups that keep so many samples each.
func NewGroups(samples int) *Groups { return &Groups{samples: samples, by: map[string]*Kind{}} }

// Add adds a failure.
func (g *Groups) Add(f fleet.SensorFailure) {
	g.Failures++
	pattern := Pattern(&f)
	id := of(f.Cause, pattern)
	group := g.by[id]
	if group == nil {
		if len(g.by) == most {
			g.Cut = true
			return
		}
		group = &Kind{Fingerprint: id, Cause: f.Cause, Pattern: pattern, Samples: []fleet.SensorFailure{}}
		g.by[id] = group
	}
	group.Sensors++
	group.Rows += f.Rows
	if len(group.Samples) < g.samples {
		group.Samples = append(group.Samples, f)
	}
}

// List is the groups, the largest first.
func (g *Groups) List() []Kind {
	all := make([]Kind, 0, len(g.by))
	for _, group := range g.by {
		all = append(all, *group)
	}
	slices.SortFunc(all, func(a, b Kind) int {
		if a.Sensors != b.Sensors {
			return b.Sensors - a.Sensors
		}
		return strings.Compare(a.Fingerprint, b.Fingerprint)
	})
	return all
}
