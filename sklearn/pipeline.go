package sklearn

import "github.com/fleetscore/fleetscore/sklearn/pickle"

const (
	// maxNesting bounds pipelines within pipelines; a file may hold one that contains itself.
	maxNesting = 16
	// maxVisits bounds what a pipeline that contains another many times can
	// unfold to: estimators, pipelines and steps that pass data through together.
	maxVisits = 256
)

// A flattener collects the estimators of a Pipeline, or a single one, in
// order. Steps that pass data through are left out.
type flattener struct {
	steps  []step
	visits int
	room   *room
}

// flatten lists the estimators; the slice is good until the next call.
func (f *flattener) flatten(root pickle.Value, room *room) ([]step, error) {
	f.steps, f.visits, f.room = f.steps[:0], 0, room
	err := f.visit("", root, 0)
	return f.steps, err
}

func (f *flattener) visit(name string, v pickle.Value, depth int) error {
	if f.visits++; f.visits > maxVisits {
		return damaged("the pipeline has more than %d steps", maxVisits)
	}
	if depth > 0 && passes(v) {
		return nil
	}
	if v.Kind() != pickle.Object {
		return unsupported("the file holds %s, not a scikit-learn estimator", describe(v))
	}
	_, class := v.Class()
	if class != pipelineClass {
		if name == "" {
			name = class
		}
		f.steps = append(f.steps, step{name: name, class: class, object: v})
		return nil
	}
	if depth == maxNesting {
		return damaged("pipelines are nested more than %d deep", maxNesting)
	}
	list, err := (&attributes{class, v, f.room}).sequence("steps")
	if err != nil {
		return err
	}
	for i := range list.Len() {
		pair := list.Index(i)
		name, named := pair.Index(0).Str()
		if pair.Len() != 2 || !named {
			return damaged("step %d of the pipeline is not a (name, estimator) pair", i)
		}
		if err := f.visit(shorten(name), pair.Index(1), depth+1); err != nil {
			return err
		}
	}
	return nil
}

// passes reports whether a step is one of scikit-learn's two ways to say "nothing here".
func passes(v pickle.Value) bool {
	word, _ := v.Str()
	return v.Kind() == pickle.None || word == "passthrough"
}
