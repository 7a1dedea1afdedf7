package readings

import (
	"errors"
	"fmt"
	"strings"
)

// Columns are the names of the four columns in a file's header. An empty name
// stands for the usual names of that column.
type Columns struct{ Time, Device, Tag, Value string }

// A role is what a column is for.
type role int

const (
	timeRole role = iota
	deviceRole
	tagRole
	valueRole
	roles = 4
)

func (r role) String() string { return [roles]string{"time", "device", "tag", "value"}[r] }

func (c *Columns) of(r role) *string { return [roles]*string{&c.Time, &c.Device, &c.Tag, &c.Value}[r] }

// ParseColumns reads "time=TS,device=Device,tag=Tag,value=Value", or any part of
// that. A name that holds a comma, a quote or outer spaces is written in quotes,
// with its own quotes doubled: value="Value, raw".
func ParseColumns(s string) (Columns, error) {
	var c Columns
	for rest := s; strings.TrimSpace(rest) != ""; {
		key, after, ok := strings.Cut(rest, "=")
		r, err := roleOf(strings.TrimSpace(key))
		if err != nil {
			return Columns{}, err
		}
		if !ok {
			return Columns{}, fmt.Errorf("%s has no name: write %s=NAME", r, r)
		}
		var name string
		if name, rest, err = cutName(after); err != nil {
			return Columns{}, fmt.Errorf("%s: %w", r, err)
		}
		if *c.of(r) != "" {
			return Columns{}, fmt.Errorf("%s is given twice", r)
		}
		*c.of(r) = name
	}
	return c, nil
}

func roleOf(key string) (role, error) {
	for r := range role(roles) {
		if key == r.String() {
			return r, nil
		}
	}
	return 0, fmt.Errorf("%s is none of time, device, tag and value: write time=NAME,device=NAME,tag=NAME,value=NAME, or a part of it", excerpt([]byte(key)))
}

// cutName cuts a name off the start of s, and the comma that follows it.
func cutName(s string) (name, rest string, err error) {
	s = strings.TrimLeft(s, " ")
	if !strings.HasPrefix(s, `"`) {
		name, rest, more := strings.Cut(s, ",")
		return checkName(strings.TrimRight(name, " "), rest, more)
	}
	if name, s, err = cutQuoted(s); err != nil {
		return "", "", err
	}
	s = strings.TrimLeft(s, " ")
	rest, more := strings.CutPrefix(s, ",")
	if s != "" && !more {
		return "", "", fmt.Errorf("%s follows the quoted name; a comma belongs there", excerpt([]byte(s)))
	}
	return checkName(name, rest, more)
}

// cutQuoted cuts a name in quotes off the start of s.
func cutQuoted(s string) (name, rest string, err error) {
	var b strings.Builder
	for s = s[1:]; ; s = s[1:] {
		before, after, ok := strings.Cut(s, `"`)
		if !ok {
			return "", "", errors.New("the quote before the name is not closed")
		}
		b.WriteString(before)
		if s = after; !strings.HasPrefix(s, `"`) {
			return b.String(), s, nil
		}
		b.WriteByte('"')
	}
}

func checkName(name, rest string, more bool) (string, string, error) {
	switch {
	case name == "":
		return "", "", errors.New("the name is empty")
	case more && strings.TrimSpace(rest) == "":
		return "", "", errors.New("nothing follows the last comma")
	}
	return name, rest, nil
}
