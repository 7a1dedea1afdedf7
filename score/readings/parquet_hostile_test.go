package readings

import (
	"bytes"
	"encoding/binary"
	"math"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/snappy"
	"github.com/parquet-go/parquet-go/encoding/thrift"
	"github.com/parquet-go/parquet-go/format"
)

// A forged is a file of one row group, of which any part may lie.
type forged struct {
	rows    int64
	codec   format.CompressionCodec
	columns []forgedColumn // device, tag, ts, value
	footer  func(*format.FileMetaData)
	claim   int // of elements in the footer's list of row groups
}

type forgedColumn struct {
	optional bool
	kind     format.Type
	pages    []forgedPage
}

type forgedPage struct {
	header format.PageHeader
	text   []byte
}

// honest is a file with a row, which the tests make dishonest.
func honest() *forged {
	name := func(b byte) forgedColumn {
		return forgedColumn{kind: format.ByteArray, pages: []forgedPage{dataPage(1, format.Plain, []byte{1, 0, 0, 0, b})}}
	}
	eight := func(kind format.Type) forgedColumn {
		return forgedColumn{kind: kind, pages: []forgedPage{dataPage(1, format.Plain, make([]byte, 8))}}
	}
	return &forged{rows: 1, columns: []forgedColumn{name('d'), name('t'), eight(format.Int64), eight(format.Double)}}
}

func dataPage(n int32, as format.Encoding, text []byte) forgedPage {
	h := format.DataPageHeader{NumValues: n, Encoding: as, DefinitionLevelEncoding: format.RLE, RepetitionLevelEncoding: format.RLE}
	return forgedPage{format.PageHeader{Type: format.DataPage, DataPageHeader: thrift.New(h),
		CompressedPageSize: int32(len(text)), UncompressedPageSize: int32(len(text))}, text}
}

func dictionaryPage(n int32, text []byte) forgedPage {
	h := format.DictionaryPageHeader{NumValues: n, Encoding: format.Plain}
	return forgedPage{format.PageHeader{Type: format.DictionaryPage, DictionaryPageHeader: thrift.New(h),
		CompressedPageSize: int32(len(text)), UncompressedPageSize: int32(len(text))}, text}
}

func (f *forged) write(tb testing.TB) []byte {
	marshal := func(v any) []byte {
		b, err := thrift.Marshal(new(thrift.CompactProtocol), v)
		if err != nil {
			tb.Fatal(err)
		}
		return b
	}
	out := []byte(parquetMagic)
	meta := format.FileMetaData{Version: 1, NumRows: f.rows, Schema: []format.SchemaElement{{Name: "r", NumChildren: thrift.New(int32(4))}}}
	group := format.RowGroup{NumRows: f.rows}
	for i, column := range f.columns {
		name := []string{"device", "tag", "ts", "value"}[i]
		element := format.SchemaElement{Name: name, Type: thrift.New(column.kind), RepetitionType: thrift.New(format.Required)}
		if column.optional {
			element.RepetitionType = thrift.New(format.Optional)
		}
		meta.Schema = append(meta.Schema, element)
		start := int64(len(out))
		for _, page := range column.pages {
			out = append(append(out, marshal(page.header)...), page.text...)
		}
		group.Columns = append(group.Columns, format.ColumnChunk{MetaData: format.ColumnMetaData{Type: column.kind, PathInSchema: []string{name},
			Codec: f.codec, NumValues: f.rows, DataPageOffset: start, TotalCompressedSize: int64(len(out)) - start,
			Encoding: []format.Encoding{format.Plain}}})
	}
	meta.RowGroups = []format.RowGroup{group}
	if f.footer != nil {
		f.footer(&meta)
	}
	footer := marshal(meta)
	if f.claim > 0 { // as a list, of structs, of so many
		at := bytes.Index(footer, []byte{0x19, 0x1c, 0x19, 0x4c}) // of one row group, with its four columns
		footer = slices.Concat(footer[:at+1], binary.AppendUvarint([]byte{0xfc}, uint64(f.claim)), footer[at+2:])
	}
	out = append(out, footer...)
	return append(binary.LittleEndian.AppendUint32(out, uint32(len(footer))), parquetMagic...)
}

