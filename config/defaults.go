package config

import (
	"encoding"
	"fmt"
	"reflect"
	"strconv"
)

// Default is the settings of a deployment without a file.
func Default() *File {
	f := &File{}
	setDefaults(reflect.ValueOf(f).Elem())
	return f
}

// DefaultJob is what a job need not say.
func DefaultJob() Job {
	var j Job
	setDefaults(reflect.ValueOf(&j).Elem())
	return j
}

// DefaultPython is what need not be said of Python.
func DefaultPython() *Python {
	var p Python
	setDefaults(reflect.ValueOf(&p).Elem())
	return &p
}

// DefaultCommand is what need not be said of a command.
func DefaultCommand() *Command {
	var c Command
	setDefaults(reflect.ValueOf(&c).Elem())
	return &c
}

// defaultWindows are the windows of a deployment that names none.
func defaultWindows() map[string]Window {
	var w Window
	setDefaults(reflect.ValueOf(&w).Elem())
	w.Every, _ = ParseDuration("1m")
	return map[string]Window{"1m": w}
}

// setDefaults sets the fields of a struct to what their tags say.
func setDefaults(v reflect.Value) {
	for i := range v.NumField() {
		field, value := v.Type().Field(i), v.Field(i)
		if value.Kind() == reflect.Struct {
			setDefaults(value)
		}
		if text, ok := field.Tag.Lookup("default"); ok {
			if err := setText(value, text); err != nil {
				panic(fmt.Sprintf("default of %s: %v", field.Name, err)) // a mistake in this package: every test fails
			}
		}
	}
}

// setText sets a value that is written as one word.
func setText(v reflect.Value, text string) error {
	if u, ok := v.Addr().Interface().(encoding.TextUnmarshaler); ok {
		return u.UnmarshalText([]byte(text))
	}
	if w, ok := v.Addr().Interface().(worded); ok {
		return setWorded(w, text)
	}
	switch v.Kind() {
	case reflect.Bool:
		if text != "true" && text != "false" {
			return fmt.Errorf("%.60q is neither true nor false", text)
		}
		v.SetBool(text == "true")
	case reflect.Int:
		n, err := strconv.Atoi(text)
		if err != nil || strconv.Itoa(n) != text {
			return fmt.Errorf("%.60q is not a whole number such as 8", text)
		}
		v.SetInt(int64(n))
	case reflect.Float64:
		x, err := strconv.ParseFloat(text, 64)
		if err != nil || x-x != 0 {
			return fmt.Errorf("%.60q is not a number such as -0.5", text)
		}
		v.SetFloat(x)
	default:
		v.SetString(text)
	}
	return nil
}
