// Package ingest takes readings in: decoded from HTTP requests here and from MQTT
// messages in ingest/mqtt, checked, collected, and put into the stream. How readings
// are written is in the documentation of ingest/decode.
//
// # Invariants
//
//   - A reading is acknowledged (HTTP 2xx, PUBACK) only after the stream's Append of
//     it has returned nil. If it fails, the sender is told, or loses its connection,
//     and sends again.
//   - Memory is bounded whatever is sent: so many readings wait (Config.Waiting), so
//     many bytes of bodies (Config.Bodies), so many requests are decoded at a time (one
//     a processor). Past that HTTP says 429, and MQTT connections are not read.
//   - Readings of a sensor go into the stream in the order in which they were submitted.
//   - What is not taken is counted by cause, with samples, and never lost in silence.
//
// # Group commit
//
// One goroutine commits. It takes all that was submitted while it made the last
// commit, sorts it by partition, makes a message of each partition's readings, appends
// them all at once, and then calls the done function of each submission. So the more
// there is to do, the larger the commits, and an fsync is shared by all who wait.
//
// # HTTP
//
// [Handler] answers POST /api/v1/readings. The content type says the format, and must
// be there: application/json, application/x-ndjson or text/csv, none of which a web
// page can send to another site without being asked first. With Content-Encoding:
// gzip it may be compressed.
//
//	200  {"accepted": 998, "rejected": 2, "errors": [{"line": 3, "cause": "bad_time", "detail": "…"}, …]}
//	400  nothing was accepted; the problem has rejected and errors as above
//	403  all was of devices that the sender may not send for; else they are among the errors
//	413  the body, or what it is when decompressed, is too large, or has too many readings
//	415  another content type or encoding
//	429  too much is under way, or all was over its device's rate; Retry-After says when
//	503  the stream does not take it; nothing was acknowledged, send it again
//
// At most 20 errors are told. A 200 says that the accepted readings are durable. The
// rest will be as wrong the next time, but for over_rate, which has to be sent again.
//
// # Example
//
//	service, err := ingest.New(ingest.Config{Stream: log})
//	if err != nil {
//		return err
//	}
//	if err := service.Start(ctx); err != nil {
//		return err
//	}
//	defer service.Stop()
//	mux.Handle("POST /api/v1/readings", ingest.NewHandler(service))
package ingest
