package fleet

import (
	"cmp"
	"fmt"
	"strings"
	"unicode/utf8"
)

// MaxName is the longest name, in bytes, of a device or a tag.
const MaxName = 256

// Sensor is what a model belongs to: one tag of one device; without a tag, the
// device as a whole.
type Sensor struct {
	Device string `json:"device"`
	Tag    string `json:"tag,omitempty"`
}

// String is for people; it is not a key and cannot be parsed back.
func (s Sensor) String() string {
	if s.Tag == "" {
		return s.Device
	}
	return s.Device + "/" + s.Tag
}

// Compare orders sensors by device, then by tag, byte by byte.
func (s Sensor) Compare(o Sensor) int {
	return cmp.Or(strings.Compare(s.Device, o.Device), strings.Compare(s.Tag, o.Tag))
}

// CheckName says why name cannot be a device or a tag, or returns nil. The
// argument role ("device", "tag") starts the message.
func CheckName(role, name string) error {
	switch {
	case name == "":
		return fmt.Errorf("%s is empty", role)
	case len(name) > MaxName:
		return fmt.Errorf("%s is %d bytes long, the most is %d", role, len(name), MaxName)
	case !utf8.ValidString(name):
		return fmt.Errorf("%s %q is not UTF-8", role, name)
	}
	return nil
}
