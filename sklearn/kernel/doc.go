// Package kernel computes the decision functions of support-vector machines,
//
//	Σᵢ coefᵢ·K(x, svᵢ) + intercept
//
// by a fixed sequence of operations, so that a row's result has the same bits
// on every processor and however the rows are grouped. The Go code here is
// portable and is the specification, which the next section puts in words; a
// faster implementation for some processor must give the same bits (the file
// testdata/golden.txt holds some).
//
//	m, err := kernel.New(kernel.Params{Kind: kernel.RBF, Gamma: 0.01}, sv, features, coef, intercept)
//	...
//	m.Decide(rows, score, bound) // rows is len(score)·features values
//
// # Specification
//
// Numbers are IEEE 754 binary64, rounded to nearest even; subnormal numbers are
// ordinary numbers. fma(a, b, c) is a·b + c rounded once. Every other operation
// is rounded by itself: nothing else is fused, reordered or simplified. x and s
// are a row and a support vector of d features; which NaN a NaN is, is open.
//
// 1. RBF: K = 2^u, where u = -gamma·|x-s|²/ln 2. With L = 0x1.71547652b82fep+0, a
// machine is scaled if what follows has finite numbers, d ≤ 2048, the sum of
// length·|coef| of the runs of step 3 is at most 2^20·|intercept|, and step 1a or 1b
// says so. Then, with factor = sqrt(gamma·L) and a center for each feature,
//
//	v' = (v - center)·factor      of a feature of x or s
//
// 1a. One feature: center = low/2 + high/2 of the least and the greatest s. Scaled if
// no |s'| is above 128.
//
//	e = s' - x', or ±0x1.ffbffbff7fecp+4 if beyond
//	z = fma(-e, e, 0x1.8p48);   w = z - 0x1.8p48;   r = fma(-e, e, -w)
//
// 1b. More features: center = the sum of s, one after the other, divided by their
// number. base(v) starts at 0; for each j, base = fma(-v'[j], v'[j], base). Scaled if
// (d + 6)·(2·sqrt(max -base(s)) + 1)² is at most 10,000. x' beyond ±2^500 is ±2^500.
//
//	q = base(s);   for each j: q = fma(x'[j], 2·s'[j], q);   u = q + base(x)
//
// 1c. Not scaled:
//
//	q = 0;   for each j: e = s[j] - x[j], q = fma(e, e, q);   u = q·(-gamma·L)
//
// (gamma·L being the greatest finite number if it is beyond). And in 1b and 1c
//
//	u = -1023 if u < -1023;   z = u + 0x1.8p48;   w = z - 0x1.8p48;   r = u - w
//
// 2. The two factors of K, t·p, where the low 52 bits of z are 16n + k, 0 ≤ k < 16.
// The constants are those of table.go; T[k] is 2^(k/16) rounded to nearest.
//
//	t = the number whose bits are those of T[k] plus n<<52
//	p = fma(p6, r, p5); then p = fma(p, r, c) for c = p4, p3, p2, p1, 1
//
// For u = -1023, t is 0; between there and -1022 it is some number below 2^-1022.
//
// 3. Sums of RBF. Support vectors are taken in order. A run is consecutive ones of one
// coefficient; one ends after every 48th, too. All sums start at 0.
//
//	for each run:  v = 0;   for each of it: v = fma(t, p, v)
//	               sum = fma(coef, v, sum);   magnitude = fma(|coef|, v, magnitude)
//	score = sum + intercept;   bound = magnitude + |intercept|
//
// 4. The other kernels. q starts at 0; over the features in order
//
//	j < 2: q = q + s[j]·x[j]     j ≥ 2: q = fma(s[j], x[j], q)
//
//	Linear   K = q
//	Poly     b = gamma·q + coef0;   K = 1; for each bit of the degree from the lowest
//	         to the highest set one: K = K·b if the bit is set; then b = b·b
//	Sigmoid  K = tanh(gamma·q + coef0) by 5
//
// and over the support vectors in order, both sums starting at 0,
//
//	v = coef[i]·K;   sum = sum + v;   magnitude = magnitude + |v|
//	score = sum + intercept;   bound = magnitude + |intercept|
//
// 5. tanh(x). With a = |x|: ±1 for a ≥ 22. Otherwise, with y = 2·a and D[k] the tail
// (2^(k/16) - T[k])/T[k],
//
//	z = fma(y, L, 0x1.8p48);   w = z - 0x1.8p48
//	r = fma(w, -0x1.abc9e3b39803fp-56, fma(w, -0x1.62e42fefa39efp-1, y));   t as in 2
//	q = fma(c7, r, c6); then q = fma(q, r, c) for c = c5, c4, c3, c2, 1
//	m = fma(t, fma(q, r, D[k]), t - 1);   tanh(x) = m / (m + 2), with the sign of x
//
// # Tiers
//
// RBF machines have faster implementations of the same specification: avx512
// (AVX-512 F and DQ), avx2 (AVX2 and FMA). The best that the processor and the
// operating system have is chosen once; the environment variable
// FLEETSCORE_KERNEL=portable|avx2|avx512 forces one, and New fails if it cannot
// be had. Tier names the choice. All else is portable: the other kernels, other
// processors, rows of more than 2048 features but for their powers.
//
// In these tiers the lanes of a register are rows, so that every row keeps its
// order of operations. A scaled machine of one feature takes blocks of 32 or 8 rows
// through all its support vectors; where a block's rows are near the least and the
// greatest of them, they are near all, because rounding keeps order, and nothing can
// be beyond. A row that is beyond all is decided like a near one and its sums are set
// to 0 at the end, so that outliers cost nothing. Other machines take tiles of rows,
// packed feature by feature, and 48 support vectors at a time: exponents first, then
// kernel values and sums. A row by itself has its support vectors in the lanes for
// the factors alone.
//
// The assembly, rbf_amd64.s, is written by the program in gen, a module of its
// own: go generate runs it and needs avo, go build does not.
//
// # Why so
//
// Few operations for each kernel value, since the tiers are at the limit of what the
// processor can execute: powers of 2 in place of e, numbers scaled beforehand in place
// of each difference, an inner product in place of a distance, one multiplication by
// a coefficient for a run of them (most of a one-class machine's are one number), and
// no test for what is far. The exponent is clamped where the power becomes 0 by
// itself, and no number on the way is subnormal but in a narrow band there, so that
// speed does not depend on the data.
//
// What this costs in accuracy is bounded. t·p differs from 2^u by less than 1.6 units
// in the last place and is exactly 1 for u = 0. Scaled numbers are small because they
// are centered, and an inner product of small numbers has a small error; where they
// are not small, or where an intercept near 0 would let the smallest kernel values
// decide, a machine is not scaled. Decision values are within 1e-12 of the bound of
// the exact ones, most within 1e-15.
//
// The bound is what the rounding error of a decision value is in proportion to.
//
// The products of the other kernels are rounded before they are added, as scikit-learn
// builds libsvm for x86-64, except from the third feature on, where its own order
// depends on its BLAS: linear and poly decision values of one or two features have
// scikit-learn's very bits.
package kernel
