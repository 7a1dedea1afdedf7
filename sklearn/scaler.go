package sklearn

// standardScaler is sklearn.preprocessing.StandardScaler: (x - mean) / scale,
// column by column; a division, never a multiplication by the reciprocal,
// whose last bit would differ.
type standardScaler struct {
	mean  []float64 // nil: not subtracted
	scale []float64 // nil: not divided
	n     int       // number of columns, 0: any
}

func newStandardScaler(a *attributes) (any, error) {
	s := a.room.scalers.next()
	*s = standardScaler{}
	withMean, err := a.flag("with_mean", true)
	if err != nil {
		return nil, err
	}
	withStd, err := a.flag("with_std", true)
	if err != nil {
		return nil, err
	}
	if withMean {
		if s.mean, err = s.column(a, "mean_"); err != nil {
			return nil, err
		}
	}
	if withStd {
		// Up to 0.16 the attribute was std_.
		if s.scale, err = s.column(a, "scale_", "std_"); err != nil {
			return nil, err
		}
	}
	return s, nil
}

func (s *standardScaler) column(a *attributes, names ...string) ([]float64, error) {
	v, name, err := a.first(names...)
	if err != nil {
		return nil, err
	}
	column, err := a.vector(v, name)
	if err != nil {
		return nil, err
	}
	if len(column) == 0 || s.n != 0 && len(column) != s.n {
		return nil, damaged("%s.%s has %d values, expected %d", a.class, name, len(column), max(1, s.n))
	}
	s.n = len(column)
	return column, nil
}

func (s *standardScaler) inputs() int            { return s.n }
func (s *standardScaler) outputs(inputs int) int { return inputs }

func (s *standardScaler) transform(dst, src []float64) {
	if s.n == 1 && s.mean != nil && s.scale != nil {
		mean, scale := s.mean[0], s.scale[0]
		for i, v := range src {
			dst[i] = (v - mean) / scale
		}
		return
	}
	copy(dst, src)
	if s.mean != nil {
		eachRow(dst, s.n, func(row []float64) {
			for j, m := range s.mean {
				row[j] -= m
			}
		})
	}
	if s.scale != nil {
		eachRow(dst, s.n, func(row []float64) {
			for j, d := range s.scale {
				row[j] /= d
			}
		})
	}
}

func eachRow(x []float64, width int, do func(row []float64)) {
	for len(x) >= width && width > 0 {
		do(x[:width:width])
		x = x[width:]
	}
}
