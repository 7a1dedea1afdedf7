package pool

import (
	"errors"
	"fmt"
	"strings"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common"
)

// How much of a formula, and of what CEL says of it, an error repeats.
const (
	mostMistakes = 3
	mostMessage  = 200 // characters
	mostNear     = 24  // characters of the formula, before a mistake and from it on
)

// mistakes says what is wrong with a formula, and where, in few words: what is wrong
// may be long, and is a stranger's.
func mistakes(text string, issues *cel.Issues) error {
	all := issues.Errors()
	var told []string
	for _, e := range all[:min(len(all), mostMistakes)] {
		told = append(told, where(text, e)+shorten(strings.TrimSuffix(e.Message, " (in container '')"), mostMessage))
	}
	if len(all) > len(told) {
		told = append(told, "and more")
	}
	if len(told) == 0 {
		return shortened(issues.Err())
	}
	return errors.New(strings.Join(told, "; "))
}

// where is the place of a mistake, with a little of what stands there.
func where(text string, e *common.Error) string {
	lines := strings.Split(text, "\n")
	number := e.Location.Line()
	if number < 1 || number > len(lines) {
		return ""
	}
	line := []rune(lines[number-1])
	at := min(max(e.Location.Column(), 0), len(line))
	from, to := max(at-mostNear, 0), min(at+mostNear, len(line))
	near := string(line[from:to])
	if from > 0 {
		near = "…" + near
	}
	if to < len(line) {
		near += "…"
	}
	return fmt.Sprintf("line %d, column %d, at %q: ", number, at+1, near)
}

// shortened is an error of CEL's without what is too long.
func shortened(err error) error {
	text := err.Error()
	if short := shorten(text, mostMessage); short != text {
		return errors.New(short)
	}
	return err
}

func shorten(text string, most int) string {
	if r := []rune(text); len(r) > most {
		return string(r[:most]) + "…"
	}
	return text
}
