package readings

import (
	"bytes"
	"fmt"
	"maps"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/compress"
	"github.com/parquet-go/parquet-go/encoding"
	"pgregory.net/rapid"
)

// A cell is a value both ways: in a Parquet column and as the text of a CSV field.
type cell struct {
	value parquet.Value
	text  string
}

// A kindOfColumn is a Parquet type that can be one of the columns, and how its cells are made.
type kindOfColumn struct {
	node parquet.Node
	cell func(t *rapid.T) cell
}

func timestamps(unit parquet.TimeUnit, perSecond int64) kindOfColumn {
	return kindOfColumn{parquet.Timestamp(unit), func(t *rapid.T) cell {
		tick := rapid.Int64Range(-3*perSecond, 3*perSecond).Draw(t, "tick")
		ns := tick * (1_000_000_000 / perSecond)
		digits := strings.Repeat("000", thousandsOf(ns))
		layout := "2006-01-02T15:04:05Z07:00"
		if digits != "" {
			layout = "2006-01-02T15:04:05." + digits + "Z07:00"
		}
		return cell{parquet.Int64Value(tick), time.Unix(0, ns).UTC().Format(layout)}
	}}
}

var timeColumns = map[string]kindOfColumn{
	"ms": timestamps(parquet.Millisecond, 1e3),
	"us": timestamps(parquet.Microsecond, 1e6),
	"ns": timestamps(parquet.Nanosecond, 1e9),
	"date": {parquet.Date(), func(t *rapid.T) cell {
		days := rapid.Int32Range(-1000, 1000).Draw(t, "days")
		return cell{parquet.Int32Value(days), time.Unix(int64(days)*86400, 0).UTC().Format("2006-01-02")}
	}},
	"epoch": {parquet.Leaf(parquet.Int64Type), func(t *rapid.T) cell {
		n := rapid.Int64Range(-1e10, 2e12).Draw(t, "epoch")
		return cell{parquet.Int64Value(n), strconv.FormatInt(n, 10)}
	}},
	"text": {parquet.String(), func(t *rapid.T) cell {
		text := rapid.SampledFrom([]string{"2018-08-28T23:00:05Z", "2018-08-28 23:00:05.25", "yesterday", ""}).Draw(t, "time")
		return cell{parquet.ByteArrayValue([]byte(text)), text}
	}},
}

var nameColumns = map[string]kindOfColumn{
	"text": {parquet.String(), func(t *rapid.T) cell {
		name := rapid.SampledFrom([]string{"a", "b", "pump-7", " padded ", "温度", "", "c", "d", "e"}).Draw(t, "name")
		return cell{parquet.ByteArrayValue([]byte(name)), name}
	}},
	"int32": {parquet.Int(32), func(t *rapid.T) cell {
		n := rapid.Int32Range(-2, 5).Draw(t, "name")
		return cell{parquet.Int32Value(n), strconv.Itoa(int(n))}
	}},
	"uint64": {parquet.Uint(64), func(t *rapid.T) cell {
		n := math.MaxUint64 - rapid.Uint64Range(0, 5).Draw(t, "name")
		return cell{parquet.Int64Value(int64(n)), strconv.FormatUint(n, 10)}
	}},
}

