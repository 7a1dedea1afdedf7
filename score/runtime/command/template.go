package command

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// Template is a command line that is filled in for each process.
type Template struct{ words []string }

// placeholders are what a word may hold, and whether it is of one sensor.
var placeholders = map[string]bool{
	"device": true, "tag": true, "model": true,
	"config": false, "input": false, "output": false, "models": false, "scratch": false, "files": false,
}

// placeholder is one of those, or a brace that is written twice and stands for itself.
var placeholder = regexp.MustCompile(`\{\{|\}\}|\{[a-z_]+\}`)

// ParseTemplate splits a command line into words and looks at their placeholders. perShard
// says that a process is of many sensors, so that nothing of one can stand in it.
func ParseTemplate(run string, perShard bool) (Template, error) {
	words, err := split(run)
	if err != nil {
		return Template{}, err
	}
	if len(words) == 0 {
		return Template{}, errors.New("there is no program")
	}
	for i, word := range words {
		for _, found := range placeholder.FindAllString(word, -1) {
			name := strings.Trim(found, "{}")
			ofSensor, known := placeholders[name]
			switch {
			case name == "":
			case !known:
				return Template{}, fmt.Errorf("%s is not known; there are {device}, {tag}, {model}, {models}, {config}, {input}, {output}, {scratch} and {files}; a brace of the program's own is written twice: {{ or }}", found)
			case ofSensor && perShard:
				return Template{}, fmt.Errorf("%s is of one sensor, and a program per shard has many; they are listed in {config}", found)
			case ofSensor && i == 0:
				return Template{}, fmt.Errorf("%s in the name of the program: a sensor does not choose what runs", found)
			}
		}
	}
	return Template{words}, nil
}

// split splits at white space. What is within ' or " is one word, and nothing else is special.
func split(run string) ([]string, error) {
	var words []string
	var word strings.Builder
	in, quote := false, rune(0)
	for _, c := range run {
		switch {
		case quote != 0 && c == quote:
			quote = 0
		case quote != 0:
			word.WriteRune(c)
		case c == '\'' || c == '"':
			in, quote = true, c
		case strings.ContainsRune(" \t\r\n", c):
			if in {
				words = append(words, word.String())
			}
			word.Reset()
			in = false
		default:
			word.WriteRune(c)
			in = true
		}
	}
	if quote != 0 {
		return nil, fmt.Errorf("the quote %c is not closed", quote)
	}
	if in {
		words = append(words, word.String())
	}
	return words, nil
}

// Uses reports whether a placeholder occurs.
func (t Template) Uses(name string) bool {
	return slices.ContainsFunc(t.words, func(word string) bool {
		return slices.Contains(placeholder.FindAllString(word, -1), "{"+name+"}")
	})
}

// fill puts values into the words. A value stays within its word, whatever it holds.
func (t Template) fill(values map[string]string) ([]string, error) {
	argv := make([]string, len(t.words))
	options := true // a word that starts with - is an option
	for i, word := range t.words {
		argv[i] = placeholder.ReplaceAllStringFunc(word, func(found string) string {
			if found == "{{" || found == "}}" {
				return found[1:]
			}
			return values[strings.Trim(found, "{}")]
		})
		switch {
		case strings.IndexByte(argv[i], 0) >= 0:
			return nil, fmt.Errorf("the name %q holds a NUL byte and cannot be an argument; take it from {config}", argv[i])
		case options && strings.HasPrefix(argv[i], "-") && !strings.HasPrefix(word, "-"):
			return nil, fmt.Errorf("the name %q would be taken for an option; write -- before %s, or --NAME=%s, or take it from {config}", argv[i], word, word)
		case word == "--":
			options = false
		}
	}
	return argv, nil
}
