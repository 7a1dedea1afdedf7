// Package command scores with any program: a process for each sensor, or one for all
// sensors of a shard.
//
// # Command line
//
// [ParseTemplate] splits it into words once; there is no shell. Each of {device}, {tag},
// {model}, {models}, {config}, {input}, {output}, {scratch} and {files} is then filled
// into its word, so that a name with a space, a quote or a semicolon is one argument as
// any other. A name that begins with - where the word begins with it is refused, as a
// program would take it for an option, unless -- stands before it.
//
// # What a program is given
//
// A folder of its own, where it may write, is its working directory:
//
//	config.json      all that there is to know: see [config]
//	input.csv        or input.parquet, or standard input: the columns TS, Device, Tag and
//	                 Value, or the features in place of Value
//	models/…         the model under its own base name; those of a shard under its key
//
// A device as a whole has no Tag. Times are in UTC as in RFC 3339; in Parquet,
// timestamps of nanoseconds. Rows of a sensor stand together, in the order in which they came.
//
// # What it answers
//
// A table with a header in output.csv, output.parquet or on standard output, or else the
// only file in the folder predictions. Its columns, in any order and case:
//
//	score            a number; greater is more normal, and below 0 is an anomaly
//	anomaly          or is_anomaly, outlier, prediction: 1 or true is an anomaly, 0 or false is none
//	label            instead: -1 is an anomaly, 1 is none, as scikit-learn's predict says
//	ts, time, …      which row it is of; without it, rows are in the order of the input
//	device, tag      which sensor it is of; may be left out where there is one sensor
//
// One of score, anomaly and label must be there; with both a score and one of the others,
// that one is the verdict; without a score, it is that of the label. A row whose score or verdict is empty, NaN or infinite was not
// scored. In Parquet, ts, device and tag are needed, and a verdict is a number, not a boolean.
// Other columns are left alone. Every row must be answered once.
//
// What is printed by a process for several sensors is told as that of the first.
//
// # What fails
//
// An exit code other than 0, a signal, a time-out, no output, an output that is too
// large, that is a link or no file, or that cannot be read: these cost all sensors of the
// process. If it has several, they are tried again by halves, until the culprits stand
// alone, or so many processes have failed that the program itself must be at fault. Where the
// output tells whose rows are wrong, only these sensors have failed.
package command
