package sklearn

import (
	"fmt"
	"strings"

	"github.com/fleetscore/fleetscore/sklearn/pickle"
)

// attributes reads the state of one estimator, with errors that name it.
type attributes struct {
	class  string
	object pickle.Value
	room   *room // for what is read; nil where nothing is
}

// attr finds an attribute.
func (a *attributes) attr(name string) (pickle.Value, bool) {
	if a.room == nil {
		return a.object.Attr(name)
	}
	return a.room.finder.Attr(a.object, name)
}

// get finds an attribute that is there and not None.
func (a *attributes) get(name string) (pickle.Value, bool) {
	v, ok := a.attr(name)
	return v, ok && v.Kind() != pickle.None
}

// first finds the first of several names that an attribute had over the versions.
func (a *attributes) first(names ...string) (pickle.Value, string, error) {
	for _, name := range names {
		if v, ok := a.get(name); ok {
			return v, name, nil
		}
	}
	return pickle.Value{}, names[0], damaged("%s has no %s: was it fitted?", a.class, names[0])
}

func (a *attributes) sequence(name string) (pickle.Value, error) {
	v, _, err := a.first(name)
	if err != nil {
		return v, err
	}
	if v.Kind() != pickle.List && v.Kind() != pickle.Tuple {
		return v, a.wrong(name, v, "a list")
	}
	return v, nil
}

func (a *attributes) str(name string) (string, error) {
	v, _, err := a.first(name)
	if err != nil {
		return "", err
	}
	s, ok := v.Str()
	if !ok {
		return "", a.wrong(name, v, "a string")
	}
	return s, nil
}

// flag reads a boolean; one that is not there has the value that scikit-learn's
// own default has, and None is false, as it is in Python.
func (a *attributes) flag(name string, def bool) (bool, error) {
	v, ok := a.attr(name)
	if !ok {
		return def, nil
	}
	if v.Kind() == pickle.None {
		return false, nil
	}
	if b, ok := v.Bool(); ok {
		return b, nil
	}
	if n, ok := v.Int(); ok {
		return n != 0, nil
	}
	return def, a.wrong(name, v, "true or false")
}

func (a *attributes) number(name string, def float64) (float64, error) {
	v, ok := a.get(name)
	if !ok {
		return def, nil
	}
	f, ok := v.Float()
	if !ok {
		return 0, a.wrong(name, v, "a number")
	}
	return f, nil
}

// vector reads an array of any shape as its values in C order.
func (a *attributes) vector(v pickle.Value, name string) ([]float64, error) {
	array, ok := v.Array()
	if !ok {
		return nil, a.wrong(name, v, "an array")
	}
	if err := a.take(name, array.Len()); err != nil {
		return nil, err
	}
	from := len(a.room.values)
	values, err := array.Float64s(a.room.values)
	if err != nil {
		return nil, damaged("%s.%s: %v", a.class, name, err)
	}
	a.room.values = values
	return values[from:len(values):len(values)], nil
}

// featureNames are the n names in an estimator's feature_names_in_, if it has as many.
func featureNames(object pickle.Value, n int) []string {
	v, _ := object.Attr("feature_names_in_")
	array, ok := v.Array()
	if !ok || array.Len() != n {
		return nil
	}
	names := make([]string, n)
	for i := range names {
		name, ok := array.Index(i).Str()
		if !ok {
			return nil
		}
		names[i] = strings.Clone(name) // may outlive the file
	}
	return names
}

func (a *attributes) wrong(name string, v pickle.Value, want string) error {
	return damaged("%s.%s is %s, not %s", a.class, name, describe(v), want)
}

// describe says in a few words what a value is.
func describe(v pickle.Value) string {
	switch v.Kind() {
	case pickle.Object, pickle.Class, pickle.Opaque:
		module, name := v.Class()
		return fmt.Sprintf("%s.%s", module, name)
	case pickle.Array:
		array, _ := v.Array()
		return fmt.Sprintf("an array of %s %v", array.DType(), array.Shape())
	}
	if s, ok := v.Str(); ok {
		return fmt.Sprintf("the string %.40q", s)
	}
	return fmt.Sprintf("a value of kind %v", v.Kind())
}
