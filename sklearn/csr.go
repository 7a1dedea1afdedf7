package sklearn

import (
	"math"

	"github.com/fleetscore/fleetscore/sklearn/pickle"
)

// dense is a matrix in C order.
type dense struct {
	data       []float64
	rows, cols int
}

// matrix reads a two-dimensional attribute, dense or scipy.sparse CSR, under
// the first of names that is there.
func (a *attributes) matrix(names ...string) (dense, error) {
	v, name, err := a.first(names...)
	if err != nil {
		return dense{}, err
	}
	if v.Kind() == pickle.Object {
		return a.csr(v, name)
	}
	values, err := a.vector(v, name)
	if err != nil {
		return dense{}, err
	}
	array, _ := v.Array()
	rows, cols, ok := array.Matrix()
	if !ok {
		return dense{}, damaged("%s.%s has the shape %v, expected two dimensions", a.class, name, array.Shape())
	}
	return dense{values, rows, cols}, nil
}

// csr unfolds a compressed sparse row matrix. Values at the same place add up, as in scipy.
func (a *attributes) csr(v pickle.Value, name string) (dense, error) {
	if _, class := v.Class(); class != "csr_matrix" && class != "csr_array" {
		return dense{}, a.wrong(name, v, "an array or a CSR matrix")
	}
	m := &attributes{a.class + "." + name, v, a.room}
	shape, err := m.shape()
	if err != nil {
		return dense{}, err
	}
	indptr, err := m.indices("indptr")
	if err != nil {
		return dense{}, err
	}
	columns, err := m.indices("indices")
	if err != nil {
		return dense{}, err
	}
	v, _, err = m.first("data")
	if err != nil {
		return dense{}, err
	}
	data, err := m.vector(v, "data")
	if err != nil {
		return dense{}, err
	}
	if len(indptr) != shape.rows+1 || len(columns) != len(data) {
		return dense{}, damaged("%s is not a CSR matrix: %d rows, %d row starts, %d columns, %d values",
			m.class, shape.rows, len(indptr), len(columns), len(data))
	}
	// The shape is a claim that costs a file nothing.
	if err := a.take(name, shape.rows*shape.cols); err != nil {
		return dense{}, err
	}
	shape.data = make([]float64, shape.rows*shape.cols)
	return shape, m.unfold(shape, indptr, columns, data)
}

func (a *attributes) unfold(out dense, indptr, columns []int64, data []float64) error {
	for row := range out.rows {
		from, to := indptr[row], indptr[row+1]
		if from < 0 || from > to || to > int64(len(data)) {
			return damaged("%s: row %d spans values %d to %d of %d", a.class, row, from, to, len(data))
		}
		for i := from; i < to; i++ {
			column := columns[i]
			if column < 0 || column >= int64(out.cols) {
				return damaged("%s: a value in column %d of %d", a.class, column, out.cols)
			}
			out.data[row*out.cols+int(column)] += data[i]
		}
	}
	return nil
}

func (a *attributes) shape() (dense, error) {
	v, name, err := a.first("_shape", "shape")
	if err != nil {
		return dense{}, err
	}
	rows, ok1 := v.Index(0).Int()
	cols, ok2 := v.Index(1).Int()
	if v.Len() != 2 || !ok1 || !ok2 || rows < 0 || cols < 0 {
		return dense{}, a.wrong(name, v, "a pair of sizes")
	}
	if rows > math.MaxInt32 || cols > math.MaxInt32 || rows*cols > math.MaxInt32 {
		return dense{}, unsupported("%s of %d × %d", a.class, rows, cols)
	}
	return dense{rows: int(rows), cols: int(cols)}, nil
}

func (a *attributes) indices(name string) ([]int64, error) {
	v, _, err := a.first(name)
	if err != nil {
		return nil, err
	}
	array, ok := v.Array()
	if !ok {
		return nil, a.wrong(name, v, "an array")
	}
	if err := a.take(name, array.Len()); err != nil {
		return nil, err
	}
	values, err := array.Int64s(nil)
	if err != nil {
		return nil, damaged("%s.%s: %v", a.class, name, err)
	}
	return values, nil
}
