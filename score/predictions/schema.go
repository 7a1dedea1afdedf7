package predictions

import (
	"reflect"

	"github.com/parquet-go/parquet-go"

	"github.com/fleetscore/fleetscore/score/readings"
)

// column is a column of a Parquet file.
type column struct {
	parquet.Node
	name string
}

func (c column) Name() string { return c.name }

// Value is for rows that are Go structs, which ours are not.
func (c column) Value(base reflect.Value) reflect.Value { return base }

// table is a node whose columns stand in the order given; the library's own
// sorts them by name, and makes Go names of theirs, which can clash.
type table struct {
	parquet.Group
	columns []parquet.Field
}

func (t table) Fields() []parquet.Field { return t.columns }

func (t table) GoType() reflect.Type { return reflect.TypeFor[struct{}]() }

// Column is a column of a [Schema].
func Column(name string, node parquet.Node) parquet.Field { return column{node, name} }

// Schema is that of rows whose columns stand in the order given, under any names.
func Schema(name string, columns []parquet.Field) *parquet.Schema {
	return parquet.NewSchema(name, table{columns: columns})
}

// schemaOf is the schema of a file; see the package comment.
func schemaOf(c Columns) *parquet.Schema {
	unit := map[readings.Unit]parquet.TimeUnit{
		readings.Millisecond: parquet.Millisecond, readings.Microsecond: parquet.Microsecond, readings.Nanosecond: parquet.Nanosecond,
	}[c.Unit]
	name := newNames()
	number := packed{parquet.Encoded(parquet.Leaf(parquet.DoubleType), &parquet.Plain)}
	var columns []parquet.Field
	add := func(name string, node parquet.Node) { columns = append(columns, Column(name, node)) }
	add("time", packed{parquet.Encoded(parquet.Timestamp(unit), &parquet.DeltaBinaryPacked)})
	add("device", name)
	if !c.Device {
		add("tag", name)
	}
	for _, feature := range c.Features {
		add(feature, number)
	}
	add("score", number)
	add("anomaly", packed{parquet.Int(8)})
	add("model", name)
	if c.Run != "" {
		add("run", name)
		add("rev", packed{parquet.Int(32)})
	}
	return Schema("predictions", columns)
}

// perUnit is how many nanoseconds are in a unit of time.
func perUnit(u readings.Unit) int64 {
	switch u {
	case readings.Millisecond:
		return 1_000_000
	case readings.Microsecond:
		return 1_000
	}
	return 1
}
