// Package predictions encodes what scoring puts out.
//
// # Parquet
//
// One row a prediction, snappy-compressed, in row groups of about [RowGroupRows]
// rows or fewer, with these columns, none of them nullable:
//
//	time     timestamp, UTC, in the finest unit that the input used (ms, us or ns)
//	device   string, dictionary
//	tag      string, dictionary; left out where models are of devices
//	value    double: the value that was scored; with several features a column
//	         for each, under its own name, such as mean or vibration.max
//	score    double: the decision function; greater is more normal
//	anomaly  int8: 1 an anomaly, 0 normal
//	model    string, dictionary: SHA-256 of the model's file, hexadecimal
//	run, rev string and int32, where a run wrote them: its name, and the revision
//	         of the interval that they are of
//
// # CSV
//
// [Single] has the same columns under the same names, for all sensors in one
// file. [Sensor] has the columns TS,Device,Tag,Val,Prediction, for one sensor
// in a file: byte for byte what a pandas program writes that reads the readings,
// scores them and calls to_csv(index=None).
//
// In both, a time stands as it came in, fields are quoted only where they must
// be, lines end in \n, and a number is written as Python prints it: the shortest
// decimal that reads back to the same double, with ".0" where it is whole
// (values that came in as integers, all of them, stay integers).
package predictions
