package config

import (
	"bytes"
	"strconv"
	"strings"
)

// syntax adds what the parser says, at the line that it names, and what may help.
func (d *decoder) syntax(err error, name string, data []byte) {
	at := place{file: name, line: 1} // which the parser leaves out
	message := strings.TrimPrefix(err.Error(), "yaml: ")
	if rest, ok := strings.CutPrefix(message, "line "); ok {
		number, rest, _ := strings.Cut(rest, ": ")
		if line, err := strconv.Atoi(number); err == nil {
			at.line, message = line, rest
		}
	}
	hint := ""
	switch {
	case strings.Contains(message, "cannot start any token"):
		hint = "; write a value that begins with @, % or ` in quotes, and indent with spaces, not tabs"
	case strings.Contains(message, "mapping values are not allowed"):
		hint = "; is a line indented too far, or does a value with a colon need quotes?"
	case strings.Contains(message, "did not find expected alphabetic"):
		hint = "; write a value that begins with * or & in quotes"
	case strings.HasPrefix(message, "unknown anchor '"):
		hint = "; write a value that begins with * or & in quotes"
		anchor, _, _ := strings.Cut(strings.TrimPrefix(message, "unknown anchor '"), "'")
		if before, _, ok := bytes.Cut(data, []byte("*"+anchor)); ok {
			at.line = 1 + bytes.Count(before, []byte("\n"))
		}
	}
	d.add(at, "", "not YAML: %.200s%s", message, hint)
}
