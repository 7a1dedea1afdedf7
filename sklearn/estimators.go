package sklearn

import (
	"slices"
	"strings"

	"github.com/fleetscore/fleetscore/sklearn/pickle"
)

// step is one estimator of a model, with the name it has in its pipeline.
type step struct {
	name   string
	class  string
	object pickle.Value
}

// A constructor makes a transformer or a detector out of an estimator's state.
type constructor func(attributes) (any, error)

// constructors is the seam for further estimators: class name to constructor.
// The module path is left out because it moved between versions
// (sklearn.svm.classes became sklearn.svm._classes).
var constructors = map[string]constructor{
	"StandardScaler": newStandardScaler,
	"OneClassSVM":    newOneClassSVM,
}

const pipelineClass = "Pipeline"

// Estimators names the scikit-learn classes that are scored natively.
func Estimators() []string {
	names := []string{pipelineClass}
	for name := range constructors {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// known is the allow-list of classes, beyond what the pickle machine itself
// rebuilds (arrays, containers).
func known(module, name string) bool {
	if module != "sklearn" && !strings.HasPrefix(module, "sklearn.") {
		return false
	}
	_, ok := constructors[name]
	return ok || name == pipelineClass
}

func construct(s step) (any, error) {
	construct, ok := constructors[s.class]
	if !ok {
		return nil, unsupported("%s", s.class)
	}
	return construct(attributes{s.class, s.object})
}
