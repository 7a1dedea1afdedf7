package sklearn

import (
	"errors"
	"fmt"
	"strings"

	"github.com/fleetscore/fleetscore/sklearn/pickle"
)

// What is wrong with a model file; match with errors.Is.
var (
	// ErrUnsupported: the file is sound, and holds something that is not scored natively.
	ErrUnsupported = errors.New("not scored natively")
	// ErrRefused: the file names something that runs code when Python loads it.
	ErrRefused = errors.New("refused")
	// ErrDamaged: the file is not a whole, well-formed model.
	ErrDamaged = errors.New("damaged model")
	// ErrFeatures: the rows have another number of features than the model was fitted on.
	ErrFeatures = errors.New("wrong number of features")
)

func unsupported(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrUnsupported, fmt.Sprintf(format, args...))
}

func damaged(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrDamaged, fmt.Sprintf(format, args...))
}

// classify turns what the pickle machine said into one of the errors above.
func classify(err error) error {
	var global *pickle.GlobalError
	var format *pickle.FormatError
	switch {
	case errors.As(err, &format):
		return fmt.Errorf("%w: %w", ErrUnsupported, err)
	case !errors.As(err, &global):
		return fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	top := topOf(global.Module)
	switch {
	case top == "sklearn":
		return unsupported("%s.%s (named at byte %d) is not among the estimators that fleetscore reads: %s",
			global.Module, global.Name, global.Offset, strings.Join(Estimators(), ", "))
	case runsCode(top):
		return fmt.Errorf("%w: %w; nothing was executed", ErrRefused, err)
	}
	return unsupported("the file names %s.%s at byte %d, a class or function that fleetscore does not know",
		global.Module, global.Name, global.Offset)
}

// topOf is the first part of a module's name.
func topOf(module string) string {
	top, _, _ := strings.Cut(module, ".")
	return top
}

// runsCode reports whether a top-level Python module is one that no model needs
// and that hostile pickles use. It chooses the words, and what is kept out
// of a store: what is not allow-listed is never loaded, whatever its name.
func runsCode(module string) bool {
	switch module {
	case "os", "posix", "nt", "posixpath", "ntpath", "sys", "subprocess", "commands", "popen2", "pty", "shutil",
		"builtins", "__builtin__", "__builtins__", "__main__", "importlib", "imp", "runpy", "code", "codeop", "types",
		"socket", "ssl", "asyncio", "multiprocessing", "threading", "signal", "ctypes", "_ctypes", "cffi", "mmap",
		"pickle", "_pickle", "cPickle", "dill", "cloudpickle", "marshal", "shelve", "operator", "_operator",
		"functools", "_functools", "itertools", "inspect", "pdb", "bdb", "profile", "cProfile", "timeit", "trace",
		"doctest", "pydoc", "idlelib", "lib2to3", "distutils", "ensurepip", "pip", "venv", "webbrowser", "platform",
		"http", "urllib", "urllib2", "requests", "ftplib", "smtplib", "telnetlib", "xmlrpc", "tempfile", "pathlib",
		"io", "_io", "fileinput", "glob", "zipimport", "site", "gc", "weakref", "copy", "test", "unittest", "torch":
		return true
	}
	return false
}
