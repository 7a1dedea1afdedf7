package kernel

import (
	"fmt"
	"math"
	"slices"
)

// Kind is the kernel function of a machine.
type Kind uint8

// The kernels, for a row x and a support vector s.
const (
	RBF     Kind = iota // e^(-gamma·|x-s|²)
	Linear              // x·s
	Poly                // (gamma·x·s + coef0)^degree
	Sigmoid             // tanh(gamma·x·s + coef0)
)

// String returns scikit-learn's name of the kernel.
func (k Kind) String() string {
	names := [...]string{RBF: "rbf", Linear: "linear", Poly: "poly", Sigmoid: "sigmoid"}
	if int(k) < len(names) {
		return names[k]
	}
	return fmt.Sprintf("Kind(%d)", uint8(k))
}

// Params says which kernel and with which constants; those that the kernel
// does not have are ignored.
type Params struct {
	Kind   Kind
	Gamma  float64 // RBF (where it is not negative), Poly, Sigmoid
	Coef0  float64 // Poly, Sigmoid
	Degree int     // Poly: 0 to MaxDegree
}

// MaxDegree is the greatest degree of a polynomial kernel.
const MaxDegree = math.MaxInt32

// Machine is a support-vector decision function, ready to be evaluated. It does
// not change; the zero Machine has no features and decides 0.
type Machine struct {
	params    Params
	features  int
	sv        []float64 // row-major, one support vector after the other
	coef      []float64
	intercept float64
	low, high float64 // the least and the greatest support vector's, of one feature
	signed    bool    // a coefficient is negative
	tier      tier
}

// New returns the machine whose decision function is the sum of
// coef[i]·K(x, sv[i]) plus intercept. sv holds len(coef) support vectors of d
// features, row-major; there may be none. New copies what it is given. It fails
// if the shapes do not agree, if a constant is out of its range, if a number is
// not finite, or if Variable asks for a tier that there is not.
func New(p Params, sv []float64, d int, coef []float64, intercept float64) (*Machine, error) {
	m := new(Machine)
	if err := m.Reset(p, sv, d, coef, intercept); err != nil {
		return nil, err
	}
	return m, nil
}

// Reset makes m the machine that New returns, in the memory that it has. After an
// error m is as it was.
func (m *Machine) Reset(p Params, sv []float64, d int, coef []float64, intercept float64) error {
	if err := p.check(); err != nil {
		return err
	}
	if d < 1 {
		return fmt.Errorf("%d features: a kernel needs at least 1", d)
	}
	if len(sv)%d != 0 || len(sv)/d != len(coef) {
		return fmt.Errorf("%d values of support vectors for %d coefficients and %d features", len(sv), len(coef), d)
	}
	if i := slices.IndexFunc(sv, notFinite); i >= 0 {
		return fmt.Errorf("support vector %d, feature %d is %v, not a finite number", i/d, i%d, sv[i])
	}
	if i := slices.IndexFunc(coef, notFinite); i >= 0 {
		return fmt.Errorf("coefficient %d is %v, not a finite number", i, coef[i])
	}
	if notFinite(intercept) {
		return fmt.Errorf("intercept is %v, not a finite number", intercept)
	}
	tier, err := chosen()
	if err != nil {
		return err
	}
	*m = Machine{params: p, features: d, sv: append(m.sv[:0], sv...), coef: append(m.coef[:0], coef...), intercept: intercept, tier: tier}
	m.signed = slices.ContainsFunc(coef, func(c float64) bool { return c < 0 })
	if d == 1 && len(sv) > 0 {
		m.low, m.high = slices.Min(sv), slices.Max(sv)
	}
	return nil
}

// Features returns how many values a row has.
func (m *Machine) Features() int { return m.features }

// Vectors returns how many support vectors there are.
func (m *Machine) Vectors() int { return len(m.coef) }

func (p Params) check() error {
	switch p.Kind {
	case RBF:
		if notFinite(p.Gamma) || p.Gamma < 0 {
			return fmt.Errorf("gamma of an rbf kernel is %v, not a finite number from 0 up", p.Gamma)
		}
		return nil
	case Linear:
		return nil
	case Poly, Sigmoid:
		if notFinite(p.Gamma) || notFinite(p.Coef0) {
			return fmt.Errorf("gamma %v and coef0 %v of a %v kernel must be finite numbers", p.Gamma, p.Coef0, p.Kind)
		}
		if p.Kind == Poly && (p.Degree < 0 || p.Degree > MaxDegree) {
			return fmt.Errorf("degree of a poly kernel is %d, not from 0 to %d", p.Degree, MaxDegree)
		}
		return nil
	}
	return fmt.Errorf("%v is not a kernel", p.Kind)
}

func notFinite(v float64) bool { return math.IsNaN(v) || math.IsInf(v, 0) }
