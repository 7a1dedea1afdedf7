package readings

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Features say what one row of a model's input is made of. The zero Features is
// the one value of a sensor.
type Features struct {
	// Device: a row is a device at one time, its tags side by side. Otherwise it
	// is one row of the input, several of its columns side by side.
	Device bool
	List   []Feature
}

// Feature is one value of a row.
type Feature struct {
	Tag    string // with Features.Device only
	Column string // of the input; empty: the value column
}

// Name is how output calls the feature: "mean", "vibration", "vibration.max".
func (f Feature) Name() string {
	switch {
	case f.Tag == "":
		return f.Column
	case f.Column == "":
		return f.Tag
	}
	return f.Tag + "." + f.Column
}

// Names lists what output calls the features, in their order.
func (f Features) Names() []string {
	if len(f.List) == 0 {
		return []string{valueRole.String()}
	}
	names := make([]string, len(f.List))
	for i, feature := range f.List {
		names[i] = feature.Name()
	}
	return names
}

// MaxFeatures is how many features a row can have.
const MaxFeatures = 4096

// reserved are the names that predictions have columns for anyway.
var reserved = []string{"time", "device", "tag", "score", "anomaly", "model", "run", "rev"}

// ParseFeatures reads "mean,max", columns of one row; or, if device is set,
// "temperature,vibration.max", tags or tag.column. The last dot separates the
// column. A name with a comma, a quote or outer spaces, and a tag with a dot, is
// written in quotes, its own quotes doubled: "motor.temp","flow, left".max
func ParseFeatures(s string, device bool) (Features, error) {
	f := Features{Device: device}
	if strings.TrimSpace(s) == "" {
		if device {
			return f, errors.New("a device needs to be told its features: its tags, such as temperature,vibration.max")
		}
		return f, nil
	}
	for rest, more := s, true; more; {
		feature, after, err := cutFeature(rest, device)
		if err != nil {
			return Features{}, err
		}
		if rest, more = strings.CutPrefix(after, ","); more && strings.TrimSpace(rest) == "" {
			return Features{}, errors.New("nothing follows the last comma")
		}
		f.List = append(f.List, feature)
	}
	return f, f.check()
}

func (f Features) check() error {
	if len(f.List) > MaxFeatures {
		return fmt.Errorf("%d features; the most is %d", len(f.List), MaxFeatures)
	}
	names := f.Names()
	for i, name := range names {
		if slices.Contains(names[:i], name) {
			return fmt.Errorf("%s is given twice", excerpt([]byte(name)))
		}
		if slices.Contains(reserved, strings.ToLower(name)) {
			return fmt.Errorf("%s cannot be a feature: predictions have a column of that name (%s); rename it in the input",
				excerpt([]byte(name)), strings.Join(reserved, ", "))
		}
	}
	return nil
}

// cutFeature cuts a feature off the start of s.
func cutFeature(s string, device bool) (Feature, string, error) {
	s = strings.TrimLeft(s, " ")
	quoted := strings.HasPrefix(s, `"`)
	var name, column string
	if quoted {
		var err error
		if name, s, err = cutQuoted(s); err != nil {
			return Feature{}, "", err
		}
	}
	end := strings.IndexByte(s, ',')
	if end < 0 {
		end = len(s)
	}
	plain, rest := strings.TrimRight(s[:end], " "), s[end:]
	switch {
	case !quoted && device:
		name = plain
		if dot := strings.LastIndexByte(plain, '.'); dot >= 0 {
			if name, column = plain[:dot], plain[dot+1:]; column == "" {
				return Feature{}, "", fmt.Errorf("%s has no column after its dot", excerpt([]byte(plain)))
			}
		}
	case !quoted:
		name = plain
	case device && len(plain) > 1 && plain[0] == '.':
		column = plain[1:]
	case plain != "":
		return Feature{}, "", fmt.Errorf("%s follows the quoted name; a comma belongs there", excerpt([]byte(plain)))
	}
	if name == "" {
		return Feature{}, "", errors.New("a name is empty")
	}
	if device {
		return Feature{Tag: name, Column: column}, rest, nil
	}
	return Feature{Column: name}, rest, nil
}

// columns are the columns that the features read, each once.
func (f Features) columns() []string {
	if len(f.List) == 0 {
		return []string{""}
	}
	var columns []string
	for _, feature := range f.List {
		if !slices.Contains(columns, feature.Column) {
			columns = append(columns, feature.Column)
		}
	}
	return columns
}

// needs says by tag which of the columns some feature reads; nil if there is no
// difference between tags.
func (f Features) needs() map[string][]bool {
	if !f.Device {
		return nil
	}
	columns := f.columns()
	needs := make(map[string][]bool)
	for _, feature := range f.List {
		if needs[feature.Tag] == nil {
			needs[feature.Tag] = make([]bool, len(columns))
		}
		needs[feature.Tag][slices.Index(columns, feature.Column)] = true
	}
	return needs
}
