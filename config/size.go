package config

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Size is a number of bytes, written as "512MiB", "1.5GiB", "2GB" or "1048576".
type Size int64

// maxSize is more than any machine has, and far from overflow.
const maxSize = 1 << 50

// units are what a size may end with, in lower case, greatest first: powers of
// 1024, as Kubernetes too writes them, and of 1000.
var units = [...]struct {
	name, short string
	bytes       int64
}{
	{"TiB", "Ti", 1 << 40}, {"TB", "", 1e12}, {"GiB", "Gi", 1 << 30}, {"GB", "", 1e9},
	{"MiB", "Mi", 1 << 20}, {"MB", "", 1e6}, {"KiB", "Ki", 1 << 10}, {"KB", "", 1e3}, {"B", "", 1},
}

// ParseSize reads "1GiB", "1.5 GB" or a number of bytes.
func ParseSize(s string) (Size, error) {
	number, unit := strings.TrimSpace(s), int64(1)
	for _, u := range units {
		if cut, ok := cutUnit(number, u.name, u.short); ok {
			number, unit = strings.TrimSpace(cut), u.bytes
			break
		}
	}
	n, err := strconv.ParseFloat(number, 64)
	bytes := n * float64(unit)
	if number == "" || strings.Trim(number, "0123456789.") != "" || err != nil {
		return 0, fmt.Errorf("%.60q is not a size such as 512MiB or 2GB", s)
	}
	if bytes > maxSize {
		return 0, fmt.Errorf("%.60q is larger than %s", s, Size(maxSize))
	}
	if bytes != math.Trunc(bytes) {
		return 0, fmt.Errorf("%.60q is not a whole number of bytes", s)
	}
	return Size(bytes), nil
}

func cutUnit(s string, names ...string) (string, bool) {
	for _, name := range names {
		if cut := len(s) - len(name); name != "" && cut >= 0 && strings.EqualFold(s[cut:], name) {
			return s[:cut], true
		}
	}
	return s, false
}

// String is the form that ParseSize reads, in the greatest power of 1024 that
// divides it.
func (s Size) String() string {
	for _, u := range units {
		if u.short != "" && s != 0 && int64(s)%u.bytes == 0 {
			return strconv.FormatInt(int64(s)/u.bytes, 10) + u.name
		}
	}
	return strconv.FormatInt(int64(s), 10)
}

// MarshalText writes String.
func (s Size) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText is ParseSize.
func (s *Size) UnmarshalText(text []byte) (err error) {
	*s, err = ParseSize(string(text))
	return err
}
