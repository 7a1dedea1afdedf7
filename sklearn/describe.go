package sklearn

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/fleetscore/fleetscore/sklearn/pickle"
)

// What Inspect shows of one estimator at most; files are hostile.
const (
	maxListed = 64
	maxText   = 80
)

// A describer adds what is in a file to its Info.
type describer struct {
	*Info
	visits int
}

// describe adds the steps of v, which may be any value at all.
func (info *describer) describe(name string, v pickle.Value, depth int) {
	info.visits++
	if v.Kind() != pickle.Object && v.Kind() != pickle.Opaque && v.Kind() != pickle.Class || len(info.Steps) == maxListed {
		return
	}
	module, class := v.Class()
	if version, ok := v.Attr("_sklearn_version"); ok && info.Version == "" {
		info.Version, _ = short(version)
	}
	if steps, ok := v.Attr("steps"); ok && class == pipelineClass && depth < maxNesting {
		for i := 0; i < steps.Len() && info.visits < maxVisits; i++ {
			inner, _ := short(steps.Index(i).Index(0))
			info.describe(inner, steps.Index(i).Index(1), depth+1)
		}
		return
	}
	if name == "" {
		name = class
	}
	_, native := constructors[class]
	s := Step{Name: name, Class: module + "." + class, Native: native && known(module, class),
		Params: []Param{}, Arrays: []ArrayInfo{}}
	state := v.State()
	listed := 0
	for key, value := range state.Entries() {
		if listed == maxListed {
			s.Omitted = state.Len() - listed
			break
		}
		listed++
		s.attribute(key, value)
	}
	info.Steps = append(info.Steps, s)
}

func (s *Step) attribute(key, value pickle.Value) {
	name, ok := short(key)
	if !ok || name == "_sklearn_version" {
		return
	}
	if array, ok := value.Array(); ok {
		s.Arrays = append(s.Arrays, ArrayInfo{name, array.DType(), array.Shape()})
		return
	}
	if value.Kind() == pickle.Object {
		if shape, err := (&attributes{class: name, object: value}).shape(); err == nil {
			_, class := value.Class()
			s.Arrays = append(s.Arrays, ArrayInfo{name, class, []int{shape.rows, shape.cols}})
			return
		}
	}
	s.Params = append(s.Params, Param{name, printed(value)})
}

// printed is a value as Python would print it, shortened.
func printed(v pickle.Value) string {
	switch v.Kind() {
	case pickle.None:
		return "None"
	case pickle.Object, pickle.Class, pickle.Opaque:
		module, name := v.Class()
		return shorten(module + "." + name)
	case pickle.List, pickle.Tuple, pickle.Dict, pickle.Set:
		return fmt.Sprintf("%v of %d", v.Kind(), v.Len())
	}
	if b, ok := v.Bool(); ok {
		if b {
			return "True"
		}
		return "False"
	}
	if n, ok := v.Int(); ok {
		return strconv.FormatInt(n, 10)
	}
	if f, ok := v.Float(); ok {
		return strconv.FormatFloat(f, 'g', -1, 64)
	}
	if s, ok := short(v); ok {
		return "'" + s + "'"
	}
	return fmt.Sprint(v.Kind())
}

// short is the beginning of a string, which may be all of a large file.
func short(v pickle.Value) (string, bool) {
	b, ok := v.Bytes()
	if !ok || v.Kind() != pickle.String {
		return "", false
	}
	return shorten(string(b[:min(len(b), 4*maxText)])), true
}

// shorten cuts a text to maxText characters. It may hold control characters: whoever shows it takes care.
func shorten(s string) string {
	n := 0
	for i := range s {
		if n++; n == maxText {
			return strings.ToValidUTF8(s[:i], "\uFFFD") + "…"
		}
	}
	return strings.ToValidUTF8(s, "\uFFFD")
}
