// Package app is the composition root: it opens what the settings name, plugs
// the systems together and runs them. main and the end-to-end tests use it.
package app
