// Package chunklog stores a log while it is written, in objects of their own that
// never change: chunks. So the log of a process that is killed is kept up to its
// last seconds, in any store, and many may read it meanwhile.
//
//	log := chunklog.NewWriter(chunklog.Config{Store: s, Key: func(n int) string { return fmt.Sprintf("logs/a-%05d.log", n) }})
//	logger := slog.New(slog.NewTextHandler(log, nil))
//	…
//	err := log.Close(ctx)
//
// The log is its chunks one after the other, in the order of their keys. A chunk
// ends with a line where it can. While the store does not answer, chunks wait in
// memory, up to a bound; then the oldest are dropped, and the log says so.
package chunklog
