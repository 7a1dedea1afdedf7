// Package runtime is what scores the models that are not read natively: the
// contract between package score and those who run a foreign program, in the
// folders below this one.
//
// A foreign program is hostile, or at least careless: it crashes, hangs, leaks and
// prints without end. Whoever implements [Runtime] sees to it that this costs the
// sensor at hand and no other.
package runtime
