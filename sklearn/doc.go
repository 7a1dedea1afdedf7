// Package sklearn reads pre-trained scikit-learn models and scores with them,
// without Python.
//
// [Load] takes the bytes of a pickle or a joblib file, of any protocol and any
// scikit-learn version, and gives a [Model]. Reading executes nothing: the file
// is taken for data, by the bounded machine of package pickle, and a class that
// is not known ends it. [Inspect] tells what is in a file, also in one that
// Load refuses.
//
// What is scored natively: Pipeline, StandardScaler, OneClassSVM (kernels rbf,
// linear, poly and sigmoid; dense and sparse support vectors).
//
// # Bounds
//
// What a file can cost is in proportion to its size as it is stored, whatever
// it claims. Parsing has the limits of package pickle. Out of what was parsed, 1 Mi
// numbers and 16 for each byte of the file are read at most (8 bytes each, and
// once more in a detector), sparse matrices counted as they unfold; a sparse
// model beyond that is [ErrUnsupported]. An estimator that a pipeline holds many
// times is read once. A pipeline unfolds to 256 steps at most, those that are
// skipped and pipelines within it included.
//
// # Faithfulness
//
// A decision value differs from scikit-learn's own by at most [Tolerance]·B,
// where B is the sum of the absolute values of the terms that the value is
// summed from: Σ|coefᵢ·K(x, svᵢ)| + |intercept|. Labels are equal wherever the
// decision value is outside that band. The same model and the same row give
// the same bits on every machine.
//
// # Concurrency
//
// A Model is immutable: any number of goroutines may score with it. A [Scores]
// belongs to one of them at a time.
package sklearn
