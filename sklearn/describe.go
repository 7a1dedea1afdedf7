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

// describe adds the steps of v, which may be any value at all.
func (info *Info) describe(name string, v pickle.Value, depth int) {
	if v.Kind() != pickle.Object && v.Kind() != pickle.Opaque && v.Kind() != pickle.Class || len(info.Steps) == maxListed {
		return
	}
	module, class := v.Class()
	if version, ok := v.Attr("_sklearn_version"); ok && info.Version == "" {
		text, _ := version.Str()
		info.Version = shorten(text)
	}
	if steps, ok := v.Attr("steps"); ok && class == pipelineClass && depth < maxNesting {
		for i := range steps.Len() {
			inner, _ := steps.Index(i).Index(0).Str()
			info.describe(inner, steps.Index(i).Index(1), depth+1)
		}
		return
	}
	if name == "" {
		name = class
	}
	_, native := constructors[class]
	s := Step{Name: shorten(name), Class: module + "." + class, Native: native && known(module, class),
		Params: []Param{}, Arrays: []ArrayInfo{}}
	for key, value := range v.State().Entries() {
		s.attribute(key, value)
	}
	info.Steps = append(info.Steps, s)
}

func (s *Step) attribute(key, value pickle.Value) {
	name, ok := key.Str()
	if !ok || name == "_sklearn_version" {
		return
	}
	if len(s.Params)+len(s.Arrays) >= maxListed {
		s.Omitted++
		return
	}
	name = shorten(name)
	if array, ok := value.Array(); ok {
		s.Arrays = append(s.Arrays, ArrayInfo{name, array.DType(), array.Shape()})
		return
	}
	if value.Kind() == pickle.Object {
		if shape, err := (attributes{name, value}).shape(); err == nil {
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
	if s, ok := v.Str(); ok {
		return "'" + shorten(s) + "'"
	}
	return fmt.Sprint(v.Kind())
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
