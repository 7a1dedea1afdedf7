//go:build !amd64

package kernel

func tiers() []tier { return []tier{portable} }

// decideVector is never called: there is no tier but the portable one.
func (m *Machine) decideVector(x, score, bound []float64) { m.decideRows(x, score, bound) }

func (t tier) rbf(v *[block]float64, n int, negGamma float64) { rbf(v[:n], negGamma) }
