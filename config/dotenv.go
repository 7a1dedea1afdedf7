package config

import (
	"errors"
	"strings"
)

// assignment is a variable and its value, and the line that it is in.
type assignment struct {
	name, value string
	line        int
	err         error // why the line cannot be used; then there is no more than it
}

// parseDotenv reads a file of variables: NAME=value a line, perhaps after
// "export"; empty lines and those that start with # are comments. A value ends
// before " #", or stands in single quotes, as it is, or in double quotes, where \n
// is the end of a line and \ before another character stands for that. $ is a
// character like others. Messages show nothing of a line: it may be a secret.
func parseDotenv(data string) []assignment {
	var all []assignment
	line := 0
	for text := range strings.Lines(strings.TrimPrefix(data, "\ufeff")) {
		line++
		text = strings.TrimSpace(text)
		if text == "" || text[0] == '#' {
			continue
		}
		a := assignment{line: line}
		a.name, a.value, a.err = parseAssignment(text)
		all = append(all, a)
	}
	return all
}

func parseAssignment(text string) (name, value string, err error) {
	if after, ok := strings.CutPrefix(text, "export"); ok && after != strings.TrimLeft(after, " \t") {
		text = strings.TrimLeft(after, " \t")
	}
	name, value, ok := strings.Cut(text, "=")
	if name = strings.TrimRight(name, " \t"); !ok || !isVariable(name) {
		return "", "", errors.New("is not NAME=value, nor a comment (#)")
	}
	value = strings.TrimLeft(value, " \t")
	if value == "" || value[0] != '"' && value[0] != '\'' {
		if comment := strings.IndexByte(value, '#'); comment == 0 {
			return name, "", nil
		}
		for _, comment := range []string{" #", "\t#"} {
			value, _, _ = strings.Cut(value, comment)
		}
		return name, strings.TrimRight(value, " \t"), nil
	}
	value, rest, ok := unquote(value)
	if rest = strings.TrimSpace(rest); !ok {
		return "", "", errors.New("the quote before the value is not closed on its line")
	} else if rest != "" && rest[0] != '#' {
		return "", "", errors.New("something follows the quoted value; put a # before a comment")
	}
	return name, value, nil
}

func isVariable(name string) bool {
	for i, c := range []byte(name) {
		letter := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_'
		if !letter && (i == 0 || !(c >= '0' && c <= '9' || c == '.' || c == '-')) {
			return false
		}
	}
	return name != ""
}

// unquote cuts a quoted value off the start of s.
func unquote(s string) (value, rest string, ok bool) {
	quote := s[0]
	var b strings.Builder
	for i := 1; i < len(s); i++ {
		switch c := s[i]; {
		case c == quote:
			return b.String(), s[i+1:], true
		case c == '\\' && quote == '"' && i+1 < len(s):
			i++
			if s[i] == 'n' {
				b.WriteByte('\n')
			} else {
				b.WriteByte(s[i])
			}
		default:
			b.WriteByte(c)
		}
	}
	return "", "", false
}
