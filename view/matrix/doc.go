// Package matrix shows a fleet over time: a row a sensor or a device, a column an interval
// of a job, and in each cell what became of it. It is made of the tiles of commits
// (store/tile), in memory, in half a byte a cell.
//
//	grid, err := matrix.New(ctx, columns, planes)
//	selection, err := grid.Select(matrix.Filter{Search: "pump", Fates: []string{"failed"}})
//	body := selection.Tile(matrix.Span{Rows: 1024, Columns: 64})
//
// # Tile
//
// What is sent of a matrix begins with 24 bytes: "FSM1", and as uint32, little-endian: how
// many rows and columns follow, the first row, the first column, and how many rows there
// are in all. Then come the rows, one after the other, each of (columns+1)/2 bytes: a cell
// has 4 bits, and of two cells in a byte the first has the lower ones. A cell is a State.
package matrix
