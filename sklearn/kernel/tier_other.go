//go:build !amd64

package kernel

func tiers() []tier { return []tier{portable} }

// decideVector is never called: there is no tier but the portable one.
func (m *Machine) decideVector(x, score, bound []float64) { m.decideRows(x, score, bound) }

func (t tier) kernelValues(s *scratch, n int) (powers, rests []float64) { return kernelValues(s, n) }
