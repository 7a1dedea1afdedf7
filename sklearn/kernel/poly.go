package kernel

// poly turns dot products into (gamma·v + coef0)^degree, in place.
func poly(v []float64, gamma, coef0 float64, degree int) {
	for i, dot := range v {
		v[i] = raised(float64(gamma*dot)+coef0, degree)
	}
}

// raised is base^n, n ≥ 0, by repeated squaring from the lowest bit of n up.
func raised(base float64, n int) float64 {
	result := 1.0
	for ; n > 0; n /= 2 {
		if n%2 == 1 {
			result = float64(result * base)
		}
		base = float64(base * base)
	}
	return result
}