// deltas are n equal values in DELTA_BINARY_PACKED.
func deltas(n uint64, value int64) []byte {
	b := binary.AppendUvarint(binary.AppendUvarint(binary.AppendUvarint(nil, 128), 4), n)
	b = binary.AppendVarint(b, value)
	for i := uint64(1); i < min(n, 1<<20); i += 128 {
		b = append(b, 0, 0, 0, 0, 0)
	}
	return b
}

// hostileParquet are small files that claim much, by what they lie about.
func hostileParquet(tb testing.TB) map[string][]byte {
	const much = math.MaxInt32
	manyEqual := binary.AppendUvarint(nil, much<<1) // a run of RLE
	packed := func(values int) []byte { return binary.AppendUvarint(nil, uint64(values/8)<<1|1) }
	prefixed := func(n uint64) []byte { return append(deltas(n, 1<<20), deltas(n, 0)...) }
	files := make(map[string][]byte)
	forge := func(name string, change func(f *forged)) {
		f := honest()
		change(f)
		files[name] = f.write(tb)
	}
	column := func(name string, i int, kind format.Type, pages ...forgedPage) {
		forge(name, func(f *forged) { f.columns[i].kind, f.columns[i].pages = kind, pages })
	}
	entry := dictionaryPage(1, make([]byte, 8))
	column("a run of ids", 3, format.Double, entry, dataPage(1, format.RLEDictionary, slices.Concat([]byte{1}, manyEqual, []byte{0})))
	column("ids of no bits", 3, format.Double, entry, dataPage(1, format.RLEDictionary, append([]byte{0}, packed(much-7)...)))
	column("entries", 3, format.Double, dictionaryPage(much, make([]byte, 8)), dataPage(1, format.RLEDictionary, []byte{0, 2}))
	column("entries of text", 0, format.ByteArray, dictionaryPage(much, make([]byte, 8)), dataPage(1, format.RLEDictionary, []byte{0, 2}))
	column("deltas", 2, format.Int64, dataPage(1, format.DeltaBinaryPacked, deltas(much, 0)[:64]))
	column("lengths", 0, format.ByteArray, dataPage(1, format.DeltaLengthByteArray, deltas(much, 0)[:64]))
	column("starts", 0, format.ByteArray, dataPage(1, format.DeltaByteArray, deltas(much, 0)[:64]))
	column("rests", 0, format.ByteArray, dataPage(1, format.DeltaByteArray, append(deltas(1, 0), deltas(much, 0)[:64]...)))
	column("values", 2, format.Int64, dataPage(much, format.Plain, make([]byte, 8)))
	forge("long starts", func(f *forged) {
		text := append(deltas(20_000, 0), deltas(20_000, 0)...)
		text = append(text, strings.Repeat("x", 1<<10)...)
		f.rows = 20_000
		f.columns[0].pages = []forgedPage{dataPage(20_000, format.DeltaByteArray, append(prefixed(20_000), text...))}
	})
	forge("levels", func(f *forged) {
		levels := slices.Concat(manyEqual, []byte{1})
		f.columns[3].optional = true
		f.columns[3].pages[0] = dataPage(1, format.Plain, slices.Concat([]byte{byte(len(levels)), 0, 0, 0}, levels, make([]byte, 8)))
	})
	forge("levels of version 2", func(f *forged) {
		levels := slices.Concat(manyEqual, []byte{1})
		f.columns[3].optional = true
		page := dataPage(1, format.Plain, append(levels, make([]byte, 8)...))
		page.header.Type, page.header.DataPageHeader = format.DataPageV2, thrift.Null[format.DataPageHeader]{}
		page.header.DataPageHeaderV2 = thrift.New(format.DataPageHeaderV2{NumValues: 1, NumRows: 1, DefinitionLevelsByteLength: int32(len(levels))})
		f.columns[3].pages[0] = page
	})
	forge("bytes", func(f *forged) { f.columns[3].pages[0].header.CompressedPageSize = much })
	forge("bytes when decompressed", func(f *forged) {
		f.codec = format.Snappy
		f.columns[0].pages[0].header.UncompressedPageSize = much
	})
	large := make([]byte, 20<<20)
	for codec, text := range map[format.CompressionCodec][]byte{
		format.Snappy: append(binary.AppendUvarint(nil, much), 0), format.Zstd: zstandard(tb, string(large)), format.Gzip: gzipped(tb, string(large)),
	} {
		forge("text in "+codec.String(), func(f *forged) {
			f.codec = codec
			f.columns[0].pages[0] = dataPage(1, format.Plain, text)
		})
	}
	forge("rows", func(f *forged) { f.rows = much })
	forge("row groups", func(f *forged) { f.claim = much })
	forge("columns and row groups", func(f *forged) {
		f.footer = func(m *format.FileMetaData) {
			m.RowGroups = append(m.RowGroups, make([]format.RowGroup, 20_000)...)
			m.Schema[0].NumChildren.V += 20_000
			for range 20_000 {
				m.Schema = append(m.Schema, format.SchemaElement{Name: "x", Type: thrift.New(format.Double)})
			}
		}
	})
	forge("nested columns", func(f *forged) {
		f.footer = func(m *format.FileMetaData) {
			for range 50_000 {
				m.Schema = append(m.Schema, format.SchemaElement{Name: "x", NumChildren: thrift.New(int32(1))})
			}
		}
	})
	deep := append([]byte(parquetMagic), bytes.Repeat([]byte{0x1c}, 1<<20)...)
	files["nested structs"] = append(binary.LittleEndian.AppendUint32(deep, 1<<20), parquetMagic...)
	return files
}

