// Package webtest has a service for the tests of the API and of its clients: a
// real server and a real ledger with one of everything in it, and a control and a
// store that do what a test wants.
package webtest
