package notify

import (
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

// TestMatch compares with a regular expression that means the same.
func TestMatch(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		pattern := rapid.StringMatching(`[ab/*?温]{0,8}`).Draw(t, "pattern")
		text := rapid.StringMatching(`[ab/温]{0,10}`).Draw(t, "text")
		quoted := strings.NewReplacer(`\*`, ".*", `\?`, ".").Replace(regexp.QuoteMeta(pattern))
		want := regexp.MustCompile(`^(?s:` + quoted + `)$`).MatchString(text)
		if Match(pattern, text) != want {
			t.Fatalf("%q and %q: %v", pattern, text, !want)
		}
	})
	// What would take a backtracking matcher for ever.
	if Match(strings.Repeat("a*", 200)+"b", strings.Repeat("a", 2000)) {
		t.Error("it matches")
	}
}

// FuzzPlain looks for text that is more than text.
func FuzzPlain(f *testing.F) {
	f.Add("a\u202eb\x00\n\u2028<!channel>\u200b")
	f.Fuzz(func(t *testing.T, text string) {
		got := plain(text, 20)
		if !utf8.ValidString(got) || utf8.RuneCountInString(got) > 20 || strings.ContainsAny(got, "\n\r\t\x00\x1b\u202e\u2028\u200b\u2066") {
			t.Errorf("%q has become %q", text, got)
		}
	})
}