// TestHostileParquet: a file that claims more than it has is refused, before there
// is memory for what it claims.
func TestHostileParquet(t *testing.T) {
	const most = 64 << 20
	read := func(file []byte) (uint64, error) {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		err := NewCollector(Options{}).ReadAt(t.Context(), "f", bytes.NewReader(file), int64(len(file)))
		runtime.ReadMemStats(&after)
		return after.TotalAlloc - before.TotalAlloc, err
	}
	if _, err := read(honest().write(t)); err != nil {
		t.Fatalf("an honest file: %v", err)
	}
	for name, file := range hostileParquet(t) {
		if used, err := read(file); err == nil || used > most {
			t.Errorf("%s: %d bytes took %d MiB; %v", name, len(file), used>>20, err)
		} else {
			t.Logf("%s: %d bytes, %d KiB; %v", name, len(file), used>>10, err)
		}
	}
}

// TestUnpack: pages of any codec come back as they were, and are refused if they
// are longer than is said.
func TestUnpack(t *testing.T) {
	want := []byte(strings.Repeat("0123456789abcdef", 5000))
	var c Collector
	for codec, pack := range map[format.CompressionCodec]func(text []byte) []byte{
		format.Snappy: func(text []byte) []byte { return snappy.Encode(nil, text) },
		format.Zstd:   func(text []byte) []byte { return zstandard(t, string(text)) },
		format.Gzip:   func(text []byte) []byte { return gzipped(t, string(text)) },
		format.Brotli: func(text []byte) []byte { return brotlied(t, text) },
	} {
		data, empty := pack(want), pack(nil)
		var u unpacker
		if err := u.use(codec, &c); err != nil {
			t.Fatal(err)
		}
		for _, size := range []int{len(want), len(want) + 1, len(want) - 1, 1, 0} {
			dst := resized(nil, size)
			n, err := u.unpack(dst, data)
			if fits := size >= len(want); fits != (err == nil) || fits && !bytes.Equal(dst[:n], want) {
				t.Errorf("%v into %d bytes: %d, %v", codec, size, n, err)
			}
		}
		if _, err := u.unpack(resized(nil, len(want)), data[:len(data)/2]); err == nil {
			t.Errorf("%v: half the data were read", codec)
		}
		if n, err := u.unpack(resized(nil, 0), empty); n != 0 || err != nil {
			t.Errorf("%v: %d bytes of nothing, %v", codec, n, err)
		}
	}
}

func brotlied(tb testing.TB, text []byte) []byte {
	var b bytes.Buffer
	closeWith(tb, brotli.NewWriter(&b), string(text))
	return b.Bytes()
}
