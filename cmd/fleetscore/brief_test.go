package main

import (
	"strings"
	"testing"
)

// TestFirstLine keeps stacks out of tables, and in them why there is one.
func TestFirstLine(t *testing.T) {
	for text, want := range map[string]string{
		"":              "",
		"exit status 1": "exit status 1",
		"a\nb":          "a …",
		"exit status 2\npanic: oh\n\ngoroutine 1 [running]:\nmain.main()": "exit status 2: panic: oh …",
		"exit status 2\nfatal error: out of memory":                       "exit status 2: fatal error: out of memory",
		strings.Repeat("ä", 1000):                                         strings.Repeat("ä", mostCell) + " …",
	} {
		if got := firstLine(text); got != want {
			t.Errorf("%q becomes %q", text, got)
		}
	}
}
