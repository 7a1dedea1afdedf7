package config

import (
	"reflect"
	"strings"
)

// setting is one thing that can be set, in a struct of settings.
type setting struct {
	path  []string // names, of structs within structs
	index []int    // of the field, for reflect
}

// variable is the end of the setting's variable: POOL_MAX.
func (s setting) variable() string { return strings.ToUpper(strings.Join(s.path, "_")) }

// settingsOf lists the settings of a struct, those of structs within it too. What
// is under names that the user chooses (a map) is not in it.
func settingsOf(t reflect.Type) []setting {
	var all []setting
	for i := range t.NumField() {
		field := t.Field(i)
		name := nameOf(field)
		if name == "" || field.Type.Kind() == reflect.Map {
			continue
		}
		group := field.Type
		if group.Kind() == reflect.Pointer {
			group = group.Elem()
		}
		isGroup := group.Kind() == reflect.Struct
		if !isGroup || field.Tag.Get("short") != "" || isWorded(field.Type) {
			all = append(all, setting{[]string{name}, []int{i}})
		}
		if isGroup {
			for _, inner := range settingsOf(group) {
				all = append(all, setting{append([]string{name}, inner.path...), append([]int{i}, inner.index...)})
			}
		}
	}
	return all
}

// isWorded reports whether settings can also be one word.
func isWorded(t reflect.Type) bool { return reflect.PointerTo(t).Implements(reflect.TypeFor[worded]()) }

// fieldAt is the field of that index. Structs on the way to it that are not there are
// made, with their defaults.
func fieldAt(v reflect.Value, index []int) reflect.Value {
	for _, i := range index {
		if v.Kind() == reflect.Pointer {
			v = allocated(v)
		}
		v = v.Field(i)
	}
	return v
}

// nameOf is what a field is called in files, or "" if it is no setting.
func nameOf(field reflect.StructField) string {
	name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
	if name == "-" || !field.IsExported() {
		return ""
	}
	return name
}

// names lists what the fields of a struct are called.
func names(t reflect.Type) []string {
	var all []string
	for i := range t.NumField() {
		if name := nameOf(t.Field(i)); name != "" {
			all = append(all, name)
		}
	}
	return all
}

// fieldOf finds the field of that name.
func fieldOf(t reflect.Type, name string) (reflect.StructField, bool) {
	for i := range t.NumField() {
		if field := t.Field(i); name != "" && nameOf(field) == name {
			return field, true
		}
	}
	return reflect.StructField{}, false
}
