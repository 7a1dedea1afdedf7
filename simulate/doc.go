// Package simulate is a fleet that behaves like one, and writes down what is true
// of it, so that a whole system can be judged against it.
//
//	f, err := simulate.New(simulate.Config{Devices: 1000, Tags: 5, Rate: 1, Seed: 1, Start: start, Anomalies: 0.001, Late: 0.02})
//	for now := range everySecond {
//		messages = f.Step(now, messages[:0])
//	}
//
// A Fleet is pure: the same Config gives the same messages, to the byte, whatever
// the steps in which they are asked for. Sensors have a level, a daily cycle, slow
// drift and noise with a memory (Profile); networks hold messages back and double
// them; devices are cut off, and send what they have kept; clocks are wrong; and
// anomalies are planted. Planted gives the truth. Names and profiles depend on the
// seed and the place in the fleet only, so that models can be trained on another
// stretch of time, without anomalies, for the fleet that has them.
//
// Play plays a fleet in real time, or a past stretch as fast as it is taken, to a
// Sender: NewHTTP, NewMQTT or NewLines. A sender repeats a message until it is
// acknowledged. What came of each is counted in a Tally, and kept by its Record.
//
// # Truth
//
// A file of the truth has a line of JSON for everything that was planted (Truth),
// written when it begins: it may end after the last message.
//
// # Record
//
// A record begins with a line of JSON: its version and the Config, from which the
// names of sensors follow. Then comes an entry for each message, when it is known
// what became of it; numbers are varints, and times are milliseconds since the
// entry before, or since 1970 in the first:
//
//	flags     a byte: 1 of the value; 2 a copy of a message; outcome × 4; way × 16
//	sensor    its number, less that of the entry before; signed
//	time      of the reading; signed
//	value     signed, in thousandths; or, if flag 1 is set, 8 bytes, little endian, IEEE 754
//	sent      when it was to be sent; signed
//	settled   how long after that it was settled; unsigned
//	tries     how often it was sent; unsigned
//
// A record that was cut short, by a crash or in the midst of being written, can be
// read up to its last whole entry.
package simulate
