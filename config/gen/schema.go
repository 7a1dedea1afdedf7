package main

import (
	"bytes"
	"encoding/json"
	"reflect"
	"strconv"
	"strings"

	"github.com/fleetscore/fleetscore/config" //nolint:depguard // what it generates is of config
)

// schema is a JSON Schema, of draft 7, which editors know best. Its fields come in
// the order in which they are written.
type schema struct {
	Draft                string             `json:"$schema,omitempty"`
	Title                string             `json:"title,omitempty"`
	Description          string             `json:"description,omitempty"`
	Type                 any                `json:"type,omitempty"`
	Enum                 []string           `json:"enum,omitempty"`
	Pattern              string             `json:"pattern,omitempty"`
	Minimum              *int64             `json:"minimum,omitempty"`
	Maximum              *int64             `json:"maximum,omitempty"`
	Default              any                `json:"default,omitempty"`
	Items                *schema            `json:"items,omitempty"`
	PropertyNames        *schema            `json:"propertyNames,omitempty"`
	Properties           map[string]*schema `json:"properties,omitempty"`
	Required             []string           `json:"required,omitempty"`
	OneOf                []*schema          `json:"oneOf,omitempty"`
	AdditionalProperties any                `json:"additionalProperties,omitempty"`
}

// Patterns of what has a type of its own in config.
const (
	// durations are Go's, with days before them.
	durations = `^(0|\d+d|(\d+d)?((\d+(\.\d*)?|\.\d+)(ns|us|µs|μs|ms|s|m|h))+)$`
	workers   = `^(auto|[1-9]\d*)$`
	sizes     = `^ *\d+(\.\d*)? *([KkMmGgTt][Ii]?[Bb]?|[Bb])? *$`
	names     = `^[a-z0-9]([a-z0-9._-]{0,61}[a-z0-9_-])?$`
	numbers   = `^ *\d+ *$|^ *\d+(\.\d*)? *%$`
)

func schemaJSON() []byte {
	s := group(reflect.TypeFor[config.File]())
	s.Draft = "http://json-schema.org/draft-07/schema#"
	s.Title = "Settings of fleetscore"
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(s); err != nil {
		panic(err) // nothing in it can fail
	}
	return b.Bytes()
}

// group is the schema of a struct of settings. A mapping without any is null.
func group(t reflect.Type) *schema {
	s := &schema{Type: []string{"object", "null"}, Properties: map[string]*schema{}, AdditionalProperties: false}
	for field, name := range settings(t) {
		p := of(field.Type, field.Tag)
		p.Description = field.Tag.Get("doc")
		s.Properties[name] = p
	}
	switch t {
	case reflect.TypeFor[config.Job]():
		s.Type, s.Required = "object", []string{"input"}
	case reflect.TypeFor[config.Window]():
		s.Type, s.Required = "object", []string{"every"}
	case reflect.TypeFor[config.Command]():
		s.Type, s.Required = "object", []string{"run"}
	case reflect.TypeFor[config.Input]():
		s.Type = "object"
		for _, name := range []string{"window", "files", "file"} {
			s.OneOf = append(s.OneOf, &schema{Required: []string{name}})
		}
	}
	return s
}

// of is the schema of one setting.
func of(t reflect.Type, tag reflect.StructTag) *schema {
	s := &schema{}
	switch {
	case t == reflect.TypeFor[config.Duration]():
		s.Type, s.Pattern, s.Minimum, s.Maximum = []string{"string", "integer"}, durations, new(int64), new(int64)
	case t == reflect.TypeFor[config.Size]():
		s.Type, s.Pattern, s.Minimum = []string{"string", "integer"}, sizes, new(int64)
	case t == reflect.TypeFor[config.Workers]():
		s.Type, s.Pattern, s.Minimum, s.Maximum = []string{"string", "integer"}, workers, bound(reflect.StructTag(`minimum:"1"`), "minimum"), bound(tag, "maximum")
	case t == reflect.TypeFor[config.Columns]():
		return &schema{OneOf: []*schema{{Type: "string"}, group(reflect.TypeFor[config.ColumnNames]())}}
	case t.Kind() == reflect.Pointer:
		return of(t.Elem(), tag)
	case t.Kind() == reflect.Struct:
		s = group(t)
		if w := words(t); w != nil {
			s = &schema{OneOf: []*schema{{Type: "string", Enum: w}, s}}
		}
		if short := tag.Get("short"); short != "" {
			s = &schema{OneOf: []*schema{s.Properties[short], s}}
		}
		return s
	case t.Kind() == reflect.Map:
		return &schema{Type: []string{"object", "null"}, PropertyNames: &schema{Pattern: names}, AdditionalProperties: group(t.Elem())}
	case t.Kind() == reflect.Slice:
		return &schema{OneOf: []*schema{{Type: "string"}, {Type: "array", Items: of(t.Elem(), "")}}}
	case tag.Get("number") != "":
		s.Type, s.Pattern, s.Minimum = []string{"string", "integer"}, numbers, new(int64)
	case t.Kind() == reflect.Bool:
		return &schema{Type: "boolean", Default: value(t, tag)}
	case t.Kind() == reflect.Int:
		return &schema{Type: "integer", Minimum: bound(tag, "minimum"), Maximum: bound(tag, "maximum"), Default: value(t, tag)}
	case t.Kind() == reflect.Float64:
		return &schema{Type: "number", Minimum: bound(tag, "minimum"), Maximum: bound(tag, "maximum")}
	default:
		s.Type = "string"
		if enum := tag.Get("enum"); enum != "" {
			s.Enum = strings.Split(enum, ",")
		}
	}
	s.Default = value(t, tag)
	return s
}

// words are those that can stand for a struct of settings; nil: none.
func words(t reflect.Type) []string {
	w, _ := reflect.New(t).Interface().(interface{ Words() []string })
	if w == nil {
		return nil
	}
	return w.Words()
}

func bound(tag reflect.StructTag, name string) *int64 {
	n, err := strconv.ParseInt(tag.Get(name), 10, 64)
	if err != nil {
		return nil
	}
	return &n
}

// value is the default of a setting, or nil.
func value(t reflect.Type, tag reflect.StructTag) any {
	text, ok := tag.Lookup("default")
	if !ok {
		return nil
	}
	if n, err := strconv.Atoi(text); err == nil && t.Kind() == reflect.Int {
		return n
	}
	if t.Kind() == reflect.Bool {
		return text == "true"
	}
	return text
}
