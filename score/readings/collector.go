package readings

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/klauspost/compress/zstd"

	"github.com/fleetscore/fleetscore/fleet"
)

// The sizes that a collector works with.
const (
	blockSize = 256 << 10 // bytes parsed at a time
	maxRecord = 1 << 20   // bytes of a row, quoted line ends included
)

// Options say how files are read. The zero Options will do.
type Options struct {
	Columns  Columns
	Features Features
	// Untagged says that rows of CSV and Parquet are of devices as wholes, and have no tag.
	Untagged bool
	// Keep says which sensors to keep, or which devices where the features are a
	// device's; nil keeps all. Others leave no trace but in Set.Integers, which is
	// of whole files, so that parts of a file are written as the whole would be.
	Keep func(fleet.Sensor) bool
	// From and To, unless both are 0, leave out the readings whose time is not in
	// [From, To), in nanoseconds since 1970.
	From, To int64
	// Latest keeps of a sensor's rows of one time the one that was read last, which
	// supersedes the others: a later revision of a window.
	Latest bool
	// Progress, if not nil, is called from Read after each block, with the bytes
	// of the current file read so far, as they are stored (compressed).
	Progress func(bytesRead int64)
}

// Collector reads files, one after the other, and sorts their rows by sensor.
// It is not for use by several goroutines at once.
type Collector struct {
	opt       Options
	columns   []string // of values, as Features has them
	needs     map[string][]bool
	blockSize int
	maxRecord int
	buffers   [2][]byte // for a feed, kept from file to file

	columnReaders []*columnReader // of Parquet, kept from file to file
	zstd          *zstd.Decoder   // for pages of Parquet; nil until there are such

	sensors      *sensors
	arena        arena
	clock        clock
	rows         int64
	unit         Unit
	otherwise    []bool // by column: a value was written otherwise than as an integer
	unattributed []fleet.Failure
}

// NewCollector returns a collector that holds no readings yet.
func NewCollector(opt Options) *Collector {
	return newCollector(opt, blockSize, maxRecord)
}

func newCollector(opt Options, blockSize, maxRecord int) *Collector {
	forms := new(formTable)
	columns := opt.Features.columns()
	return &Collector{
		opt: opt, blockSize: blockSize, maxRecord: maxRecord,
		columns: columns, needs: opt.Features.needs(),
		sensors:   newSensors(opt),
		arena:     arena{table: forms, width: len(columns)},
		clock:     clock{table: forms},
		otherwise: make([]bool, len(columns)),
	}
}

// Read adds the rows of one file, compressed or not. The name is for messages:
// an error starts with it, an example of a bad row with name:line.
//
// An error means that the file as a whole is unusable, or that ctx is over; rows
// read before that stay in the collector. A bad row is no error: it is counted
// in its Series or in Set.Unattributed.
//
// When ctx ends, Read returns at once, even if r blocks; r is then in use until
// its Read returns, for which the caller may have to close it. Otherwise nobody
// uses r any more once Read has returned.
func (c *Collector) Read(ctx context.Context, name string, r io.Reader) error {
	if err := c.read(ctx, name, r); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

func (c *Collector) read(ctx context.Context, name string, r io.Reader) error {
	buffers := c.takeBuffers()
	f := newFeed(ctx, r, c.maxRecord)
	defer func() {
		if f.close() {
			c.buffers = buffers
		}
	}()
	var p parser
	var rest []byte // of the block before, in the idle buffer
	f.free <- buffers[0]
	for idle := buffers[1]; ; {
		block, err := f.next()
		if err != nil {
			return err
		}
		start := f.room - len(rest)
		copy(block.buf[start:], rest)
		last := block.err == io.EOF
		if p == nil {
			text := block.buf[start:block.end]
			if !last && c.undecided(text) {
				if block.err != nil {
					return block.err
				}
				rest = text
				f.free <- idle
				idle = block.buf
				continue
			}
			if p, err = c.newParser(name, text); err != nil {
				return err
			}
		}
		// Nothing is read ahead of a header that may be wrong.
		ahead := p.ready()
		if ahead {
			f.free <- idle
		}
		rest, err = p.parse(block.buf[start:block.end], last)
		if err != nil {
			return err
		}
		if c.opt.Progress != nil {
			c.opt.Progress(block.read)
		}
		switch {
		case last:
			return nil
		case block.err != nil: // after the rows before it, wherever blocks end
			return block.err
		case !ahead:
			f.free <- idle
		}
		idle = block.buf
	}
}

// A parser parses the text of one file.
type parser interface {
	// parse adds the rows of text and returns the end of it that is not a whole row
	// yet, at most Collector.maxRecord bytes long. last says that the file ends
	// here; then nothing is left.
	parse(text []byte, last bool) ([]byte, error)
	// ready reports that rows have been understood so far.
	ready() bool
}

const byteOrderMark = "\xef\xbb\xbf"

// undecided reports that more than text must be known of the start of a file to tell
// how it is written. Where blocks end makes no difference.
func (c *Collector) undecided(text []byte) bool {
	return len(text) < c.maxRecord && (len(firstOf(text)) == 0 || strings.HasPrefix(byteOrderMark, string(text)))
}

// firstOf is the start of text without a byte order mark and white space.
func firstOf(text []byte) []byte {
	return bytes.TrimLeft(bytes.TrimPrefix(text, []byte(byteOrderMark)), " \t\r\n")
}

// newParser is the parser for a file that begins with text.
func (c *Collector) newParser(name string, text []byte) (parser, error) {
	switch start := firstOf(text[:min(len(text), c.maxRecord)]); {
	case bytes.HasPrefix(start, []byte("{")):
		return newNDJSON(c, name), nil
	case bytes.HasPrefix(start, []byte("[")):
		return nil, errors.New("a JSON array; wanted are JSON lines: one object a line, without commas between them")
	}
	return newTable(c, name), nil
}

func (c *Collector) takeBuffers() [2][]byte {
	buffers := c.buffers
	c.buffers = [2][]byte{}
	if buffers[0] == nil {
		for i := range buffers {
			buffers[i] = make([]byte, c.maxRecord+c.blockSize)
		}
	}
	return buffers
}

// Finish gives what was read and leaves the collector empty.
func (c *Collector) Finish() *Set {
	series := slices.DeleteFunc(c.sensors.series, func(s *Series) bool { return s.left || c.clips() && s.empty() })
	slices.SortFunc(series, func(a, b *Series) int { return a.Sensor.Compare(b.Sensor) })
	if c.opt.Latest {
		kept := &arena{table: c.arena.table, width: c.arena.width}
		for _, s := range series {
			c.rows -= s.supersede(kept)
		}
	}
	set := &Set{
		Series:       series,
		Rows:         c.rows,
		Device:       c.opt.Features.Device,
		Features:     c.opt.Features.Names(),
		Integers:     c.integers(),
		Unit:         c.unit,
		Unattributed: c.unattributed,
	}
	if c.opt.Features.Device {
		set.Series, set.Rows = c.join(series)
	}
	*c = *newCollector(c.opt, c.blockSize, c.maxRecord)
	return set
}

// clips reports that readings are left out by their time.
func (c *Collector) clips() bool { return c.opt.From != 0 || c.opt.To != 0 }

// integers says of each feature whether it was always written as an integer.
func (c *Collector) integers() []bool {
	integers := make([]bool, len(c.opt.Features.Names()))
	for i := range integers {
		column := i
		if len(c.opt.Features.List) > 0 {
			column = slices.Index(c.columns, c.opt.Features.List[i].Column)
		}
		integers[i] = c.rows > 0 && !c.otherwise[column]
	}
	return integers
}
