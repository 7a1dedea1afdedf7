// Package notify tells people and programs what happened: that a run ended, which
// sensors were not scored, where anomalies are, and what of the service itself
// does not work.
//
//	service, err := notify.New(notify.Config{Ledger: l, Fates: fates, Receivers: receivers})
//	err = service.Start(ctx)
//	service.Wake() // a run has ended
//
// # Events
//
// An Event is a CloudEvent 1.0, in JSON, as structured mode has it. Its type is
// TypePrefix and a Kind, its subject job/interval, and its ID is made of what it
// tells of: the run, its revision, the kind. So a receiver that is told twice can
// know by source and ID. There is one event of a kind and run, with counts and
// some examples; sensors that are muted or acknowledged raise none, and are counted.
//
// The struct is our own: the CloudEvents SDK brings a JSON library, a logger and
// transports, of which eight fields of JSON need none.
//
// # Outbox
//
// The ledger notes with the end of a run that it is to be told of, in one
// transaction. Here its events are made, one message for each receiver that wants
// it, and put into the outbox in the transaction that takes the note away. A
// message leaves the outbox when its receiver has confirmed it. So a crash at any
// instant loses none, and repeats at most those that were under way.
//
// Each receiver has a courier of its own, so that one that hangs holds up no other.
// A courier sends several messages at a time, of different ordering keys; those of
// one key (a job) go one after the other, the next when the one before has been
// delivered, and so noted, or given up. What fails is sent again, ever more rarely,
// until it is too old; then it is dead, which is logged, counted and listed, and
// somebody may have it sent again.
//
// # Invariants
//
//   - Nothing is dropped in silence: what is over a receiver's rate is held, and
//     summed up in one event; what is dead stays in the list.
//   - No connection is made to a link-local, multicast or metadata address, nor
//     without allow_private to a private or loopback one. That is looked at when
//     it is dialed, after names have been resolved. Redirects are not followed, and
//     no proxy is used, as either would choose another address.
//   - Names of devices are hostile: no template lets one be more than text.
//   - URLs of receivers are secrets: of them errors and lists show the host alone.
package notify
