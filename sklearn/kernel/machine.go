package kernel

import (
	"fmt"
	"math"
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
	coef      []float64
	intercept float64
	tier      tier
	// sv are the support vectors, row-major, as they were given or, if scaled, as
	// the fields of scaling say.
	sv      []float64
	scaled  bool
	scaling scaling
	runs    []run // of an RBF machine
}

// A run is consecutive support vectors of one coefficient. It ends with a group.
type run struct {
	n    int
	coef float64
}

// group is how many support vectors' kernel values are held at a time.
const group = 48

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
	if i := firstNotFinite(sv); i >= 0 {
		return fmt.Errorf("support vector %d, feature %d is %v, not a finite number", i/d, i%d, sv[i])
	}
	if i := firstNotFinite(coef); i >= 0 {
		return fmt.Errorf("coefficient %d is %v, not a finite number", i, coef[i])
	}
	if notFinite(intercept) {
		return fmt.Errorf("intercept is %v, not a finite number", intercept)
	}
	tier, err := chosen()
	if err != nil {
		return err
	}
	m.params, m.features, m.intercept, m.tier = p, d, intercept, tier
	m.coef, m.sv = append(m.coef[:0], coef...), append(m.sv[:0], sv...)
	if m.scaled = false; p.Kind == RBF {
		m.findRuns()
		m.scaled = m.scale()
	}
	return nil
}

func (m *Machine) findRuns() {
	m.runs = m.runs[:0]
	for coef := m.coef; len(coef) > 0; coef = coef[min(group, len(coef)):] {
		for of := coef[:min(group, len(coef))]; len(of) > 0; {
			n := 1
			for n < len(of) && of[n] == of[0] {
				n++
			}
			m.runs = append(m.runs, run{n, of[0]})
			of = of[n:]
		}
	}
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

func notFinite(v float64) bool { return v-v != 0 }

// firstNotFinite is the index of the first number that is not finite, or -1.
func firstNotFinite(values []float64) int {
	for i, v := range values {
		if notFinite(v) {
			return i
		}
	}
	return -1
}