var valueColumns = map[string]kindOfColumn{
	"double": {parquet.Leaf(parquet.DoubleType), func(t *rapid.T) cell {
		v := rapid.SampledFrom([]float64{1, -2.5, 1e300, 0.1, 5e-324, 3, 4, 7, math.NaN(), math.Inf(-1)}).Draw(t, "value")
		return cell{parquet.DoubleValue(v), strconv.FormatFloat(v, 'e', -1, 64)}
	}},
	"plain double": {parquet.Leaf(parquet.DoubleType), func(t *rapid.T) cell {
		v := float64(rapid.IntRange(-100, 100).Draw(t, "value")) + 0.5
		return cell{parquet.DoubleValue(v), strconv.FormatFloat(v, 'e', -1, 64)}
	}},
	"float": {parquet.Leaf(parquet.FloatType), func(t *rapid.T) cell {
		v := rapid.Float32Range(-10, 10).Draw(t, "value")
		return cell{parquet.FloatValue(v), strconv.FormatFloat(float64(v), 'e', -1, 64)}
	}},
	"int64": {parquet.Int(64), func(t *rapid.T) cell {
		n := rapid.SampledFrom([]int64{0, -7, 1 << 53, -1 << 53, 1<<53 + 2}).Draw(t, "value")
		return cell{parquet.Int64Value(n), strconv.FormatInt(n, 10)}
	}},
	"uint32": {parquet.Uint(32), func(t *rapid.T) cell {
		n := rapid.SampledFrom([]uint32{0, 7, math.MaxUint32}).Draw(t, "value")
		return cell{parquet.Int32Value(int32(n)), strconv.Itoa(int(n))}
	}},
	"decimal": {parquet.Decimal(3, 18, parquet.Int64Type), func(t *rapid.T) cell {
		n := rapid.Int64Range(-1e17, 1e17).Draw(t, "value")
		return cell{parquet.Int64Value(n), fmt.Sprintf("%de-3", n)}
	}},
	"wide decimal": {parquet.Decimal(2, 20, parquet.FixedLenByteArrayType(9)), func(t *rapid.T) cell {
		n := rapid.Int64().Draw(t, "value")
		b := []byte{byte(n >> 63)}
		for shift := 56; shift >= 0; shift -= 8 {
			b = append(b, byte(n>>shift))
		}
		return cell{parquet.FixedLenByteArrayValue(b), fmt.Sprintf("%de-2", n)}
	}},
	"text": {parquet.String(), func(t *rapid.T) cell {
		text := rapid.SampledFrom([]string{"1", "2.5", "x", "", "NaN", "1e999"}).Draw(t, "value")
		return cell{parquet.ByteArrayValue([]byte(text)), text}
	}},
}

// TestParquetRefused: types and codecs that cannot be read are told by name.
func TestParquetRefused(t *testing.T) {
	plain := parquet.Leaf(parquet.DoubleType)
	for want, value := range map[string]parquet.Node{
		`column "value" is compressed with LZ4_RAW`:                 parquet.Compressed(plain, &parquet.Lz4Raw),
		`column "value" cannot be the value: it is of type BOOLEAN`: parquet.Leaf(parquet.BooleanType),
		`column "value" (for value) is nested`:                      parquet.Group{"x": plain},
		`no column is called like a value`:                          nil,
	} {
		group := parquet.Group{"ts": parquet.Timestamp(parquet.Millisecond), "device": parquet.String(), "tag": parquet.String()}
		if value != nil {
			group["value"] = value
		}
		var file bytes.Buffer
		w := parquet.NewWriter(&file, parquet.NewSchema("readings", group))
		row := make(parquet.Row, len(group))
		for i, name := range slices.Sorted(maps.Keys(group)) {
			row[i] = map[string]parquet.Value{"ts": parquet.Int64Value(1), "device": parquet.ByteArrayValue([]byte("d")), "tag": parquet.ByteArrayValue([]byte("t")),
				"value": parquet.DoubleValue(1)}[name].Level(0, 0, i)
			if name == "value" && value.Leaf() && value.Type().Kind() == parquet.Boolean {
				row[i] = parquet.BooleanValue(true).Level(0, 0, i)
			}
		}
		if _, err := w.WriteRows([]parquet.Row{row}); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		err := NewCollector(Options{}).ReadAt(t.Context(), "f", bytes.NewReader(file.Bytes()), int64(file.Len()))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
}

// TestParquetIsCSV: the same rows give the same set from Parquet, of whatever
// types, encodings and page sizes, as from CSV.
func TestParquetIsCSV(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		names := []string{"ts", "device", "tag", "value"}
		kinds := []map[string]kindOfColumn{timeColumns, nameColumns, nameColumns, valueColumns}
		group, columns := parquet.Group{}, make([]kindOfColumn, len(names))
		optional := make([]bool, len(names))
		for i, name := range names {
			columns[i] = drawKind(t, kinds[i], name)
			node := columns[i].node
			node = parquet.Encoded(node, rapid.SampledFrom(encodingsOf(node.Type().Kind())).Draw(t, "encoding"))
			if optional[i] = rapid.Bool().Draw(t, "optional"); optional[i] {
				node = parquet.Optional(node)
			}
			group[name] = node
		}
		schema := parquet.NewSchema("readings", group)
		var file bytes.Buffer
		w := parquet.NewWriter(&file, schema,
			parquet.PageBufferSize(rapid.SampledFrom([]int{1, 100, 1 << 20}).Draw(t, "page")),
			parquet.MaxRowsPerRowGroup(rapid.SampledFrom([]int64{1, 7, 1 << 20}).Draw(t, "group")),
			parquet.DataPageVersion(rapid.IntRange(1, 2).Draw(t, "version")),
			parquet.Compression([]compress.Codec{&parquet.Snappy, &parquet.Zstd, &parquet.Uncompressed, &parquet.Gzip, &parquet.Brotli}[rapid.IntRange(0, 4).Draw(t, "codec")]))
		text := []byte("ts,device,tag,value\n")
		for range rapid.IntRange(0, 60).Draw(t, "rows") {
			row := make(parquet.Row, len(names))
			for i, name := range names {
				c := columns[i].cell(t)
				present := 0
				if optional[i] {
					present = 1
					if rapid.IntRange(0, 9).Draw(t, "null") == 0 {
						c, present = cell{}, 0
					}
				}
				leaf, _ := schema.Lookup(name)
				row[leaf.ColumnIndex] = c.value.Level(0, present, leaf.ColumnIndex)
				if i > 0 {
					text = append(text, ',')
				}
				text = append(text, c.text...)
			}
			text = append(text, '\n')
			if _, err := w.WriteRows([]parquet.Row{row}); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		got, want := NewCollector(Options{}), NewCollector(Options{})
		if err := got.ReadAt(t.Context(), "f", bytes.NewReader(file.Bytes()), int64(file.Len())); err != nil {
			t.Fatal(err)
		}
		if err := want.Read(t.Context(), "f", bytes.NewReader(text)); err != nil {
			t.Fatal(err)
		}
		a := dump(got.Finish())
		b := lineOfFile.ReplaceAllStringFunc(dump(want.Finish()), func(at string) string {
			line, _ := strconv.Atoi(at[len("f:") : len(at)-1])
			return fmt.Sprintf("f: row %d:", line-1)
		})
		if a != b {
			t.Fatalf("got\n%s\nwant\n%s", a, b)
		}
	})
}

