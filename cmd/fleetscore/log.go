package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
)

// copyVisible copies text, without what a terminal would obey.
func copyVisible(w io.Writer, r io.Reader) error {
	return eachLine(r, func(text string, whole bool) error {
		end := ""
		if whole {
			end = "\n"
		}
		_, err := io.WriteString(w, visible(strings.ReplaceAll(text, "\t", "    "))+end)
		return err
	})
}

// logLine is a line of a log, as --json tells it.
type logLine struct {
	Attempt string `json:"attempt,omitempty"` // generation-index-number; none if the log is of one attempt
	Text    string `json:"text"`
}

// copyJSON copies a log as an object a line; named says that each line of it
// begins with the name of its attempt.
func copyJSON(w io.Writer, r io.Reader, named bool) error {
	encoder := json.NewEncoder(w)
	return eachLine(r, func(text string, _ bool) error {
		line := logLine{Text: text}
		if attempt, rest, ok := strings.Cut(text, " | "); named && ok {
			line = logLine{attempt, rest}
		}
		return encoder.Encode(line)
	})
}

// eachLine calls do with every line, and whether it is whole: the last may not be.
func eachLine(r io.Reader, do func(text string, whole bool) error) error {
	lines := bufio.NewReader(r)
	for {
		line, err := lines.ReadString('\n')
		if line != "" {
			text := strings.TrimSuffix(line, "\n")
			if err := do(text, len(text) < len(line)); err != nil {
				return err
			}
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("reading the log: %w", err)
		}
	}
}
