// Package readings reads Parquet, CSV and JSON lines into memory, sorted by
// sensor: each sensor's times and values as columns, in the order in which its
// rows came; or, where models are of devices, each device's tags side by side.
//
//	c := readings.NewCollector(readings.Options{})
//	if err := c.Read(ctx, "data.csv", file); err != nil {
//		return err // the file as a whole is unusable
//	}
//	for _, series := range c.Finish().Series {
//		for _, block := range series.Blocks() {
//			score(series.Sensor, block.Values)
//		}
//	}
//
// # Files
//
// Parquet needs [Collector.ReadAt]. Its columns are decoded page by page, each
// ahead in a goroutine of its own; nested columns cannot be used. What a file says
// of its size is checked before there is memory for it: the footer, the pages, and
// the counts in their encodings, all of which the library that decodes values would
// believe. A file has a million rows at most, and 1,024 for each of its bytes beside
// them; what a page has beyond 16 MiB is at most 32,768 times its stored size. Devices and tags
// are BYTE_ARRAY, FIXED_LEN_BYTE_ARRAY or integers; times TIMESTAMP, DATE, INT96,
// or text or numbers as below; values FLOAT, DOUBLE, integers, DECIMAL or text. A
// time that has a type comes back as RFC 3339 with as few digits as it needs, Z
// if it is in UTC.
//
// JSON lines have an object a line (RFC 8259, in UTF-8). Fields are found by the
// names of columns in any order; of several usual names in one row the likeliest
// counts, two equally likely ones are that row's failure. Times and names may be
// strings or numbers, values numbers or strings that hold one. Other fields,
// nested ones too, are skipped.
//
// CSV by RFC 4180, in UTF-8 (a byte order mark is skipped), with \n or \r\n. The
// first line that is not blank is the header; each file has its own. The
// delimiter is the comma; if that does not divide the header, it is the
// semicolon, else the tab. A quote within an unquoted field is text. Blank lines
// and columns that nobody asked for are skipped. gzip (several members too) and
// zstd (several frames too, windows up to 128 MiB) are known by their first
// bytes, never by a name.
//
// Four columns are wanted: time, device, tag and value. [Columns] names them; if
// no column has the very name, its case and outer spaces do not count. A column
// that is not named is found by its usual names, such as ts, timestamp, device_id,
// sensor or val, whose case, spaces, _ and - do not count; the header's first
// match in the order of the package's list is taken.
//
// White space (spaces and tabs) around a device, a tag or a value is not part of
// it, also within quotes. Otherwise names are text: 01 and 1 are two devices.
//
// # Times
//
//   - 2018-08-28T23:00:05Z as in RFC 3339; with t or a space for the T; without
//     seconds; with a fraction after a point or a comma; with Z, z, UTC, +02:00,
//     +0200 or +02, perhaps after a space; without a zone, which means UTC; or the
//     date alone, which means midnight. Second 60 is the start of the next minute.
//   - A number since 1970: of seconds below 1e11, milliseconds below 1e14,
//     microseconds below 1e17, else nanoseconds (by its integer part, without the
//     sign), perhaps with decimals. So 20180828 is a day in August 1970.
//
// What is finer than a nanosecond is cut off. Times outside 1677-09-21 to
// 2262-04-11 do not fit and are bad rows. [Block.AppendTime] gives a time back
// exactly as it came in.
//
// # Values
//
// Decimal numbers, perhaps with an exponent (no hex, no digit separators, no
// decimal comma), rounded correctly to a float64. What pandas takes for missing
// (nothing, NA, NaN, null and so on, here in any case), infinities and numbers
// beyond a float64 are not finite.
//
// # Bad rows
//
// A row that cannot be kept is counted, with its cause and an example, under its
// sensor, or in [Set.Unattributed] if device or tag cannot be read; it never
// stops the rest. A row has at most 1 MiB. After a row that is longer, whose
// quote is not closed or is followed by text, reading goes on at the next line
// after that row's start; lines that were looked at in vain for the end of a
// quote are then rows of one line each.
//
// # Features
//
// [Features] says what a row is made of: one value, several columns of one row, or
// several tags of a device that have readings at the same time. See docs/score.md.
//
// # Memory
//
// A reading of one value takes 17 bytes: time, value and one byte for the form of its time (a
// separator, a number of digits, a zone and so on; the few forms that occur stand
// in a table). At most a third of a sensor's memory stands empty: at most 26 bytes
// a reading from 1,000 readings a sensor on. A sensor takes about 130 bytes beside
// that, and room for 4 readings at least: 53 bytes a reading with a million
// sensors of 5 readings each. Readings are not moved as series grow, so that the
// peak is little more. Reading a file takes 3 MiB beside that, and the window of
// its compression; the file's size does not matter, compressed or not.
//
// Where a form does not give the text of a time back, byte for byte, the text is
// kept, at its length and 5 bytes. That is so for second 60, more than 9 digits,
// leading zeros and the like, and beyond 255 forms. The first such time among
// 16,384 readings takes 64 KiB, which the others share.
package readings
