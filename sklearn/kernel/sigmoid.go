package kernel

// sigmoid turns dot products into tanh(gamma·v + coef0), in place.
func sigmoid(v []float64, gamma, coef0 float64) {
	for i, dot := range v {
		v[i] = Tanh(float64(gamma*dot) + coef0)
	}
}
