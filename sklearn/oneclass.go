package sklearn

import (
	"math"

	"github.com/fleetscore/fleetscore/sklearn/kernel"
	"github.com/fleetscore/fleetscore/sklearn/pickle"
)

// oneClassSVM is sklearn.svm.OneClassSVM: the decision value is
// Σ dualᵢ·K(x, svᵢ) + intercept; greater than 0 is normal.
type oneClassSVM struct{ *kernel.Machine }

func (m oneClassSVM) inputs() int { return m.Features() }

func (m oneClassSVM) decide(x []float64, decision, bound []float64) { m.Decide(x, decision, bound) }

func newOneClassSVM(a *attributes) (any, error) {
	params, err := kernelParams(a)
	if err != nil {
		return nil, err
	}
	// The private attributes are what predict reads; very old versions have only the public ones.
	dual, err := a.matrix("_dual_coef_", "dual_coef_")
	if err != nil {
		return nil, err
	}
	vectors, err := a.matrix("support_vectors_")
	if err != nil {
		return nil, err
	}
	v, name, err := a.first("_intercept_", "intercept_")
	if err != nil {
		return nil, err
	}
	intercept, err := a.vector(v, name)
	if err != nil {
		return nil, err
	}
	switch {
	case len(dual.data) != vectors.rows:
		return nil, damaged("%s has %d coefficients for %d support vectors", a.class, len(dual.data), vectors.rows)
	case len(intercept) != 1:
		return nil, damaged("%s has %d intercepts, expected 1", a.class, len(intercept))
	case vectors.cols == 0:
		return nil, damaged("%s has support vectors without features", a.class)
	}
	if params.Gamma, err = gamma(a, params.Kind, vectors.cols); err != nil {
		return nil, err
	}
	machine := a.room.machines.next()
	if err := machine.Reset(params, vectors.data, vectors.cols, dual.data, intercept[0]); err != nil {
		return nil, damaged("%s: %v", a.class, err)
	}
	return oneClassSVM{machine}, nil
}

func kernelParams(a *attributes) (kernel.Params, error) {
	var p kernel.Params
	if v, ok := a.get("kernel"); ok && v.Kind() != pickle.String {
		if _, text := v.Str(); !text {
			return p, unsupported("OneClassSVM with a kernel that is a Python function")
		}
	}
	name, err := a.str("kernel")
	if err != nil {
		return p, err
	}
	switch name {
	case "rbf":
		p.Kind = kernel.RBF
	case "linear":
		p.Kind = kernel.Linear
	case "poly":
		p.Kind = kernel.Poly
	case "sigmoid":
		p.Kind = kernel.Sigmoid
	default:
		return p, unsupported("OneClassSVM with the kernel %.40q", name)
	}
	degree, err := a.number("degree", 3)
	if err != nil {
		return p, err
	}
	if degree != math.Trunc(degree) || math.Abs(degree) > math.MaxInt32 {
		return p, damaged("OneClassSVM.degree is %v, not a whole number", degree)
	}
	p.Degree = int(degree)
	p.Coef0, err = a.number("coef0", 0)
	return p, err
}

// gamma is the fitted value. The parameter of that name may be 'scale' or
// 'auto' and is read only where very old versions kept nothing else.
func gamma(a *attributes, kind kernel.Kind, features int) (float64, error) {
	if kind == kernel.Linear {
		return 0, nil
	}
	v, name, err := a.first("_gamma", "gamma")
	if err != nil {
		return 0, err
	}
	g, ok := v.Float()
	if !ok || math.IsNaN(g) || math.IsInf(g, 0) {
		return 0, a.wrong(name, v, "a finite number")
	}
	if name == "gamma" && g == 0 {
		return 1 / float64(features), nil
	}
	return g, nil
}
