// Package config holds the settings of each job as plain structs, their
// defaults, and their checks. Validate reports every problem at once, each with
// the setting it is about.
package config
