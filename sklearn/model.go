package sklearn

// Tolerance is the width of the band around 0, as a share of a row's bound B,
// inside which a label may differ from scikit-learn's.
const Tolerance = 1e-12

// Model is a fitted outlier detector, alone or at the end of a Pipeline.
type Model struct {
	transforms []transformer
	detector   detector
	features   int
	names      []string
}

// A transformer maps rows of one width to rows of another (or the same). It
// may be used by several goroutines at once. dst has room for as many rows as src
// has, and may be the same memory.
type transformer interface {
	inputs() int // 0: any number
	outputs(inputs int) int
	transform(dst, src []float64)
}

// A detector gives every row a decision value and that value's bound B.
type detector interface {
	inputs() int
	decide(x []float64, decision, bound []float64)
}

// Load reads a model. The data may be a pickle (protocols 0 to 5) or a joblib
// file, raw or compressed. The error is one of [ErrUnsupported], [ErrRefused]
// and [ErrDamaged]. The model keeps no reference to data.
func Load(data []byte) (*Model, error) {
	m, err := new(Loader).Load(data)
	if err != nil {
		return nil, err
	}
	alone := *m // without the loader's memory for parsing
	return &alone, nil
}

// add appends a step that is given rows of width values (0: not yet known), and
// returns the width of what it puts out.
func (m *Model) add(part any, width int, last bool) (int, error) {
	inputs := part.(interface{ inputs() int }).inputs()
	if width != 0 && inputs != 0 && inputs != width {
		return 0, damaged("it takes %d features, and the step before it gives %d", inputs, width)
	}
	if width == 0 {
		width = inputs
	}
	if m.features == 0 {
		m.features = width
	}
	switch p := part.(type) {
	case detector:
		if !last {
			return 0, unsupported("an outlier detector in the middle of a pipeline")
		}
		m.detector = p
		return 1, nil
	case transformer:
		if last {
			return 0, unsupported("the model ends with a transformer; it must end with an outlier detector")
		}
		m.transforms = append(m.transforms, p)
		return p.outputs(width), nil
	}
	return 0, unsupported("a step of this kind")
}

// FeatureNames are the names of the values in a row, in their order, that a model of
// several was fitted with (feature_names_in_); nil where the file tells none.
func (m *Model) FeatureNames() []string { return m.names }

// Features is the number of values in a row that the model takes.
func (m *Model) Features() int { return m.features }
