package pack

import (
	"cmp"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"sort"

	"github.com/fleetscore/fleetscore/store"
)

// ErrDamaged is that a pack is not what its name says, or is none.
var ErrDamaged = errors.New("damaged pack")

// ErrNotPacked is that a model is in the store, and in no pack: see "Pack" above.
var ErrNotPacked = errors.New("not packed")

func damaged(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrDamaged, fmt.Sprintf(format, args...))
}

const (
	magic      = "FSPACK1\n"
	headerSize = 24
	entrySize  = 64
)

// kind is what an entry says of a model.
type kind uint32

const (
	packed kind = iota
	removed
	leftOut
	kinds
)

// index is all of a pack but its models. It is read as it lies in the file, so
// that neither its size nor its number of keys costs any work for the collector.
type index struct {
	entries []byte
	keys    string
	size    int64 // of header, entries and keys
	data    int64 // of the models
}

// indexSize is how long the index is whose header is at the start of data.
func indexSize(header []byte) (int64, error) {
	if len(header) < headerSize || string(header[:len(magic)]) != magic {
		return 0, damaged("it does not begin as a pack does")
	}
	n, keys := binary.LittleEndian.Uint32(header[8:]), binary.LittleEndian.Uint32(header[12:])
	return headerSize + int64(n)*entrySize + int64(keys), nil
}

// parseIndex reads the index at the start of a pack of total bytes, of which data
// may be a part. It keeps data.
func parseIndex(data []byte, total int64) (*index, error) {
	size, err := indexSize(data)
	if err != nil {
		return nil, err
	}
	if size > int64(len(data)) {
		return nil, damaged("its index has %d bytes, and there are %d", size, len(data))
	}
	models := binary.LittleEndian.Uint64(data[16:])
	if total < size || models != uint64(total-size) {
		return nil, damaged("it has %d bytes, its index %d and its models %d", total, size, models)
	}
	n := int64(binary.LittleEndian.Uint32(data[8:]))
	x := &index{
		entries: data[headerSize:][:n*entrySize],
		keys:    string(data[headerSize+n*entrySize : size]),
		size:    size, data: total - size,
	}
	return x, x.check()
}

// check makes sure that each entry is within bounds and that they are sorted, so
// that nothing needs to look again.
func (x *index) check() error {
	var key, model uint64
	for i := range x.len() {
		e := x.entry(i)
		keyEnd, modelEnd := uint64(binary.LittleEndian.Uint32(e)), binary.LittleEndian.Uint64(e[8:])
		switch {
		case keyEnd <= key || keyEnd > uint64(len(x.keys)) || keyEnd-key > store.MaxKey:
			return damaged("the key of entry %d ends at %d of %d, after %d", i, keyEnd, len(x.keys), key)
		case modelEnd < model || modelEnd > uint64(x.data):
			return damaged("the model of entry %d ends at %d of %d, after %d", i, modelEnd, x.data, model)
		case x.kind(i) >= kinds:
			return damaged("entry %d is of kind %d", i, x.kind(i))
		case x.kind(i) != packed && modelEnd != model:
			return damaged("entry %d has a model and is of kind %d", i, x.kind(i))
		case i > 0 && x.key(i-1) >= x.keys[key:keyEnd]:
			return damaged("entries %d and %d are out of order", i-1, i)
		}
		key, model = keyEnd, modelEnd
	}
	if key != uint64(len(x.keys)) || model != uint64(x.data) {
		return damaged("%d bytes follow the last key, and %d the last model", uint64(len(x.keys))-key, uint64(x.data)-model)
	}
	return nil
}

func (x *index) len() int { return len(x.entries) / entrySize }

func (x *index) entry(i int) []byte { return x.entries[i*entrySize:][:entrySize] }

func (x *index) key(i int) string {
	from := uint32(0)
	if i > 0 {
		from = binary.LittleEndian.Uint32(x.entry(i - 1))
	}
	return x.keys[from:binary.LittleEndian.Uint32(x.entry(i))]
}

func (x *index) kind(i int) kind { return kind(binary.LittleEndian.Uint32(x.entry(i)[4:])) }

// span is where the model of entry i lies in the pack.
func (x *index) span(i int) (from, to int64) {
	if i > 0 {
		from = int64(binary.LittleEndian.Uint64(x.entry(i - 1)[8:]))
	}
	return x.size + from, x.size + int64(binary.LittleEndian.Uint64(x.entry(i)[8:]))
}

// matches reports whether entry i was made from s as it is now.
func (x *index) matches(i int, s *Source) bool {
	return x.number(i, 16) == s.Size && x.number(i, 24) == s.stamp()
}

func (x *index) number(i, at int) int64 { return int64(binary.LittleEndian.Uint64(x.entry(i)[at:])) }

func (x *index) sum(i int) [32]byte { return [32]byte(x.entry(i)[32:]) }

func (x *index) digest(i int) string {
	var text [64]byte
	hex.Encode(text[:], x.entry(i)[32:])
	return string(text[:])
}

// find is where key is.
func (x *index) find(key string) (int, bool) {
	return sort.Find(x.len(), func(i int) int { return cmp.Compare(key, x.key(i)) })
}

// item is an entry that is to be written.
type item struct {
	Source
	kind kind
	data []byte
	sum  [32]byte
}

// encodeIndex is the index of items, which are sorted by key.
func encodeIndex(items []item) []byte {
	var keys, models uint64
	for i := range items {
		keys += uint64(len(items[i].Key))
		models += uint64(len(items[i].data))
	}
	dst := make([]byte, 0, headerSize+entrySize*uint64(len(items))+keys)
	dst = append(dst, magic...)
	dst = binary.LittleEndian.AppendUint32(dst, uint32(len(items)))
	dst = binary.LittleEndian.AppendUint32(dst, uint32(keys))
	dst = binary.LittleEndian.AppendUint64(dst, models)
	keys, models = 0, 0
	for i := range items {
		it := &items[i]
		keys += uint64(len(it.Key))
		models += uint64(len(it.data))
		dst = binary.LittleEndian.AppendUint32(dst, uint32(keys))
		dst = binary.LittleEndian.AppendUint32(dst, uint32(it.kind))
		dst = binary.LittleEndian.AppendUint64(dst, models)
		dst = binary.LittleEndian.AppendUint64(dst, uint64(it.Size))
		dst = binary.LittleEndian.AppendUint64(dst, uint64(it.stamp()))
		dst = append(dst, it.sum[:]...)
	}
	for i := range items {
		dst = append(dst, items[i].Key...)
	}
	return dst
}
