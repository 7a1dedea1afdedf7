package ledger

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

const (
	maxText  = 4 << 10 // of what people read
	maxName  = 1 << 10 // of what names a row
	maxValue = 1 << 20 // of settings and definitions of jobs
)

// clip makes text for people one that every database can store: UTF-8 without
// NUL, and not too long. What had to change shows as U+FFFD, and as an ellipsis.
func clip(text string) string {
	cut := len(text) > maxText
	if cut {
		text = runesWithin(text, maxText)
	}
	text = strings.ToValidUTF8(text, "\uFFFD")
	text = strings.ReplaceAll(text, "\x00", "\uFFFD")
	if cut || len(text) > maxText {
		text = runesWithin(text, maxText-len("…")) + "…"
	}
	return text
}

// runesWithin is the first n bytes of text, less a character that n cuts.
func runesWithin(text string, n int) string {
	if n >= len(text) {
		return text
	}
	for i := n; i > n-utf8.UTFMax && i > 0; i-- {
		if utf8.RuneStart(text[i]) {
			return text[:i]
		}
	}
	return text[:n]
}

// checkName refuses what cannot name a row in every database. The argument role
// ("job", "run") begins the message.
func checkName(role, name string) error {
	switch {
	case name == "":
		return fmt.Errorf("the %s has no name", role)
	case len(name) > maxName:
		return fmt.Errorf("the name of the %s is %d bytes long, the most is %d", role, len(name), maxName)
	}
	if err := checkExact(name, maxName); err != nil {
		return fmt.Errorf("the name %.80q of the %s %w", name, role, err)
	}
	return nil
}

// checkExact refuses text that some database could not give back as it was.
func checkExact(text string, most int) error {
	switch {
	case len(text) > most:
		return fmt.Errorf("is %d bytes long, the most is %d", len(text), most)
	case !utf8.ValidString(text):
		return errors.New("is not UTF-8")
	case strings.ContainsRune(text, 0):
		return errors.New("has a NUL byte")
	}
	return nil
}
