package pickle

// reduce is REDUCE: Python calls the callable with the arguments. Here a callable
// that the machine knows says what value stands for the result, and any other
// makes an Object that remembers the call.
func (m *machine) reduce() error {
	t, err := m.top(2)
	if err != nil {
		return err
	}
	callee, args := t[0], t[1]
	m.stack = m.stack[:len(m.stack)-2]
	if args.kind != Tuple {
		return m.fail("a call with a %v in place of a tuple of arguments", args.kind)
	}
	if callee.kind != Class && !m.opt.Lenient {
		return m.fail("a call on a value of kind %v", callee.kind)
	}
	made, err := m.call(callee, args)
	if err != nil {
		return err
	}
	return m.push(made)
}

func (m *machine) call(callee, args cell) (cell, error) {
	in := m.doc.items(args)
	switch callee.id {
	case numpyReconstruct:
		return m.reconstructArray(args, in)
	case numpyFromBuffer:
		return m.arrayFromBuffer(in)
	case numpyScalar:
		return m.scalar(callee, args, in)
	case numpyDType:
		return m.newDType(in)
	case codecsEncode:
		return m.encode(in)
	case copyregReconstructor:
		return m.reconstructor(in)
	case copyregNewObj:
		if len(in) == 0 {
			return cell{}, m.fail("__newobj__ without a class")
		}
		s := spanOf(args.bits)
		rest := span{s.off + 1, s.n - 1}
		return m.newInstance(in[0], cell{kind: Tuple, aux: args.aux, bits: rest.bits()})
	case pyBytes, pyByteArray:
		return m.callBytes(in)
	case pySet:
		return m.callSet(in)
	case pyOrderedDict:
		return m.callOrderedDict(in)
	case pyDefaultDict:
		return m.container(Dict, span{})
	}
	return m.newInstance(callee, args)
}

// newObject is NEWOBJ: cls.__new__(cls, *args).
func (m *machine) newObject() error {
	t, err := m.top(2)
	if err != nil {
		return err
	}
	return m.newObjectOf(t[0], t[1], 2)
}

// newObjectEx is NEWOBJ_EX: cls.__new__(cls, *args, **kwargs).
func (m *machine) newObjectEx() error {
	t, err := m.top(3)
	if err != nil {
		return err
	}
	if t[2].kind != Dict || len(m.doc.items(t[2])) != 0 {
		return m.fail("NEWOBJ_EX with keyword arguments, which no model file holds")
	}
	return m.newObjectOf(t[0], t[1], 3)
}

func (m *machine) newObjectOf(class, args cell, operands int) error {
	if args.kind != Tuple {
		return m.fail("an object made with a %v in place of a tuple of arguments", args.kind)
	}
	m.stack = m.stack[:len(m.stack)-operands]
	made, err := m.newInstance(class, args)
	if err != nil {
		return err
	}
	return m.push(made)
}

// newInstance makes an Object of a class, or an Opaque value of one that is not
// allowed or, in a lenient parse, of any value that stands where a class should.
func (m *machine) newInstance(class, args cell) (cell, error) {
	o := object{args: args}
	kind := Opaque
	switch {
	case class.kind == Class:
		o.class, o.id = uint32(class.bits)+1, class.id
		if class.flag&denied == 0 {
			kind = Object
		}
	case !m.opt.Lenient:
		return cell{}, m.fail("an instance of a value of kind %v", class.kind)
	}
	i, err := m.newObjectCell(o)
	return cell{kind: kind, aux: uint32(m.op), bits: uint64(i)}, err
}

func (m *machine) newObjectCell(o object) (uint32, error) {
	d := m.doc
	var err error
	if d.objects, err = grown(m, d.objects, &m.spare.objects, 1, m.limits.Cells, "objects", "Cells"); err != nil {
		return 0, err
	}
	d.objects = append(d.objects, o)
	return uint32(len(d.objects) - 1), nil
}

// build is BUILD: Python hands the state to the object. Here it is stored, and
// only arrays, dtypes and joblib's wrappers are made of theirs.
func (m *machine) build() error {
	t, err := m.top(2)
	if err != nil {
		return err
	}
	to, state := t[0], t[1]
	m.stack = m.stack[:len(m.stack)-1]
	switch to.kind {
	case Array:
		return m.buildArray(to, state)
	case DType:
		return m.buildDType(to, state)
	case Object, Opaque:
		if err := m.setState(to.bits, state); err != nil {
			return err
		}
		if m.doc.objects[to.bits].id == joblibWrapper && to.kind == Object {
			return m.readWrapped(state)
		}
		return nil
	}
	return m.fail("BUILD on a value of kind %v", to.kind)
}

