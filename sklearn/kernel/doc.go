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
// 1. Reduction, over the features j = 0 … d-1 in order, q starting at 0.
//
//	RBF      e = s[j] - x[j];   j < 2: q = q + e·e           j ≥ 2: q = fma(e, e, q)
//	others                      j < 2: q = q + s[j]·x[j]     j ≥ 2: q = fma(s[j], x[j], q)
//
// 2. Kernel value.
//
//	RBF      y = q·(-gamma);   K = 0 if y < -664, else exp(y) by 3
//	Linear   K = q
//	Poly     b = gamma·q + coef0;   K = 1; for each bit of the degree from the lowest
//	         to the highest set one: K = K·b if the bit is set; then b = b·b
//	Sigmoid  K = tanh(gamma·q + coef0) by 4
//
// 3. exp(x), for -0x1.6232bdd7abcd2p+9 ≤ x ≤ 709 and for NaN. The constants are
// those of table.go: c2 … c7, and for k = 0 … 15 the power T[k] = 2^(k/16) rounded
// to nearest and its tail D[k] = (2^(k/16) - T[k])/T[k]. (Their bits are stored
// less k<<48, which makes step 4 one addition.)
//
//	1   z = fma(x, 0x1.71547652b82fep+0, 0x1.8p48)      z = 0x1.8p48 + n + k/16
//	2   w = z - 0x1.8p48
//	3   r = fma(w, -0x1.abc9e3b39803fp-56, fma(w, -0x1.62e42fefa39efp-1, x))
//	4   t = T[k]·2^n                                    exact
//	5   q = fma(c7, r, c6); then q = fma(q, r, c) for c = c5, c4, c3, c2, 1
//	6   p = fma(q, r, D[k])
//	7   exp(x) = fma(t, p, t)
//
// Outside: 0 below -0x1.6232bdd7abcd2p+9, the least argument whose exponential is
// at least 2^-1022, so that no result is subnormal; +Inf above
// 0x1.62e42fefa39efp+9; between 709 and there, steps 4 and 7 with n-1 in place of
// n, and the result doubled. RBF needs none of these.
//
// 4. tanh(x). With a = |x|: ±1 for a ≥ 22. Otherwise steps 1 to 6 of 3 for 2·a, then
//
//	m = fma(t, p, t - 1);   tanh(x) = m / (m + 2), with the sign of x
//
// 5. Sum, over the support vectors i = 0 … n-1 in order, both sums starting at 0.
//
//	v = coef[i]·K;   sum = sum + v;   magnitude = magnitude + |v|
//	score = sum + intercept;   bound = magnitude + |intercept|
//
// Where no v is negative, as in an RBF one-class machine, sum and magnitude are
// the same number, and one of them need not be computed.
//
// # Tiers
//
// Rbf machines have faster implementations of the same specification: avx512
// (AVX-512 F and DQ), avx2 (AVX2 and FMA). The best that the processor and the
// operating system have is chosen once; the environment variable
// FLEETSCORE_KERNEL=portable|avx2|avx512 forces one, and New fails if it cannot
// be had. Tier names the choice. All else is portable: the other kernels, other
// processors, rows of more than 2048 features but for their exponentials.
//
// In these tiers the lanes of a register are rows, so that every row keeps its
// order of operations. A machine of one feature whose coefficients are not
// negative takes blocks of 32 or 8 rows through all its support vectors; where a
// block's rows are near the least and the greatest support vector, they are near
// all, because rounding keeps order, and step 2 need not compare. Other machines
// take tiles of rows, packed feature by feature, and 48 support vectors at a
// time: squared distances first, then kernel values and sums. A row by itself has
// its support vectors in the lanes for the exponentials alone.
//
// The assembly, rbf_amd64.s, is written by the program in gen, a module of its
// own: go generate runs it and needs avo, go build does not.
//
// # Why so
//
// The order and the roundings are those of libsvm as scikit-learn builds it for
// x86-64, wherever that costs little: products are rounded before they are
// added, except from the third feature on, where scikit-learn's own order
// depends on its BLAS and fusing is faster. An exponential is the correctly
// rounded one in 99.4 % of cases, and close to 1, where a machine with a single
// support vector decides, practically always. Decision values of one or two
// features so have scikit-learn's very bits: linear and poly ones all, rbf ones
// in more than 99 % of rows, and where scikit-learn's is exactly 0, so is ours.
//
// The bound is what the rounding error of a decision value is in proportion to.
package kernel
