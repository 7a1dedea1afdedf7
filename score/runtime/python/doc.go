// Package python scores with Python: in processes that are kept warm, each in a sandbox.
//
// # A script
//
// A script has one of these functions, or both, or there is none:
//
//	def load(path)         gives the model in a file, called as the model itself is
//	def predict(model, X)  gives the labels, or (scores, labels), of the rows of X
//
// Without load, joblib or pickle reads a model, and ONNX Runtime one that is called .onnx. Without
// predict, a model is asked for decision_function and predict. X is a numpy array, or a
// DataFrame where the annotation of predict's second parameter says so. Parameters called
// device, tag and times, after these two, are given what they are called after.
//
// Labels are -1 for an anomaly and 1 for none, 0 for none and 1 for an anomaly, or booleans. Whether labels
// that are all 1 are the former or the latter is found once, by what predict says of rows far
// off; ANOMALY = 1 or ANOMALY = -1 in the script says it.
//
// # Protocol
//
// runner.py comes to the interpreter by its standard input, and requests after it; see protocol.go. So
// nothing of ours need be where the interpreter is, which may be a container. Models go with the
// requests, unless the process has said nothing of having dropped them. A process answers sensor by
// sensor, so that we know whose fault it is when it dies or hangs: the first that has no answer. That one is asked again, alone
// in a new process, before it is called a culprit, as others may have taken the memory; the rest goes on.
//
// # Environments
//
// A lock file's packages are installed once on a machine (environment.go), from wheels alone: to build a
// package would be to run it.
package python
