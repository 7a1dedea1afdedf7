package readings

import (
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// The places of a row's fields: the roles but for the value, then the columns of values.
const firstValue = int(valueRole)

// field is what a field's name stands for. Of several fields for one place, that
// of the lowest rank counts.
type field struct {
	place int // -1: none
	rank  int
}

type namedField struct {
	field
	name string
}

// fieldNames finds what the names of JSON fields stand for. A few are remembered.
type fieldNames struct {
	columns Columns
	values  []string
	known   map[string]*namedField // by the name as it stands in the file, in quotes
	text    []byte                 // scratch
}

// mostNames bounds what is remembered of files with ever new names.
const mostNames = 1 << 12

func newFieldNames(c *Collector) fieldNames {
	return fieldNames{columns: c.opt.Columns, values: c.columns, known: make(map[string]*namedField)}
}

// find is the field of a name, which is a JSON string.
func (f *fieldNames) find(quoted jsontext.Value) (*namedField, error) {
	if found := f.known[string(quoted)]; found != nil {
		return found, nil
	}
	var err error
	if f.text, err = jsontext.AppendUnquote(f.text[:0], quoted); err != nil {
		return nil, err
	}
	found := &namedField{name: string(f.text)}
	found.field = f.resolve(found.name)
	if len(f.known) < mostNames {
		f.known[string(quoted)] = found
	}
	return found, nil
}

// resolve looks for a name as findPlaces does: a name that was given, or one that
// differs in case, or else a usual one.
func (f *fieldNames) resolve(name string) field {
	trimmed := strings.TrimSpace(name)
	is := func(given string) (rank int, ok bool) {
		if given == name {
			return 0, true
		}
		return 1, given != "" && strings.EqualFold(given, trimmed)
	}
	for j, column := range f.values {
		if rank, ok := is(column); ok && column != "" {
			return field{place: firstValue + j, rank: rank}
		}
	}
	folded := fold(name)
	for r := range role(roles) {
		place := int(r)
		if r == valueRole {
			if place = slices.Index(f.values, ""); place < 0 {
				continue
			}
			place += firstValue
		}
		if given := *f.columns.of(r); given != "" {
			if rank, ok := is(given); ok {
				return field{place: place, rank: rank}
			}
			continue
		}
		if rank := slices.Index(usual[r], folded); rank >= 0 {
			return field{place: place, rank: 2 + rank}
		}
	}
	return field{place: -1}
}