// maxBuilds is how often one object may be built. Python does it once; it is
// bounded since Attr may have to look into every state.
const maxBuilds = 4

// setState stores the state of a BUILD, before those of earlier ones.
func (m *machine) setState(i uint64, state cell) error {
	if m.doc.objects[i].builds == maxBuilds {
		return m.fail("an object is given a state more than %d times", maxBuilds)
	}
	m.doc.objects[i].builds++
	if o := m.doc.objects[i]; o.state.kind != Invalid {
		earlier, err := m.newObjectCell(object{state: o.state, earlier: o.earlier})
		if err != nil {
			return err
		}
		m.doc.objects[i].earlier = earlier + 1
	}
	m.doc.objects[i].state = state
	return nil
}

// reconstructor is copyreg._reconstructor(cls, base, state), which makes objects
// in protocols 0 and 1. A base of list or dict has the items as its state.
func (m *machine) reconstructor(in []cell) (cell, error) {
	if len(in) != 3 || in[1].kind != Class {
		return cell{}, m.fail("_reconstructor wants a class, a base and a state")
	}
	class, base, state := in[0], in[1], in[2]
	if base.id == pyObject {
		return m.newInstance(class, cell{kind: Tuple, aux: uint32(m.op)})
	}
	args, err := m.keep(in[2:])
	if err != nil {
		return cell{}, err
	}
	made, err := m.newInstance(class, cell{kind: Tuple, aux: uint32(m.op), bits: args.bits()})
	if err != nil {
		return cell{}, err
	}
	if base.id == pyDict && state.kind == Dict || base.id == pyList && state.kind == List {
		r, err := m.newRun(m.doc.runs[state.bits].span)
		if err != nil {
			return cell{}, err
		}
		o := &m.doc.objects[made.bits]
		o.items, o.holds = r+1, state.kind
	}
	return made, nil
}

// encode is _codecs.encode(text, 'latin1'): how protocols 0 to 2 write bytes.
func (m *machine) encode(in []cell) (cell, error) {
	if len(in) != 2 || in[0].kind != String || in[1].kind != String {
		return cell{}, m.fail("_codecs.encode wants a text and the name of an encoding")
	}
	switch codec := m.doc.bytes(in[1]); string(codec) {
	case "latin1", "latin-1":
		return m.latin1(in[0])
	default:
		return cell{}, m.fail("_codecs.encode to %s, where bytes are always written as latin1", printable(view(codec)))
	}
}

// latin1 makes bytes of a text, without a copy where they are the same.
func (m *machine) latin1(text cell) (cell, error) {
	b := m.doc.bytes(text)
	if text.flag&python2 != 0 || ascii(b) {
		return cell{kind: Bytes, flag: text.flag & inSide, aux: text.aux, bits: text.bits}, m.decode(len(b))
	}
	return m.decoded(Bytes, 0, b, appendLatin1)
}

// callBytes is bytes(), bytes(b) or bytearray(text, 'latin-1'). A number as
// argument would be a length, out of nothing: it is refused.
func (m *machine) callBytes(in []cell) (cell, error) {
	switch {
	case len(in) == 0:
		return cell{kind: Bytes, bits: uint64(m.op)}, nil
	case len(in) == 1 && in[0].kind == Bytes:
		return in[0], nil
	case len(in) == 2:
		return m.encode(in)
	}
	return cell{}, m.fail("bytes made of anything but bytes or text")
}

// callSet is set(list), as protocols 0 to 3 write sets.
func (m *machine) callSet(in []cell) (cell, error) {
	switch {
	case len(in) == 0:
		return m.container(Set, span{})
	case len(in) == 1 && (in[0].kind == List || in[0].kind == Set):
		return m.container(Set, m.doc.runs[in[0].bits].span)
	case len(in) == 1 && in[0].kind == Tuple:
		return m.container(Set, spanOf(in[0].bits))
	}
	return cell{}, m.fail("a set made of anything but a list")
}

// callOrderedDict is OrderedDict() or, as Python 2 writes it, OrderedDict of a
// list of pairs.
func (m *machine) callOrderedDict(in []cell) (cell, error) {
	made, err := m.container(Dict, span{})
	if err != nil || len(in) == 0 {
		return made, err
	}
	if len(in) != 1 || in[0].kind != List {
		return cell{}, m.fail("an OrderedDict made of anything but a list of pairs")
	}
	for _, pair := range m.doc.items(in[0]) {
		p := m.doc.items(pair)
		if (pair.kind != List && pair.kind != Tuple) || len(p) != 2 {
			return cell{}, m.fail("an OrderedDict of things that are no pairs")
		}
		if err := m.extend(&m.doc.runs[made.bits], p); err != nil {
			return cell{}, err
		}
	}
	return made, nil
}