// encodingsOf are those that the library writes a kind of values in.
func encodingsOf(kind parquet.Kind) []encoding.Encoding {
	encodings := []encoding.Encoding{&parquet.RLEDictionary, &parquet.Plain}
	switch kind {
	case parquet.Int32, parquet.Int64:
		return append(encodings, &parquet.DeltaBinaryPacked, &parquet.ByteStreamSplit)
	case parquet.Float, parquet.Double:
		return append(encodings, &parquet.ByteStreamSplit)
	case parquet.ByteArray:
		return append(encodings, &parquet.DeltaLengthByteArray, &parquet.DeltaByteArray)
	case parquet.FixedLenByteArray:
		return append(encodings, &parquet.DeltaByteArray, &parquet.ByteStreamSplit)
	}
	return encodings
}

func drawKind(t *rapid.T, kinds map[string]kindOfColumn, what string) kindOfColumn {
	return kinds[rapid.SampledFrom(slices.Sorted(maps.Keys(kinds))).Draw(t, what)]
}

// lineOfFile is where an example from CSV is, which has a header.
var lineOfFile = regexp.MustCompile(`\bf:[0-9]+:`)

// TestParquetNames: numbers and ids that are kept as bytes are no names.
func TestParquetNames(t *testing.T) {
	for name, node := range map[string]parquet.Node{
		"DECIMAL": parquet.Decimal(0, 20, parquet.FixedLenByteArrayType(9)),
		"UUID":    parquet.UUID(),
		"":        parquet.Leaf(parquet.FixedLenByteArrayType(3)), // of no type: text of one length
	} {
		schema := parquet.NewSchema("readings", parquet.Group{
			"ts": parquet.Int(64), "device": node, "tag": parquet.String(), "value": parquet.Leaf(parquet.DoubleType),
		})
		var file bytes.Buffer
		if err := parquet.NewWriter(&file, schema).Close(); err != nil {
			t.Fatal(err)
		}
		c := NewCollector(Options{})
		err := c.ReadAt(t.Context(), "f", bytes.NewReader(file.Bytes()), int64(file.Len()))
		if name == "" && err != nil || name != "" && (err == nil || !strings.Contains(err.Error(), name) || !strings.Contains(err.Error(), "text or an integer")) {
			t.Errorf("device of type %q: %v", name, err)
		}
	}
}
