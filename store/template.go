package store

import (
	"fmt"
	"iter"
	"slices"
	"strings"

	"github.com/fleetscore/fleetscore/fleet"
)

// KeyTemplate is a key with placeholders for a sensor's names, such as
// "models/{device}/{tag}.pkl" or "model_{device}_{tag}". A placeholder may occur
// several times or not at all. ParseKeyTemplate makes one; it never changes,
// and any number of goroutines may use it. The zero KeyTemplate is of no use.
//
// Two sensors may share a key where no "/" keeps the names apart: with
// "{device}_{tag}", both (a_b, c) and (a, b_c) are "a_b_c". Whoever writes must
// look for that.
type KeyTemplate struct {
	text  string
	parts []part
}

// part is a literal, or a placeholder if field is not literal.
type part struct {
	field   field
	literal string
}

type field int

const (
	literal field = iota
	device
	tag
	fields // how many there are
)

const known = "known are {device} and {tag}"

// ParseKeyTemplate reads a template. Whatever the sensor, its expansion is a
// key that CheckKey accepts, unless it is too long. Errors name the byte, from
// 0, at which the template is wrong.
func ParseKeyTemplate(s string) (KeyTemplate, error) {
	if s == "" {
		return KeyTemplate{}, fmt.Errorf("the key template is empty; %s", known)
	}
	t := KeyTemplate{text: s}
	f := keyFault(s)
	if f == nil {
		t.parts, f = parseParts(s)
	}
	if f != nil {
		return KeyTemplate{}, fmt.Errorf("key template %.200q: at byte %d: %s", s, f.at, f.why)
	}
	return t, nil
}

func parseParts(s string) ([]part, *fault) {
	var parts []part
	for at := 0; at < len(s); {
		brace := strings.IndexAny(s[at:], "{}")
		if brace < 0 {
			return append(parts, part{literal: s[at:]}), nil
		}
		if brace > 0 {
			parts = append(parts, part{literal: s[at : at+brace]})
			at += brace
		}
		if s[at] == '}' {
			return nil, &fault{at, "this } closes nothing; " + known}
		}
		end := strings.IndexAny(s[at+1:], "{}/")
		if end < 0 || s[at+1+end] != '}' {
			return nil, &fault{at, "this { is not closed; " + known}
		}
		switch name := s[at+1 : at+1+end]; name {
		case "device":
			parts = append(parts, part{field: device})
		case "tag":
			parts = append(parts, part{field: tag})
		default:
			return nil, &fault{at, fmt.Sprintf("unknown placeholder {%s}; %s", name, known)}
		}
		at += end + 2
	}
	return parts, nil
}

// Device reports whether the template has a {device}, and Tag whether it has a {tag}.
func (t KeyTemplate) Device() bool { return t.has(device) }

// Tag reports whether the template has a {tag}.
func (t KeyTemplate) Tag() bool { return t.has(tag) }

func (t KeyTemplate) has(f field) bool {
	return slices.ContainsFunc(t.parts, func(p part) bool { return p.field == f })
}

// Prefix is what every expansion begins with.
func (t KeyTemplate) Prefix() string { return literalAt(t.parts) }

// String is the template as it was written.
func (t KeyTemplate) String() string { return t.text }

// Expand is the key of sensor s, with its names encoded. If they are long it
// may be too long for a key: CheckKey says.
func (t KeyTemplate) Expand(s fleet.Sensor) string {
	names := [fields]string{device: EncodeName(s.Device), tag: EncodeName(s.Tag)}
	size := 0
	for _, p := range t.parts {
		size += len(p.literal) + len(names[p.field])
	}
	var b strings.Builder
	b.Grow(size)
	for _, p := range t.parts {
		b.WriteString(p.literal)
		b.WriteString(names[p.field])
	}
	return b.String()
}

// Match returns a sensor whose expansion is key, and false if there is none.
// It is one of several if the template is ambiguous: (a, b_c) for "a_b_c" and
// "{device}_{tag}", the shortest names first. So it serves to show which sensor
// a key may belong to; what must be right asks Matches. A name for which the
// template has no placeholder is empty.
func (t KeyTemplate) Match(key string) (fleet.Sensor, bool) {
	for s := range t.Matches(key) {
		return s, true
	}
	return fleet.Sensor{}, false
}

// Owner is the one sensor whose expansion is key; false if there is none, or
// several.
func (t KeyTemplate) Owner(key string) (owner fleet.Sensor, ok bool) {
	n := 0
	for s := range t.Matches(key) {
		if n++; n > 1 {
			return fleet.Sensor{}, false
		}
		owner = s
	}
	return owner, n == 1
}

// Matches yields every sensor whose expansion is key, the shortest names first;
// see Match.
func (t KeyTemplate) Matches(key string) iter.Seq[fleet.Sensor] {
	return func(yield func(fleet.Sensor) bool) {
		if len(key) > MaxKey || len(t.parts) == 0 {
			return
		}
		var names [fields]string
		match(t.parts, key, &names, func() bool {
			// match has decoded each of them once.
			d, _ := sensorName(names[device])
			g, _ := sensorName(names[tag])
			return !yield(fleet.Sensor{Device: d, Tag: g})
		})
	}
}

// match matches key with parts, and calls found for each way to do it, until
// that returns true; then so does match. In names are the encoded names so far;
// the search branches where a name occurs first, so at most twice, and never
// beyond a segment.
func match(parts []part, key string, names *[fields]string, found func() bool) bool {
	for i, p := range parts {
		want := p.literal
		if p.field != literal {
			want = names[p.field]
		}
		if want == "" {
			return matchName(p.field, parts[i+1:], key, names, found)
		}
		var ok bool
		if key, ok = strings.CutPrefix(key, want); !ok {
			return false
		}
	}
	return key == "" && found()
}

// matchName tries every name that f may have at the start of key.
func matchName(f field, rest []part, key string, names *[fields]string, found func() bool) bool {
	before := *names
	for end := 1; end <= len(key) && end <= MaxSegment && key[end-1] != '/'; end++ {
		if !strings.HasPrefix(key[end:], literalAt(rest)) || (len(rest) == 0 && end < len(key)) {
			continue
		}
		*names = before
		names[f] = key[:end]
		if match(rest, key[end:], names, func() bool {
			_, ok := sensorName(key[:end]) // last, as it costs most
			return ok && found()
		}) {
			return true
		}
	}
	*names = before
	return false
}

// literalAt is the literal that parts start with, or "".
func literalAt(parts []part) string {
	if len(parts) == 0 {
		return ""
	}
	return parts[0].literal
}

// sensorName decodes encoded if it is the name of a device or a tag.
func sensorName(encoded string) (string, bool) {
	name, err := DecodeName(encoded)
	return name, err == nil && fleet.CheckName("name", name) == nil
}
