// Package store is where everything that outlives a process is kept: models,
// readings, predictions, reports. It is a contract for blobs (objects) under
// keys, small enough that a folder, Azure Blob Storage, S3 and Google Cloud
// Storage all keep it, and the rules that make keys from names.
//
// # Invariants
//
//   - An object is seen whole, as it was or as it is now, never half-written.
//   - What a Put returned nil for is still there after a power cut.
//   - Of all that call PutIfAbsent for one key, in any number of processes,
//     exactly one gets nil.
//   - A key never leads out of its store, whatever names it was made from.
//
// The package store/storetest is the suite that holds every driver to them.
// The drivers are store/filestore (a folder), store/cloudstore (a bucket of Azure
// Blob Storage, S3 or Google Cloud Storage) and store/memstore (for tests).
//
// # Keys
//
// A key is a relative path, "models/7/temp.pkl", that CheckKey accepts: 1 to
// 1024 bytes of UTF-8 in segments of 1 to 255 bytes joined by "/", without
// control characters and backslashes. No segment starts with a dot: "." and ".."
// would leave the folder, and the others belong to the system (".DS_Store",
// ".git", the "..data" of a Kubernetes volume) or are temporary files. No
// segment ends with a dot or a space, which Azure and SMB strip silently.
//
// A key must not also be a folder of another key: with "a" stored, a folder
// cannot hold "a/b". A driver may store both or refuse the second one with
// ErrInvalidKey. Keys differ in case, but a folder of macOS or SMB confuses
// those that differ in nothing else; so do not rely on it.
//
// # Names in keys
//
// A device and a tag are any text. EncodeName makes one a part of a key that is
// safe anywhere in a segment, and DecodeName is its exact inverse. Bytes that
// could harm are written as % and two upper-case hexadecimal digits, all others
// stay. Those that could harm are
//
//	/ \ % : * ? " < > | { }    control characters    bytes that are not UTF-8
//	a dot at the start         a dot or a space at the end
//
// The empty name is a single "%". So "pump-7" is "pump-7", "Öl 3" is "Öl 3",
// "in/out" is "in%2Fout" and ".." is "%2E%2E". This is a format on disk: it
// never changes.
package store
