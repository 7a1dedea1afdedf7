// Package config holds the settings as plain structs, their defaults, and their
// checks: Score, of one scoring by hand, and File, of a deployment.
//
// Invariants: every problem is reported at once, each with the setting it is about
// and where it was given; the value of a variable is never shown; whatever a file
// holds, reading it takes bounded time and memory. What schedules, templates and
// URLs mean is checked by those who know, through Checks.
//
//	settings, err := config.Load("", os.Environ(), config.Checks{})
//	var problems config.Problems
//	if errors.As(err, &problems) {
//		// fleetscore.yaml:12: jobs.hourly.input.windw: unknown setting; did you mean window?
//	}
//
// # Adding a setting
//
// Add a field to File or Job, with its tags, and run go generate: the reader,
// the variables, the schema and the table in docs/config.md follow. What the tags
// cannot say goes into check.
package config

//go:generate go run ./gen
