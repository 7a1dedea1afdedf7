package config

import (
	"cmp"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/fleetscore/fleetscore/fleet"
	"go.yaml.in/yaml/v3"
)

// prefix is what every variable of ours begins with.
const prefix = "FLEETSCORE_"

// maxVariable is longer than any name of a variable that means something.
const maxVariable = 200

// otherVariables are variables of ours that are no settings of a File.
func otherVariables() []string {
	return []string{
		"FLEETSCORE_CONFIG",                                                                                      // which file to read
		"FLEETSCORE_URL", "FLEETSCORE_TOKEN", "FLEETSCORE_CA", "FLEETSCORE_CLIENT_CERT", "FLEETSCORE_CLIENT_KEY", // of the API that commands use
		"FLEETSCORE_NODE",                                                                // the name of a node, for logs
		"FLEETSCORE_KERNEL",                                                              // which instructions to use
		"FLEETSCORE_INJECT", "FLEETSCORE_SOAK", "FLEETSCORE_VENVS", "FLEETSCORE_SERVERS", // of tests
	}
}

func isOther(name string) bool {
	return slices.Contains(otherVariables(), name) || strings.HasPrefix(name, "FLEETSCORE_KERNEL_")
}

// target is the setting that a variable sets: a field of the File, or of the
// element of one of its maps.
type target struct {
	index   []int  // of the field or the map, in the File
	name    string // of the element
	element []int  // of the field in the element
	path    string
}

// variables sets what variables say. All are of one place: file, or the
// environment. An empty one counts as not set.
func (d *decoder) variables(f *File, all []assignment, file string) {
	all = slices.DeleteFunc(slices.Clone(all), func(a assignment) bool {
		return a.value == "" || !strings.HasPrefix(a.name, prefix) || isOther(a.name)
	})
	slices.SortStableFunc(all, func(a, b assignment) int { return cmp.Compare(a.name, b.name) })
	given := map[string]string{}
	for _, a := range all {
		at := place{file: file, line: a.line, variable: a.name, value: a.value}
		if !isVariable(a.name) || len(a.name) > maxVariable {
			at.variable = shown(a.name)
			d.add(at, "", "unknown setting")
			continue
		}
		t, err := find(a.name, f)
		if err != nil {
			d.add(at, "", "%v", err)
			continue
		}
		if first, again := given[t.path]; again {
			d.add(at, t.path, "is set twice, by %s too", first)
			continue
		}
		given[t.path] = a.name
		d.set(f, t, at)
	}
}

func (d *decoder) set(f *File, t target, at place) {
	node := &yaml.Node{Kind: yaml.ScalarNode, Value: at.value, Line: at.line}
	v := reflect.ValueOf(f).Elem()
	if t.name == "" {
		field := v.Type().FieldByIndex(t.index)
		d.value(node, fieldAt(v, t.index), field.Tag, t.path, at)
		return
	}
	named := v.FieldByIndex(t.index)
	parent := join(nameOf(v.Type().FieldByIndex(t.index)), t.name)
	if _, known := d.places[parent]; !known {
		d.places[parent] = at
		if near := nearest(t.name, keysOf(named)); near != "" {
			d.hints = append(d.hints, hint{parent, near})
		}
	}
	d.element(named, t.name, func(element reflect.Value) {
		field := element.Type().FieldByIndex(t.element)
		d.value(node, fieldAt(element, t.element), field.Tag, t.path, at)
	})
}

// find tells which setting a variable sets. Its name is that of the setting in
// capitals, with _ or __ for each dot; names that the user chose have __ on both
// sides, and _ may stand in them for - and dots.
func find(variable string, f *File) (target, error) {
	end := strings.ToUpper(strings.TrimPrefix(variable, prefix))
	t := reflect.TypeFor[File]()
	var known []string
	for _, name := range otherVariables() {
		known = append(known, strings.TrimPrefix(name, prefix))
	}
	for i := range t.NumField() {
		field := t.Field(i)
		if field.Type.Kind() != reflect.Map {
			continue
		}
		start := strings.ToUpper(nameOf(field))
		if rest, ok := strings.CutPrefix(end, start+"__"); ok {
			found, err := findNamed(rest, reflect.ValueOf(f).Elem().Field(i), prefix+start+"__")
			found.index = field.Index
			found.path = join(nameOf(field), found.path)
			return found, err
		}
		if end == start || strings.HasPrefix(end, start+"_") {
			return target{}, fmt.Errorf("unknown setting: write %s%s__NAME__SETTING, with two underscores around the name", prefix, start)
		}
	}
	flat := strings.ReplaceAll(end, "__", "_")
	for _, s := range settingsOf(t) {
		if s.variable() == flat {
			return target{index: s.index, path: strings.Join(s.path, ".")}, nil
		}
		known = append(known, s.variable())
	}
	if near := nearest(flat, known); near != "" {
		return target{}, fmt.Errorf("unknown setting; did you mean %s%s?", prefix, near)
	}
	return target{}, errors.New("unknown setting; fleetscore reads every variable that begins with " + prefix)
}

// findNamed finds a setting of an element of a map. The paths that it returns
// begin with the name.
func findNamed(rest string, named reflect.Value, start string) (target, error) {
	settings := settingsOf(named.Type().Elem())
	lookup := func(name, end string) (target, bool) {
		flat := strings.ReplaceAll(end, "__", "_")
		for _, s := range settings {
			if s.variable() == flat {
				return target{name: name, element: s.index, path: join(name, strings.Join(s.path, "."))}, true
			}
		}
		return target{}, false
	}
	var found []target
	for _, name := range keysOf(named) {
		form := inVariable(name) + "__"
		if !strings.HasPrefix(inVariable(rest), form) {
			continue
		}
		if t, ok := lookup(name, rest[len(form):]); ok {
			found = append(found, t)
		}
	}
	if len(found) > 1 {
		return target{}, fmt.Errorf("means a setting of %s as well as of %s: rename one of them", found[0].name, found[1].name)
	} else if len(found) == 1 {
		return found[0], nil
	}
	name, end, ok := strings.Cut(rest, "__")
	name = strings.ToLower(name)
	if !ok || name == "" || end == "" {
		return target{}, fmt.Errorf("unknown setting: write %sNAME__SETTING, with two underscores around the name", start)
	}
	if t, ok := lookup(name, end); ok {
		if err := fleet.CheckJobName(name); err != nil {
			return target{}, fmt.Errorf("cannot name a new one: %w", err)
		}
		return t, nil
	}
	var known []string
	for _, s := range settings {
		known = append(known, s.variable())
	}
	if near := nearest(strings.ReplaceAll(end, "__", "_"), known); near != "" {
		return target{}, fmt.Errorf("unknown setting; did you mean %s%s__%s?", start, strings.ToUpper(name), near)
	}
	return target{}, errors.New("unknown setting")
}

// keysOf lists the keys of a map, sorted.
func keysOf(named reflect.Value) []string {
	var keys []string
	for _, key := range named.MapKeys() {
		keys = append(keys, key.String())
	}
	slices.Sort(keys)
	return keys
}

// inVariable is a name as variables have it. It has as many bytes.
func inVariable(name string) string {
	return strings.NewReplacer("-", "_", ".", "_").Replace(strings.ToUpper(name))
}
