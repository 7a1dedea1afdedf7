package store

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// The longest key and the longest segment of one, in bytes: what every driver
// can store.
const (
	MaxKey     = 1024
	MaxSegment = 255
)

// CheckKey says why key cannot be a key, as an error that wraps ErrInvalidKey,
// or returns nil. See "Keys" above for the rules.
func CheckKey(key string) error {
	if key == "" {
		return fmt.Errorf("%w: it is empty", ErrInvalidKey)
	}
	return invalid(key, keyFault(key))
}

// CheckPrefix is CheckKey for the prefix of a List: any start of a key that does
// not end within a character; the empty one too.
func CheckPrefix(prefix string) error {
	f := lengthFault(prefix)
	start := strings.LastIndexByte(prefix, '/') + 1
	if f == nil && start > 0 {
		f = keyFault(prefix[:start-1])
	}
	if last := prefix[start:]; f == nil && last != "" {
		f = segmentFault(start, last)
	}
	return invalid(prefix, f)
}

// fault is what is wrong with a key, and at which byte.
type fault struct {
	at  int
	why string
}

func invalid(key string, f *fault) error {
	if f == nil {
		return nil
	}
	// Longer keys than this are shown in part: they come from outside.
	return fmt.Errorf("%w %.200q: at byte %d: %s", ErrInvalidKey, key, f.at, f.why)
}

func keyFault(key string) *fault {
	if f := lengthFault(key); f != nil {
		return f
	}
	for at := 0; ; {
		segment, _, more := strings.Cut(key[at:], "/")
		f := segmentFault(at, segment)
		if f == nil {
			f = endFault(at, segment)
		}
		if f != nil {
			return f
		}
		if !more {
			return nil
		}
		at += len(segment) + 1
	}
}

func lengthFault(key string) *fault {
	if len(key) > MaxKey {
		return &fault{MaxKey, fmt.Sprintf("it is %d bytes long, the most is %d", len(key), MaxKey)}
	}
	return nil
}

// segmentFault is what is wrong with the start of a segment, which is at byte
// at of the key.
func segmentFault(at int, segment string) *fault {
	switch {
	case segment == "" && at == 0:
		return &fault{at, `it is absolute; a key is relative to its store, without a "/" at the start`}
	case segment == "":
		return &fault{at, `a segment is empty; write one "/" between two names and none at the end`}
	case segment == "." || segment == "..":
		return &fault{at, fmt.Sprintf("the segment %q could lead out of the store; leave it out", segment)}
	case segment[0] == '.':
		return &fault{at, "a segment starts with a dot, as temporary and hidden files do; in a device or a tag write it as %2E"}
	case len(segment) > MaxSegment:
		return &fault{at, fmt.Sprintf("a segment is %d bytes long, the most is %d", len(segment), MaxSegment)}
	}
	for i, r := range segment {
		switch {
		case r == utf8.RuneError && !strings.HasPrefix(segment[i:], "\uFFFD"):
			return &fault{at + i, "it is not UTF-8; in a device or a tag write such a byte as % and two hexadecimal digits"}
		case r == '\\':
			return &fault{at + i, `it has a backslash; write "/" between folders, and %5C in a device or a tag`}
		case unicode.IsControl(r):
			return &fault{at + i, fmt.Sprintf("it has the control character %U; in a device or a tag write its bytes as %% and two hexadecimal digits", r)}
		}
	}
	return nil
}

// endFault is what is wrong with the end of a segment, which is not empty.
func endFault(at int, segment string) *fault {
	end := len(segment) - 1
	if segment[end] == '.' || segment[end] == ' ' {
		return &fault{at + end, "a segment ends with a dot or a space, which some stores strip; in a device or a tag write them as %2E and %20"}
	}
	return nil
}
