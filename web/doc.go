// Package web is the HTTP API of a deployment: what it knows and what it can be
// told to do, described by an OpenAPI document of its own; changes as they happen,
// as server-sent events; metrics; and one page for people.
//
// # Invariants
//
//   - Changing anything needs a token, on a loopback address too, so that no web
//     page that somebody looks at can. Reading, and sending readings, need none on a
//     loopback address. Any other address needs TLS, or a proxy that ends it, or New
//     refuses it.
//   - A request whose Host is not one of ours, or whose Origin is another, is
//     refused before anything else happens.
//   - Every change is written to the audit trail, with the name of its token
//     and the address of who sent it.
//   - Errors are problem+json (RFC 9457) with a code that does not change, and a
//     hint. What broke inside is in the service's log, under the request's number,
//     and not in the answer.
//   - Whatever is sent is bounded: bodies, names, pages, streams, and what waits
//     for a reader that is slow.
//
// # Who may what
//
// A token has a name and a Role: a viewer reads, an operator starts and stops runs
// and jobs, an admin does all, a device sends readings; see package credential. It is
// sent as "Authorization: Bearer …"; to read, also as the password of basic
// authentication, which is what a browser can do. A stream of events ends with its
// token.
//
// # Events
//
// GET /api/v1/events is a stream of server-sent events: first "snapshot", all that
// is under way, or, to one who comes back with the Last-Event-ID of a moment ago,
// what it missed; then "run", "progress", "node", "job", "pool" and "pulse". Each holds
// the whole state of what it is about, so that missing one does no harm. The last event of a
// reader that is too slow is "dropped".
//
// # Example
//
//	hub := web.NewHub()
//	server, err := web.New(web.Config{
//		Listen: "127.0.0.1:8321", Credentials: keeper, Hub: hub,
//		Ledger: ledger, Control: control, Data: data,
//	})
//	if err != nil {
//		return err
//	}
//	if err := server.Start(ctx); err != nil {
//		return err
//	}
//	defer server.Stop()
//	hub.Publish(web.Event{Run: &run})
package web

//go:generate go run ./gen ../docs/openapi.json
