// Package days keeps what a chart shows of a day's windows of one partition in one file,
// by sensor: so that a month of a sensor is thirty short reads, and no scan of hours in which
// all sensors are. It is derived from the files of windows, and may be deleted.
//
//	body, err := days.Encode(fingerprint, begin, windows)
//	found, err := days.Read(file, size, fingerprint, begin, sensor)
//
// # File
//
// days/window=1m/date=2026-11-23/p=007.day begins with "FSDAY1\n". Blocks follow, one for each
// sensor, by device and tag, then the index, and 48 bytes at the end: the SHA-256 of the keys of
// the files that it was made of, where the index begins (uint64, little-endian), the same
// 7 bytes as at the beginning, and 0x00.
//
// The index has for each sensor, in order, the length of its device, the device, the length
// of its tag, the tag, and the length of its block (lengths are unsigned varints). A block is
// the number of windows, and of each its start (milliseconds after the one before, or
// after the begin of the day), its count and its rev (unsigned varints); then all means,
// all minima, all maxima, as float32, little-endian: seven digits, as many as a chart has.
package days
