package main

import "strings"

// mostCell is how much of a text a cell of a table has, in characters.
const mostCell = 200

// firstLine is what a cell of a table has of a text that may be long, such as the
// last words of a node: the first line, and what made it panic. The log and JSON
// have all of it.
func firstLine(text string) string {
	line, rest, _ := strings.Cut(strings.TrimSpace(text), "\n")
	if next, more, _ := strings.Cut(rest, "\n"); strings.HasPrefix(next, "panic: ") || strings.HasPrefix(next, "fatal error: ") {
		line, rest = line+": "+next, more
	}
	if all := []rune(line); len(all) > mostCell {
		line, rest = string(all[:mostCell]), text
	}
	if rest != "" {
		line += " …"
	}
	return line
}
