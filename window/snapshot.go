package window

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"slices"
	"time"
)

const magic = "fsw\x01"

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// AppendSnapshot appends all that the engine knows. An engine that is restored of it
// goes on as this one does, byte for byte.
func (e *Engine) AppendSnapshot(b []byte) ([]byte, error) {
	if e.err != nil {
		return nil, e.err
	}
	from := len(b)
	b = append(b, magic...)
	for _, v := range [...]int64{e.every, e.hop, e.now} {
		b = binary.AppendVarint(b, v)
	}
	for _, n := range e.counts.Readings {
		b = binary.AppendUvarint(b, n)
	}
	for _, n := range [...]uint64{e.counts.Clamped, e.counts.Windows, e.counts.Revisions, e.counts.Lookups} {
		b = binary.AppendUvarint(b, n)
	}
	// Ids depend on which were free; age does not.
	ids := slices.Clone(e.heap.ids)
	slices.SortFunc(ids, func(x, y uint32) int { return cmp.Compare(e.devices.at(x).born, e.devices.at(y).born) })
	b = binary.AppendUvarint(b, uint64(len(ids)))
	for _, id := range ids {
		b = e.appendDevice(b, e.devices.at(id))
	}
	return binary.LittleEndian.AppendUint32(b, crc32.Checksum(b[from:], castagnoli)), nil
}

func (e *Engine) appendDevice(b []byte, d *device) []byte {
	b = appendText(b, d.name)
	for _, t := range [...]int64{d.high, d.moved, d.due, d.settle} {
		b = binary.AppendVarint(b, t)
	}
	for id := d.first; id != 0; id = e.sensors.at(id).next {
		s := e.sensors.at(id)
		b = append(b, 1)
		b = appendText(b, s.tag.Value())
		b = binary.AppendVarint(b, s.mark)
		b = append(b, s.hint.unit, s.hint.scale)
		b = binary.AppendUvarint(b, uint64(e.lists.len(&s.panes)))
		for i := range e.lists.len(&s.panes) {
			p := e.panes.at(e.lists.get(&s.panes, i))
			b = binary.AppendVarint(b, p.start)
			b = e.appendPane(b, p)
		}
	}
	return append(b, 0)
}

func appendText(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

// Restore returns an Engine that goes on where the one that wrote the snapshot was.
// The Config may differ from that one's in all but Every and Hop. It needs no more
// memory than a small multiple of the snapshot's size, whatever that holds.
func Restore(cfg Config, states States, snapshot []byte) (*Engine, error) {
	e, err := New(cfg, states)
	if err != nil {
		return nil, err
	}
	n := len(snapshot) - 4
	if n < len(magic) || string(snapshot[:len(magic)]) != magic {
		return nil, fmt.Errorf("window: this is no snapshot, or one of another version: %w", errDamaged)
	}
	if crc32.Checksum(snapshot[:n], castagnoli) != binary.LittleEndian.Uint32(snapshot[n:]) {
		return nil, fmt.Errorf("window: the snapshot's checksum is wrong: %w", errDamaged)
	}
	c := &cursor{b: snapshot[len(magic):n]}
	every, hop := c.varint(), c.varint()
	if c.err == nil && (every != e.every || hop != e.hop) {
		return nil, fmt.Errorf("window: the snapshot is of windows of %s every %s, not %s every %s, which need another name",
			time.Duration(every), time.Duration(hop), cfg.Every, time.Duration(e.hop))
	}
	e.restore(c)
	if err := c.end(); err != nil {
		return nil, fmt.Errorf("window: the snapshot: %w", err)
	}
	return e, nil
}
