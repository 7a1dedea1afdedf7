package kernel

// kernelValues turns the first n exponents into powers, in place, and rests.
func kernelValues(s *scratch, n int) (powers, rests []float64) {
	powers, rests = s.exponents[:n], s.rests[:n]
	for i, u := range powers {
		z, r := split(atLeast(bottom, u))
		powers[i], rests[i] = power(z), rest(r)
	}
	return powers, rests
}
