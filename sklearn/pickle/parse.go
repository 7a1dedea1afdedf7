package pickle

import (
	"math"
	"slices"
)

// Options say what a parse may name and use. The zero Options allow no class
// beyond those of Python, numpy and scipy that the machine itself understands.
type Options struct {
	// Allow says whether a class that the machine itself does not know may be
	// named. It sees ASCII identifiers only. Nil: none may.
	Allow func(module, name string) bool
	// Lenient records globals that are not allowed and lets them stay inert,
	// instead of ending the parse: a call on one becomes an Opaque value. It is
	// for looking at files; nothing is executed either way. Parse then also
	// returns a Document together with an error: one without a root, that tells
	// what was seen before the input turned out damaged.
	Lenient bool
	// Limits cap what the input may use.
	Limits Limits
}

// Limits cap what one input may use. A zero field means its default, which is
// in proportion to n, the bytes of the decompressed input, and s, its bytes as
// it is stored.
type Limits struct {
	Size     int // bytes of the input, decompressed; 1 GiB. Never more than 4 GiB - 1
	Ratio    int // decompressed bytes for each byte of the file, beyond the first 4 MiB; 128
	Memory   int // bytes that all growing parts may allocate together, growth included; 64 KiB + 128 n, and at most 16 MiB + 128 s
	Stack    int // values on the stack; 1<<20
	Marks    int // open marks; 10,000
	Memo     int // memo entries; 64 + n/2
	Cells    int // items of lists, tuples, dicts and sets; 1024 + 4 n
	Elements int // elements of one array; 1024 + n
	Decoded  int // bytes of text converted from one encoding to another; 4096 + 8 n
	Globals  int // different globals; 4096
	Nested   int // arrays of Python objects in a joblib file; 10,000
}

// within returns l with the defaults for an input of n bytes, stored in as many
// as stored, filled in. All that grows is charged to Memory, so that no other
// limit has to know how well the input was compressed.
func (l Limits) within(n, stored int) Limits {
	fill := func(field *int, value int) {
		if *field <= 0 {
			*field = value
		}
	}
	fill(&l.Size, 1<<30)
	l.Size = min(l.Size, math.MaxUint32)
	fill(&l.Ratio, 128)
	fill(&l.Memory, min(64<<10+128*n, 16<<20+128*stored))
	fill(&l.Stack, 1<<20)
	fill(&l.Marks, 10_000)
	fill(&l.Memo, 64+n/2)
	fill(&l.Cells, 1024+4*n)
	l.Cells = min(l.Cells, math.MaxInt32)
	fill(&l.Elements, 1024+n)
	fill(&l.Decoded, 4096+8*n)
	fill(&l.Globals, 4096)
	fill(&l.Nested, 10_000)
	return l
}

// Format says how the pickle was stored.
type Format struct {
	// Container is "joblib" when array data stands outside the pickle stream,
	// else "pickle": joblib writes a plain pickle when there is no array.
	Container string
	// Compression is "", "zlib", "gzip", "bzip2" or "zstd".
	Compression string
}

// Global is a class or function that the input names. In a lenient parse both
// names are whatever the input says, not even UTF-8.
type Global struct {
	Module, Name string
	Offset       int // of the opcode that named it first
	Allowed      bool
}

// Document is a parsed pickle. It does not change and may be read concurrently.
type Document struct {
	data    []byte // the input, decompressed
	side    []byte // text and bytes that had to be decoded
	cells   []cell // all items
	runs    []run
	objects []object
	arrays  []array
	dtypes  []dtype
	globals []Global

	root      cell
	protocol  int
	format    Format
	structure uint64
}

// Root is the value that the pickle stands for.
func (d *Document) Root() Value { return Value{d, d.root} }

// Protocol is the highest protocol that the pickle states, or 0 or 1 when it
// states none, told apart by its opcodes. Pickles inside it, for joblib's arrays
// of objects, do not count.
func (d *Document) Protocol() int { return d.protocol }

// Globals lists what the input names, in order of first naming, without doubles.
func (d *Document) Globals() []Global { return slices.Clone(d.globals) }

// Format says how the pickle was stored.
func (d *Document) Format() Format { return d.format }

// Structure is the same for two Documents of one Parser that differ in numbers, in
// the bytes of arrays and in offsets alone; 0 where that is not known.
func (d *Document) Structure() uint64 { return d.structure }

// Parse reads one pickle or joblib file, raw or compressed. The Document keeps
// slices of data, which must not change while it is in use. The error is a
// *GlobalError, *SyntaxError, *LimitError or *FormatError; the Document is then
// nil, unless the parse is lenient.
func Parse(data []byte, opt Options) (*Document, error) { return NewParser(opt).Parse(data) }

// A Parser parses one file after the other with the same options, in the same memory.
// Files that are alike, as those of a fleet are, are parsed much faster than by
// [Parse]. The zero Parser has the zero Options; it is for one goroutine. What a
// parse gives does not depend on those before it, if Allow always says the same of
// the same names.
type Parser struct {
	opt       Options
	doc       Document
	machine   machine
	budget    budget
	spare     spare
	templates templates
}

// NewParser returns a Parser with options.
func NewParser(opt Options) *Parser { return &Parser{opt: opt} }

// Parse is [Parse], but the Document is good until the next call only.
func (p *Parser) Parse(data []byte) (*Document, error) {
	if doc := p.templates.find(data, &p.opt); doc != nil {
		return doc, nil
	}
	opt := &p.opt
	plain, compression, err := decompress(data, opt.Limits.within(len(data), len(data)))
	if err != nil {
		return nil, err
	}
	limits := opt.Limits.within(len(plain), len(data))
	if len(plain) > limits.Size {
		return nil, &LimitError{What: "bytes of input", Got: int64(len(plain)), Limit: int64(limits.Size), Field: "Size", Offset: -1}
	}
	p.spare.shrink()
	p.doc = Document{data: plain, format: Format{Container: "pickle", Compression: compression}}
	doc, m := &p.doc, &p.machine
	m.budget, m.spare = &p.budget, &p.spare
	m.start(doc, p.opt, limits)
	if compression == "" && !opt.Lenient {
		m.rec = p.templates.recorder()
	}
	doc.root, err = m.run()
	if m.binary {
		doc.protocol = max(doc.protocol, 1)
	}
	if err != nil && !opt.Lenient {
		return nil, err
	}
	if m.rec != nil {
		p.templates.add(m)
	}
	return doc, err
}
