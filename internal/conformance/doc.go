// Package conformance holds fleetscore against what it stands in for: real
// scikit-learn, on thousands of random models, and real pandas, byte for byte.
//
// Its tests have the build tag conformance and need the Python environments of
// internal/testkit/python under $FLEETSCORE_VENVS; `make conformance` sees to both.
package conformance
