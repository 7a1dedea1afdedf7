// Package decode reads what devices send: JSON, NDJSON, CSV, and the payloads of
// MQTT messages. It does no I/O and knows no clock. Everything it is given is
// hostile: it allocates in proportion to what it returns, and remembers a bounded
// number of names.
//
// # A reading
//
// In JSON it is an object, in CSV a row:
//
//	{"device": "pump-7", "tag": "temperature", "ts": "2026-11-23T13:00:05Z", "value": 71.3, "seq": 12}
//
//	device  text of 1 to 256 bytes; case counts
//	tag     the same
//	ts      when it was measured; also called time or timestamp. Without one, or with
//	        null, the reading is stamped when it is received, and then has no identity:
//	        the same sent again counts again
//	value   a number that is finite as a float64
//	seq     a whole number from 0 to 2^64-1, which tells readings of one time apart; optional
//
// Other members of the object are not looked at. A member that is given twice is an
// error, since readers of JSON differ in which they believe.
//
// # Times
//
// A time is text as RFC 3339 has it (2026-11-23T13:00:05.25+01:00; a space may stand
// for the T), with its offset from UTC; or a number, in JSON with or without quotes:
// seconds, milliseconds, microseconds or nanoseconds since 1970, told by its
// magnitude, as everywhere in fleetscore.
//
//	below     1e11  seconds       until the year 5138
//	below     1e14  milliseconds  from 1973 on
//	below     1e17  microseconds  from 1973 on
//	all else        nanoseconds   from 1973 on
//
// Digits after the point count down to the nanosecond, and below that are cut off.
// Times that do not fit into an int64 of nanoseconds (1677 to 2262) are refused.
//
// # Formats
//
//   - JSON is one object, or an array of objects. One that is not JSON to its end gives
//     no reading at all; an object that is no reading costs only itself.
//   - NDJSON is an object a line. Each line stands for itself. Empty lines count only
//     as lines.
//   - CSV has a header row, by which columns are found: device, tag, ts and value, and
//     seq if it is there, or other usual names for them, whatever their case. An empty
//     cell of the time is a reading without one. A row is a line: cells may be in quotes,
//     a quote within them doubled, but hold no line breaks.
//   - A Payload is that of an MQTT message, whose topic says of which device and tag it
//     is: a bare number, an object, or an array of objects. What the topic does not say,
//     the object does. Both may say it, if they agree.
//
// What is wrong with a line is a [Fault], with a [Cause] that does not change.
//
// # Example
//
//	d := decode.New(decode.Limits{})
//	var b decode.Batch
//	if err := d.Decode(decode.NDJSON, body, now.UnixNano(), &b); err != nil {
//		return err // more readings than one request may have
//	}
//	use(b.Readings)
//	report(b.Rejected, b.Faults)
package decode
