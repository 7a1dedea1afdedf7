package pickle

import "strings"

// A builtin is a global that the machine itself knows.
type builtin uint16

const (
	unknown builtin = iota
	inert           // makes an Object that is nothing but its class, arguments and state
	numpyReconstruct
	numpyFromBuffer
	numpyScalar
	numpyNDArray
	numpyDType
	joblibWrapper
	codecsEncode
	copyregReconstructor
	copyregNewObj
	pyObject
	pyBytes
	pyByteArray
	pyList
	pyDict
	pySet
	pyOrderedDict
	pyDefaultDict
)

// known is the machine's own allow-list: module and name with a newline between,
// as GLOBAL writes them, so that looking one up needs no copy. Nothing in it is
// called: it says what a call would have built.
func known(key string) builtin {
	switch key {
	case "numpy.core.multiarray\n_reconstruct", "numpy._core.multiarray\n_reconstruct":
		return numpyReconstruct
	case "numpy.core.numeric\n_frombuffer", "numpy._core.numeric\n_frombuffer":
		return numpyFromBuffer
	case "numpy.core.multiarray\nscalar", "numpy._core.multiarray\nscalar":
		return numpyScalar
	case "numpy\nndarray", "numpy.core.multiarray\nndarray", "numpy._core.multiarray\nndarray",
		"numpy\nmemmap", "numpy.core.memmap\nmemmap", "numpy._core.memmap\nmemmap":
		return numpyNDArray
	case "numpy\ndtype", "numpy.core.multiarray\ndtype", "numpy._core.multiarray\ndtype":
		return numpyDType
	case "joblib.numpy_pickle\nNumpyArrayWrapper", "sklearn.externals.joblib.numpy_pickle\nNumpyArrayWrapper":
		return joblibWrapper
	case "_codecs\nencode":
		return codecsEncode
	case "copyreg\n_reconstructor", "copy_reg\n_reconstructor":
		return copyregReconstructor
	case "copyreg\n__newobj__", "copy_reg\n__newobj__":
		return copyregNewObj
	case "builtins\nobject", "__builtin__\nobject":
		return pyObject
	case "builtins\nbytes", "__builtin__\nbytes":
		return pyBytes
	case "builtins\nbytearray", "__builtin__\nbytearray":
		return pyByteArray
	case "builtins\nlist", "__builtin__\nlist":
		return pyList
	case "builtins\ndict", "__builtin__\ndict":
		return pyDict
	case "builtins\nset", "__builtin__\nset", "builtins\nfrozenset", "__builtin__\nfrozenset":
		return pySet
	case "collections\nOrderedDict":
		return pyOrderedDict
	case "collections\ndefaultdict":
		return pyDefaultDict

	case "builtins\ncomplex", "builtins\nslice", "builtins\ntuple", "builtins\nint", "builtins\nfloat",
		"builtins\nbool", "builtins\nstr", "builtins\nrange",
		"__builtin__\ncomplex", "__builtin__\nslice", "__builtin__\ntuple", "__builtin__\nint", "__builtin__\nfloat",
		"__builtin__\nbool", "__builtin__\nstr", "__builtin__\nrange",
		"__builtin__\nlong", "__builtin__\nunicode", "__builtin__\nxrange": // Python 3 writes int, str and range so, up to protocol 2
		return inert
	case "numpy\nbool_", "numpy\nbool", "numpy\nstr_", "numpy\nbytes_", "numpy\nobject_",
		"numpy\nint8", "numpy\nint16", "numpy\nint32", "numpy\nint64",
		"numpy\nuint8", "numpy\nuint16", "numpy\nuint32", "numpy\nuint64",
		"numpy\nfloat16", "numpy\nfloat32", "numpy\nfloat64",
		"numpy\ncomplex64", "numpy\ncomplex128", "numpy\ndatetime64", "numpy\ntimedelta64":
		return inert
	case "numpy.random\n__RandomState_ctor", // numpy before 1.17
		"numpy.random._pickle\n__randomstate_ctor", "numpy.random._pickle\n__bit_generator_ctor", "numpy.random._pickle\n__generator_ctor",
		"numpy.random._mt19937\nMT19937", "numpy.random._pcg64\nPCG64", "numpy.random._pcg64\nPCG64DXSM",
		"numpy.random._philox\nPhilox", "numpy.random._sfc64\nSFC64",
		"numpy.random.bit_generator\nSeedSequence", "numpy.random.bit_generator\n__pyx_unpickle_SeedSequence":
		return inert
	case "scipy.sparse.csr\ncsr_matrix", "scipy.sparse._csr\ncsr_matrix", "scipy.sparse._csr\ncsr_array",
		"scipy.sparse.csc\ncsc_matrix", "scipy.sparse._csc\ncsc_matrix", "scipy.sparse._csc\ncsc_array":
		return inert
	}
	return unknown
}

