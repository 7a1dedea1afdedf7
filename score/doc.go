// Package score turns readings and models into predictions.
//
// [Run] joins every sensor's readings with that sensor's own model, scores them
// in parallel and writes what comes out, sensor by sensor in the order of
// (device, tag), each sensor's rows in the order in which they came in. The same
// input gives the same bytes, however many workers there are.
//
// One sensor never harms another: whatever is wrong with a sensor is a
// [fleet.Failure] of its own in the [Report], and the others' predictions are
// written. An error from Run means that there is no result at all.
//
// # How work is cut
//
// A unit of work is some thousand rows: many small sensors, or a piece of a large
// one. Where all predictions go into one Parquet file, a unit is a row group of
// it, encoded by its worker; else it is about 8,192 rows. Workers take units in order and may finish them in any; a bounded queue
// puts the outcomes back in order for the sink, which writes them. So neither a
// million small sensors nor a single huge one leaves a core idle, and memory
// beyond the readings does not grow with their number.
package score
