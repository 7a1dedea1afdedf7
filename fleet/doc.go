// Package fleet is the vocabulary that every system shares: what a sensor is,
// why a sensor failed, and how many failures a user accepts. It imports the
// standard library only, so that anything may import it.
//
// A sensor is the pair (device, tag). Both names are any text that is valid
// UTF-8, not empty, and at most MaxName bytes long; they come from outside and
// are hostile until CheckName has seen them.
package fleet
