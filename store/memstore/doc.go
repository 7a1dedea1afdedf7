// Package memstore is a store in memory, for tests. It keeps the whole contract
// of package store except that it ends with the process, and like a folder it
// refuses a key that is also a folder of another key.
//
//	s := memstore.New()
//	err := s.Put(ctx, "models/pump-7/temp.pkl", strings.NewReader("a model"))
package memstore