// global is GLOBAL: module and name on a line each.
func (m *machine) global() error {
	key, module, name, err := m.nameLines()
	if err != nil {
		return err
	}
	return m.pushClass(known(key), module, name)
}

// inst is INST, which names a class like GLOBAL and is refused, but not before
// what it names: of a hostile file, the name is what the user should see.
func (m *machine) inst() error {
	key, module, name, err := m.nameLines()
	if err != nil {
		return err
	}
	if err := m.pushClass(known(key), module, name); err != nil {
		return err
	}
	return m.fail("INST makes instances of old-style classes, which no model file holds")
}

func (m *machine) nameLines() (key, module, name string, err error) {
	mod, off, err := m.line()
	if err != nil {
		return "", "", "", err
	}
	nam, _, err := m.line()
	if err != nil {
		return "", "", "", err
	}
	return view(m.data[off : m.pos-1]), view(mod), view(nam), nil
}

// stackGlobal is STACK_GLOBAL: module and name are strings on the stack.
func (m *machine) stackGlobal() error {
	t, err := m.top(2)
	if err != nil {
		return err
	}
	if t[0].kind != String || t[1].kind != String {
		return m.fail("a global is named by a %v and a %v, not by strings", t[0].kind, t[1].kind)
	}
	module, name := m.doc.bytes(t[0]), m.doc.bytes(t[1])
	m.stack = m.stack[:len(m.stack)-2]

	id := unknown
	var key [64]byte // longer than any known
	if len(module)+1+len(name) <= len(key) {
		k := append(append(append(key[:0], module...), '\n'), name...)
		id = known(view(k))
	}
	return m.pushClass(id, view(module), view(name))
}

// maxName is the longest name, in bytes, of a module or class.
const maxName = 256

// pushClass checks a global at the moment it is named, records and pushes it.
func (m *machine) pushClass(id builtin, module, name string) error {
	if len(module) > maxName || len(name) > maxName {
		return m.fail("a global's name of %d bytes, the most is %d", max(len(module), len(name)), maxName)
	}
	if isLegacyJoblib(module, name) {
		return legacyJoblib()
	}
	allowed := id != unknown ||
		identifiers(module, true) && identifiers(name, false) && m.opt.Allow != nil && m.opt.Allow(module, name)
	if !allowed && !m.opt.Lenient {
		return &GlobalError{Module: strings.Clone(module), Name: strings.Clone(name), Offset: m.op} // may outlive the input
	}
	i, err := m.record(module, name, allowed)
	if err != nil {
		return err
	}
	c := cell{kind: Class, id: id, aux: uint32(m.op), bits: uint64(i)}
	if !allowed {
		c.flag = denied
	}
	return m.push(c)
}

type globalName struct{ module, name string }

// record returns the index of a global in Document.globals.
func (m *machine) record(module, name string, allowed bool) (int, error) {
	d := m.doc
	const few = 32 // are searched one by one; the table makes sure that more are not
	for i := range min(len(d.globals), few) {
		if g := &d.globals[i]; g.Name == name && g.Module == module {
			return i, nil
		}
	}
	key := globalName{module, name}
	if i, ok := m.budget.named[key]; ok {
		return i, nil
	}
	var err error
	if d.globals, err = grown(m, d.globals, &m.spare.globals, 1, m.limits.Globals, "globals", "Globals"); err != nil {
		return 0, err
	}
	if len(d.globals) >= few {
		if err := m.charge(mapEntry); err != nil {
			return 0, err
		}
		if m.budget.named == nil {
			m.budget.named = make(map[globalName]int)
		}
		m.budget.named[key] = len(d.globals)
	}
	d.globals = append(d.globals, Global{Module: module, Name: name, Offset: m.op, Allowed: allowed})
	return len(d.globals) - 1, nil
}

// isLegacyJoblib reports the classes of joblib's formats before 0.10.
func isLegacyJoblib(module, name string) bool {
	if name != "NDArrayWrapper" && name != "ZNDArrayWrapper" {
		return false
	}
	switch module {
	case "joblib.numpy_pickle", "joblib.numpy_pickle_compat",
		"sklearn.externals.joblib.numpy_pickle", "sklearn.externals.joblib.numpy_pickle_compat":
		return true
	}
	return false
}

// identifiers reports whether s is an ASCII identifier or, if dots is set,
// several with dots between.
func identifiers(s string, dots bool) bool {
	start := true
	for i := range len(s) {
		switch c := s[i]; {
		case c == '_' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || !start && c >= '0' && c <= '9':
			start = false
		case c == '.' && dots && !start:
			start = true
		default:
			return false
		}
	}
	return !start
}
