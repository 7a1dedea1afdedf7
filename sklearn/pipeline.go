package sklearn

import "github.com/fleetscore/fleetscore/sklearn/pickle"

// maxNesting bounds pipelines within pipelines; a file may hold one that contains itself.
const maxNesting = 16

// flatten appends the estimators of v, a Pipeline or a single estimator, to
// steps, in order. Steps that pass data through are left out.
func flatten(v pickle.Value, steps []step, depth int) ([]step, error) {
	if v.Kind() != pickle.Object {
		return nil, unsupported("the file holds %s, not a scikit-learn estimator", describe(v))
	}
	_, class := v.Class()
	if class != pipelineClass {
		return append(steps, step{name: class, class: class, object: v}), nil
	}
	if depth == maxNesting {
		return nil, damaged("pipelines are nested more than %d deep", maxNesting)
	}
	list, err := attributes{class, v}.sequence("steps")
	if err != nil {
		return nil, err
	}
	for i := range list.Len() {
		pair := list.Index(i)
		name, named := pair.Index(0).Str()
		if pair.Len() != 2 || !named {
			return nil, damaged("step %d of the pipeline is not a (name, estimator) pair", i)
		}
		if passes(pair.Index(1)) {
			continue
		}
		before := len(steps)
		if steps, err = flatten(pair.Index(1), steps, depth+1); err != nil {
			return nil, err
		}
		if len(steps) > maxSteps {
			return nil, damaged("the pipeline has more than %d steps", maxSteps)
		}
		if len(steps) == before+1 {
			steps[before].name = name
		}
	}
	return steps, nil
}

// maxSteps bounds what a pipeline that contains another many times can unfold to.
const maxSteps = 256

// passes reports whether a step is one of scikit-learn's two ways to say "nothing here".
func passes(v pickle.Value) bool {
	word, _ := v.Str()
	return v.Kind() == pickle.None || word == "passthrough"
}
