// Package mqtt takes readings in from MQTT clients, 3.1.1 and 5. It is no broker: what
// is published goes into the stream and to no other client.
//
// # Topics and payloads
//
// A template says which topics there are and where in them device and tag are:
// readings/{device}/{tag} unless told otherwise. Without {tag} the payload has to say
// it. What a payload may be is in the documentation of ingest/decode: a number, or
// JSON, of one reading or many.
//
// # What is acknowledged
//
//   - QoS 1: the PUBACK is written after the message's readings are durable. A client
//     need not wait for it: as many messages as Config.Inflight (MQTT 5 clients are told,
//     as receive maximum) are in flight at a time, and then the connection is not read.
//   - If they cannot be stored there is no PUBACK, and the connection is closed, so that
//     the client connects and sends them again.
//   - QoS 0: taken as it comes; dropped, and counted, when too much waits or it cannot be
//     stored.
//   - QoS 2: MQTT 5 clients are told that the most is 1. MQTT 3.1.1 has no way to say so: a
//     client of it gets its PUBREC when the readings are durable, and its PUBCOMP, but a
//     message that it repeats is taken again. The same reading counts once all the same.
//   - A message that is not like the template, or whose payload is no reading, would be as
//     wrong the next time: it is acknowledged, in MQTT 5 with a code that says so, and
//     counted. A message for a device that the client may not send for is told so in MQTT
//     5; in 3.1.1, where that cannot be said, the connection is closed.
//
// # Who may
//
// Config.Authorize says for which devices a client may send, by its user name,
// password and certificate. When it may no more, its connection is closed; MQTT 5
// clients are told why.
//
// # What there is not
//
// Subscriptions are refused, and the connection goes on. Nothing is retained, there are
// no wills and no $SYS, and no session outlives its connection: a client that has one
// sends what was not acknowledged again, which is all there is to it.
//
// # Bounds
//
// A packet has Config.Packet bytes at the most, and memory for it is taken as it comes. Of
// all connections, 256 at a time hold readings that are not submitted yet; the others
// are not read until it is their turn, nor is one that does not take its
// acknowledgements. A connection that says nothing has 10 s for its CONNECT, and then one and a half times
// its keep-alive. Who does not take what is written to it for 30 s is cut off. A device
// that is over its rate is read more slowly.
//
// Packets are decoded here: no MQTT server in Go that is kept up lets acknowledgements
// wait for a commit without holding up its connection.
package mqtt
