package config

import (
	"encoding"
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// Bounds of what is read, far beyond any real file.
const (
	maxFile  = 4 << 20
	maxNodes = 500_000 // values that are looked at, each as often as an alias names it
	maxText  = 4096    // bytes of one text
	maxList  = 4096
	maxNames = 10_000 // jobs
)

// place is where a setting was given.
type place struct {
	file     string
	line     int
	variable string
	value    string // of the variable; never shown
}

// decoder reads values of YAML, and of variables, into settings. It notes where
// each was given, and goes on after a mistake.
type decoder struct {
	problems Problems
	places   map[string]place // by path
	nodes    int              // that were looked at
	hints    []hint
}

// hint is that the name at path, which variables alone give, may be a slip.
type hint struct{ path, near string }

func (d *decoder) add(at place, path, format string, args ...any) {
	if len(d.problems) <= maxProblems {
		message := at.redact(fmt.Sprintf(format, args...))
		d.problems = append(d.problems, Problem{Setting: path, Message: message, File: at.file, Line: at.line, Variable: at.variable})
	}
}

// value reads n into v, the setting at path.
func (d *decoder) value(n *yaml.Node, v reflect.Value, tag reflect.StructTag, path string, at place) {
	if d.nodes++; d.nodes > maxNodes {
		return // load says so
	}
	if n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	if v.Kind() == reflect.Map && isNull(n) && at.variable == "" {
		return // all its lines are comments
	}
	d.places[path] = at
	if _, isText := v.Addr().Interface().(encoding.TextUnmarshaler); isText {
		d.text(n, v, tag, path, at)
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		if w, ok := v.Addr().Interface().(worded); ok && n.Kind == yaml.ScalarNode && !isNull(n) {
			d.word(n, w, path, at)
			return
		}
		if short := tag.Get("short"); short != "" && n.Kind == yaml.ScalarNode && !isNull(n) {
			field, _ := fieldOf(v.Type(), short)
			d.value(n, v.FieldByIndex(field.Index), field.Tag, path, at)
			return
		}
		d.group(n, v, path, at)
	case reflect.Map:
		d.named(n, v, path, at)
	case reflect.Slice:
		d.list(n, v, path, at)
	case reflect.Pointer:
		if v.Type().Elem().Kind() == reflect.Struct {
			d.value(n, allocated(v), tag, path, at)
			return
		}
		target := reflect.New(v.Type().Elem())
		if d.text(n, target.Elem(), tag, path, at) {
			v.Set(target)
		}
	default:
		if columns, ok := v.Addr().Interface().(*Columns); ok && n.Kind == yaml.MappingNode {
			var names ColumnNames
			d.group(n, reflect.ValueOf(&names).Elem(), path, at)
			*columns = names.Columns()
			return
		}
		d.text(n, v, tag, path, at)
	}
}

// word reads settings that are written as one word.
func (d *decoder) word(n *yaml.Node, w worded, path string, at place) {
	var text string
	if !d.text(n, reflect.ValueOf(&text).Elem(), "", path, at) {
		return
	}
	if err := setWorded(w, text); err != nil {
		d.add(at, path, "%v", err)
	}
}

// allocated is the struct that v points to, with its defaults where there was none.
func allocated(v reflect.Value) reflect.Value {
	if v.IsNil() {
		v.Set(reflect.New(v.Type().Elem()))
		setDefaults(v.Elem())
	}
	return v.Elem()
}

// group reads a mapping whose keys are settings.
func (d *decoder) group(n *yaml.Node, v reflect.Value, path string, at place) {
	for _, e := range d.entries(n, path, at) {
		field, ok := fieldOf(v.Type(), e.key)
		if !ok && len(d.problems) > maxProblems {
			return
		} else if !ok {
			d.add(e.at, join(path, shown(e.key)), "unknown setting%s", suggest(e.key, names(v.Type())))
			continue
		}
		d.value(e.value, v.FieldByIndex(field.Index), field.Tag, join(path, e.key), e.at)
	}
}

// named reads a mapping whose keys are names that the user chooses.
func (d *decoder) named(n *yaml.Node, v reflect.Value, path string, at place) {
	if v.IsNil() {
		v.Set(reflect.MakeMap(v.Type()))
	}
	entries := d.entries(n, path, at)
	if len(entries) > maxNames {
		d.add(at, path, "has %d names; the most is %d", len(entries), maxNames)
		return
	}
	for _, e := range entries {
		d.element(v, e.key, func(element reflect.Value) {
			d.value(e.value, element, "", join(path, shown(e.key)), e.at)
		})
	}
}

// element lets change the element of a map, which begins with its defaults.
func (d *decoder) element(v reflect.Value, key string, change func(reflect.Value)) {
	if v.IsNil() {
		v.Set(reflect.MakeMap(v.Type()))
	}
	element := reflect.New(v.Type().Elem()).Elem()
	if old := v.MapIndex(reflect.ValueOf(key)); old.IsValid() {
		element.Set(old)
	} else {
		setDefaults(element)
	}
	change(element)
	v.SetMapIndex(reflect.ValueOf(key), element)
}

// list reads a list of texts, or one text with commas between them.
func (d *decoder) list(n *yaml.Node, v reflect.Value, path string, at place) {
	if n.Kind == yaml.ScalarNode {
		var text string
		if d.text(n, reflect.ValueOf(&text).Elem(), "", path, at) {
			v.Set(reflect.ValueOf(splitList(text)))
		}
		return
	}
	if n.Kind != yaml.SequenceNode {
		d.add(at, path, "must be a list, such as [mean, max], not %s", kind(n))
		return
	}
	if len(n.Content) > maxList {
		d.add(at, path, "has %d entries; the most is %d", len(n.Content), maxList)
		return
	}
	list := reflect.MakeSlice(v.Type(), len(n.Content), len(n.Content))
	for i, item := range n.Content {
		d.value(item, list.Index(i), "", path+"["+strconv.Itoa(i)+"]", place{file: at.file, line: item.Line})
	}
	v.Set(list)
}

// text reads a value that is one word, or says what is wrong with it.
func (d *decoder) text(n *yaml.Node, v reflect.Value, tag reflect.StructTag, path string, at place) bool {
	if n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	wants := wanted(v)
	if n.Kind != yaml.ScalarNode {
		d.add(at, path, "must be %s, not %s", wants, kind(n))
		return false
	}
	if err := checkText(n.Value); err != nil {
		d.add(at, path, "%v", err)
		return false
	}
	text := n.Value
	if at.variable == "" { // a variable's value has no type
		found := n.ShortTag()
		isNumber := found == "!!int" || found == "!!float"
		_, takesText := v.Addr().Interface().(encoding.TextUnmarshaler)
		switch want := v.Kind(); {
		case found == nullTag:
			d.add(at, path, "has no value: give one, or leave the setting out")
			return false
		case !strings.HasPrefix(found, "!!"):
			d.add(at, path, "has the tag %.60s, which means nothing here", found)
			return false
		case takesText && (found == "!!str" || isNumber), found == "!!str" && want == reflect.String:
		case want == reflect.String && isNumber && tag.Get("number") != "":
		case want == reflect.String && (isNumber || found == "!!bool" || found == "!!timestamp"):
			d.add(at, path, "must be %s: write it in quotes, \"%.60s\"", wants, text)
			return false
		case want == reflect.Bool && found == "!!bool":
			text = strings.ToLower(text)
		case want == reflect.Int && found == "!!int", want == reflect.Float64 && isNumber:
		default:
			d.add(at, path, "must be %s, not %.60q", wants, text)
			return false
		}
	}
	if err := setText(v, text); err != nil {
		d.add(at, path, "%v", err)
		return false
	}
	return true
}

const nullTag = "!!null"

func isNull(n *yaml.Node) bool { return n.Kind == yaml.ScalarNode && n.ShortTag() == nullTag }

func wanted(v reflect.Value) string {
	switch v.Addr().Interface().(type) {
	case *Duration:
		return "a duration such as 90s, 1h30m or 400d"
	case *Size:
		return "a size such as 512MiB or 2GB"
	case *Columns:
		return "text, or settings such as {time: TS, device: Device}"
	}
	switch v.Kind() {
	case reflect.Bool:
		return "true or false"
	case reflect.Int:
		return "a whole number such as 8"
	case reflect.Float64:
		return "a number such as -0.5"
	default:
		return "text"
	}
}

func kind(n *yaml.Node) string {
	switch {
	case n.Kind == yaml.SequenceNode:
		return "a list"
	case n.Kind == yaml.MappingNode:
		return "settings of its own"
	case isNull(n):
		return "nothing"
	}
	return fmt.Sprintf("%.60q", n.Value)
}

func checkText(s string) error {
	switch {
	case len(s) > maxText:
		return fmt.Errorf("is %d bytes long; the most is %d", len(s), maxText)
	case !utf8.ValidString(s):
		return fmt.Errorf("is not UTF-8")
	case strings.ContainsFunc(s, unicode.IsControl):
		return fmt.Errorf("has a control character, such as the end of a line")
	}
	return nil
}

func join(path, name string) string {
	switch {
	case path == "":
		return name
	case name == "":
		return path
	}
	return path + "." + name
}

// splitList splits at commas outside quotes.
func splitList(s string) []string {
	var list []string
	start, quoted := 0, false
	for i := range len(s) {
		switch {
		case s[i] == '"':
			quoted = !quoted
		case s[i] == ',' && !quoted:
			list = append(list, strings.TrimSpace(s[start:i]))
			start = i + 1
		}
	}
	return append(list, strings.TrimSpace(s[start:]))
}
