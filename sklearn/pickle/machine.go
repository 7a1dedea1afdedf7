package pickle

import (
	"fmt"
	"unsafe"
)

// A machine runs one pickle stream into a Document. An array of Python objects
// in a joblib file is a stream of its own, run by a machine that shares the
// Document and the budget.
type machine struct {
	doc    *Document
	data   []byte // doc.data
	opt    Options
	limits Limits
	budget *budget
	spare  *spare
	rec    *recorder // nil, unless a template is to be made
	nested bool
	plain  bool // without quick, which tests compare with

	pos    int // of the next byte
	op     int // of the opcode at work
	frame  int // where the current frame ends
	binary bool

	stack []cell
	marks []uint32 // heights of the stack at the open marks
	fence int      // the height that no opcode but those of the mark may go below
	memo  memo
}

// start makes the machine ready for doc, in the memory of what it ran before.
func (m *machine) start(doc *Document, opt Options, limits Limits) {
	few := min(len(doc.data), 4096) // a small model gets what it needs at once
	doc.cells = taken(&m.spare.cells, 0, few/6+8)
	*m.budget = budget{memory: limits.Memory, decoded: limits.Decoded, nested: limits.Nested}
	*m = machine{doc: doc, data: doc.data, opt: opt, limits: limits, budget: m.budget, spare: m.spare, plain: m.plain,
		stack: taken(&m.spare.stack, 0, few/16+8), memo: memo{dense: taken(&m.spare.dense, 0, few/8+8)}}
}

// run executes opcodes up to STOP and returns the value on top of the stack.
func (m *machine) run() (cell, error) {
	for {
		if m.rec != nil {
			m.rec.opcode(m.pos)
		} else if !m.plain {
			m.quick()
		}
		if m.pos >= len(m.data) {
			break
		}
		m.op = m.pos
		m.pos++
		var err error
		switch op := m.data[m.op]; op {
		case opStop:
			return m.stop()
		case opProto:
			err = m.proto()
		case opFrame:
			err = m.startFrame()

		case opMark:
			err = m.mark()
		case opPop:
			err = m.discard()
		case opPopMark:
			m.binary = true
			_, err = m.popMark()
		case opDup:
			err = m.dup()

		case opPut:
			err = m.putText()
		case opBinPut:
			err = m.putBinary(1)
		case opLongBinPut:
			err = m.putBinary(4)
		case opMemoize:
			err = m.put(uint64(m.memo.n))
		case opGet:
			err = m.getText()
		case opBinGet:
			err = m.getBinary(1)
		case opLongBinGet:
			err = m.getBinary(4)

		case opNone:
			err = m.push(cell{kind: None, aux: uint32(m.op)})
		case opNewTrue:
			err = m.pushNumber(Bool, 1)
		case opNewFalse:
			err = m.pushNumber(Bool, 0)
		case opInt:
			err = m.intText()
		case opBinInt:
			err = m.binInt(4)
		case opBinInt1:
			err = m.binInt(1)
		case opBinInt2:
			err = m.binInt(2)
		case opLong:
			err = m.longText()
		case opLong1:
			err = m.long(1)
		case opLong4:
			err = m.long(4)
		case opFloat:
			err = m.floatText()
		case opBinFloat:
			err = m.binFloat()

		case opString:
			err = m.stringText()
		case opUnicode:
			err = m.unicodeText()
		case opShortBinUnicode:
			err = m.text(String, 0, 1)
		case opBinUnicode:
			m.binary = true
			err = m.text(String, 0, 4)
		case opBinUnicode8:
			err = m.text(String, 0, 8)
		case opShortBinStr:
			m.binary = true
			err = m.text(String, python2, 1)
		case opBinString:
			m.binary = true
			err = m.text(String, python2, 4)
		case opShortBinBytes:
			err = m.text(Bytes, 0, 1)
		case opBinBytes:
			err = m.text(Bytes, 0, 4)
		case opBinBytes8, opByteArray8:
			err = m.text(Bytes, 0, 8)

		case opEmptyTuple:
			m.binary = true
			err = m.tupleOf(0)
		case opTuple1:
			err = m.tupleOf(1)
		case opTuple2:
			err = m.tupleOf(2)
		case opTuple3:
			err = m.tupleOf(3)
		case opTuple:
			err = m.tuple()
		case opEmptyList:
			m.binary = true
			err = m.empty(List)
		case opEmptyDict:
			m.binary = true
			err = m.empty(Dict)
		case opEmptySet:
			err = m.empty(Set)
		case opList:
			err = m.collect(List)
		case opDict:
			err = m.collect(Dict)
		case opFrozenSet:
			err = m.collect(Set)
		case opAppend:
			err = m.addTop(List, 1)
		case opSetItem:
			err = m.addTop(Dict, 2)
		case opAppends:
			err = m.addMarked(List)
		case opSetItems:
			err = m.addMarked(Dict)
		case opAddItems:
			err = m.addMarked(Set)

		case opGlobal:
			err = m.global()
		case opStackGlobal:
			err = m.stackGlobal()
		case opReduce:
			err = m.reduce()
		case opNewObj:
			err = m.newObject()
		case opNewObjEx:
			err = m.newObjectEx()
		case opBuild:
			err = m.build()

		case opInst:
			err = m.inst()
		default:
			err = m.refuse(op)
		}
		if err != nil {
			return cell{}, err
		}
	}
	m.op = m.pos
	return cell{}, m.fail("the input ends before STOP: it is cut short or is no pickle")
}

// refuse says why op is not executed.
func (m *machine) refuse(op byte) error {
	switch op {
	case opPersID, opBinPersID:
		return m.fail("PERSID asks for an object outside the file, which no model file does")
	case opExt1, opExt2, opExt4:
		return m.fail("EXT calls for a registry of classes outside the file, which no model file does")
	case opObj:
		return m.fail("OBJ makes instances of old-style classes, which no model file holds")
	case opNextBuffer, opReadonlyBuffer:
		return m.fail("the data lies in a buffer outside the file: pickle the model without buffer_callback")
	}
	return m.fail("byte 0x%02x is no opcode", op)
}

// stop ends the stream. A nested stream must also end its frame, since the
// array data or opcodes of the outer one follow.
func (m *machine) stop() (cell, error) {
	if m.nested && m.pos < m.frame {
		return cell{}, m.fail("STOP inside a frame of a nested pickle")
	}
	return m.pop()
}

func (m *machine) proto() error {
	v, err := m.number(1)
	if err != nil {
		return err
	}
	if v > highestProtocol {
		return m.fail("protocol %d: the highest known is %d", v, highestProtocol)
	}
	if !m.nested { // joblib pickles an array of objects by another protocol
		m.doc.protocol = max(m.doc.protocol, int(v))
	}
	return nil
}

func (m *machine) startFrame() error {
	if m.op < m.frame {
		return m.fail("a frame begins inside another")
	}
	n, err := m.number(8)
	if err != nil {
		return err
	}
	if n > uint64(len(m.data)-m.pos) {
		return m.fail("a frame of %d bytes, and %d are left", n, len(m.data)-m.pos)
	}
	m.frame = m.pos + int(n)
	return nil
}

func (m *machine) fail(format string, args ...any) error {
	return &SyntaxError{Offset: m.op, Msg: fmt.Sprintf(format, args...)}
}

// view is b as a string without a copy; b must not change afterwards.
func view(b []byte) string {
	return unsafe.String(unsafe.SliceData(b), len(b)) //nolint:gosec // G103: Parse asks the caller to leave the input alone
}
