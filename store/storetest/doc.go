// Package storetest holds a store's driver to the contract of package store.
// Every driver runs the whole suite in its tests:
//
//	func TestContract(t *testing.T) {
//		storetest.Run(t, func(t *testing.T) store.Store { return memstore.New() })
//	}
package storetest
