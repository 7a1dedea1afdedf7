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
type constructor func(*attributes) (any, error)

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
	if unread(module, name) {
		return true
	}
	if module != "sklearn" && !strings.HasPrefix(module, "sklearn.") {
		return false
	}
	_, ok := constructors[name]
	return ok || name == pipelineClass
}

// unread names the classes of what an estimator may carry and scoring never
// reads: the cache of a Pipeline's memory, and what set_fit_request and the
// like leave behind. They stay inert.
func unread(module, name string) bool {
	switch name {
	case "Memory":
		return module == "joblib.memory" || module == "sklearn.externals.joblib.memory"
	case "FileSystemStoreBackend":
		return module == "joblib._store_backends" || module == "sklearn.externals.joblib._store_backends"
	case "PosixPath", "WindowsPath":
		return module == "pathlib" || module == "pathlib._local" // Python 3.13 alone says _local
	case "MetadataRequest", "MethodMetadataRequest":
		return module == "sklearn.utils._metadata_requests"
	}
	return false
}

func construct(s step, room *room) (any, error) {
	construct, ok := constructors[s.class]
	if !ok {
		return nil, unsupported("%s", s.class)
	}
	room.attributes = attributes{s.class, s.object, room}
	return construct(&room.attributes)
}
