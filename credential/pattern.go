package credential

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

// Patterns say which devices a token is for: a name must match one of them. In a
// pattern * is any text, also none, and ? is one character.
type Patterns []string

// Bounds of Patterns.
const (
	maxPatterns = 32
	maxPattern  = 256 // bytes
)

// Check says what cannot be used.
func (p Patterns) Check() error {
	if len(p) == 0 {
		return errors.New("a device's token needs a pattern of the devices that it is for, such as pump-*; * is all")
	}
	if len(p) > maxPatterns {
		return fmt.Errorf("%d patterns of devices are more than %d", len(p), maxPatterns)
	}
	for _, one := range p {
		if one == "" || len(one) > maxPattern || !utf8.ValidString(one) || strings.ContainsRune(one, 0) {
			return fmt.Errorf("%.80q is no pattern of devices: it has 1 to %d bytes of text", one, maxPattern)
		}
	}
	return nil
}

// Match reports whether a device is one of those.
func (p Patterns) Match(device string) bool {
	for _, one := range p {
		if match(one, device) {
			return true
		}
	}
	return false
}

// match takes at most len(pattern)·len(name) steps: only the last * is tried anew.
func match(pattern, name string) bool {
	p, n := 0, 0
	star, from := -1, 0
	for n < len(name) {
		if p < len(pattern) && pattern[p] == '*' {
			star, from = p, n
			p++
			continue
		}
		if p < len(pattern) {
			_, size := utf8.DecodeRuneInString(name[n:])
			if pattern[p] == '?' {
				p, n = p+1, n+size
				continue
			}
			if pattern[p] == name[n] {
				p, n = p+1, n+1
				continue
			}
		}
		if star < 0 {
			return false
		}
		_, size := utf8.DecodeRuneInString(name[from:])
		from += size
		p, n = star+1, from
	}
	return strings.Trim(pattern[p:], "*") == ""
}
