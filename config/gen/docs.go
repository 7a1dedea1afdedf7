package main

import (
	"fmt"
	"iter"
	"reflect"
	"regexp"
	"strings"

	"github.com/fleetscore/fleetscore/config" //nolint:depguard // what it generates is of config
)

// settings yields the fields of a struct that are settings, and their names.
func settings(t reflect.Type) iter.Seq2[reflect.StructField, string] {
	return func(yield func(reflect.StructField, string) bool) {
		for i := range t.NumField() {
			field := t.Field(i)
			name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
			if field.IsExported() && name != "-" && !yield(field, name) {
				return
			}
		}
	}
}

// withTables is the page with the tables in it made anew.
func withTables(page string) (string, error) {
	for _, table := range []struct {
		mark string
		t    reflect.Type
	}{
		{"settings", reflect.TypeFor[config.File]()},
		{"jobs", reflect.TypeFor[config.Job]()},
		{"windows", reflect.TypeFor[config.Window]()},
		{"python", reflect.TypeFor[config.Python]()},
		{"command", reflect.TypeFor[config.Command]()},
		{"webhooks", reflect.TypeFor[config.Webhook]()},
	} {
		start, end := "<!-- "+table.mark+", generated -->\n", "<!-- end -->\n"
		before, rest, ok := strings.Cut(page, start)
		_, after, okEnd := strings.Cut(rest, end)
		if !ok || !okEnd {
			return "", fmt.Errorf("%s has no %q with %q after it", docsFile, start, end)
		}
		page = before + start + "| setting | default | meaning |\n|-|-|-|\n" + rows(table.t, "") + end + after
	}
	return page, nil
}

func rows(t reflect.Type, path string) string {
	return table(t, path, regexp.MustCompile(`[^\s(]*\{[^}]*\}[^\s,;)]*`))
}

// table is the rows of a struct's settings; what matches code is shown as such.
func table(t reflect.Type, path string, code *regexp.Regexp) string {
	var b strings.Builder
	for field, name := range settings(t) {
		full := path + name
		isGroup := field.Type.Kind() == reflect.Struct
		if isGroup && words(field.Type) == nil && field.Tag.Get("short") == "" {
			b.WriteString(table(field.Type, full+".", code))
			continue
		}
		meaning := field.Tag.Get("doc")
		if enum := strings.Split(field.Tag.Get("enum"), ","); len(enum) > 1 {
			meaning = "`" + strings.Join(enum, "`, `") + "`: " + meaning
		}
		initial := field.Tag.Get("default")
		if initial != "" {
			initial = "`" + initial + "`"
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s |\n", full, initial, code.ReplaceAllString(strings.ReplaceAll(meaning, "|", `\|`), "`$0`"))
		if isGroup && words(field.Type) == nil { // else it has a table of its own
			b.WriteString(table(field.Type, full+".", code))
		}
	}
	return b.String()
}
