// Package pickle reads Python pickles and joblib files as data. It is a bounded
// machine: it runs the pickle opcodes, and nothing else. No name in a file is
// ever imported, no callable is ever called; what Python would have built by a
// call becomes a value that says which class was named and with which arguments
// and state.
//
//	doc, err := pickle.Parse(data, pickle.Options{
//		Allow: func(module, name string) bool { return module == "sklearn.svm._classes" && name == "OneClassSVM" },
//	})
//	if err != nil {
//		return err // *GlobalError, *SyntaxError, *LimitError or *FormatError
//	}
//	coef, ok := doc.Root().Attr("_dual_coef_")
//
// # What is read
//
// Pickle protocols 0 to 5 as CPython 2.7 and 3.x write them; numpy arrays, dtypes
// and scalars of every numpy under both its old module names and those of numpy 2;
// joblib files since 0.10, raw, or compressed with zlib, gzip or bzip2, and also
// zstd. A pickle that was merely compressed is read too. Bytes after the final
// STOP are ignored, as pickle.load and joblib.load do, and so are bytes after the
// end of a zlib stream.
//
// Refused with a *FormatError that says what to do instead: xz, lzma and lz4,
// joblib's file formats before 0.10 (ZF, NDArrayWrapper), zip archives.
//
// Refused with a *SyntaxError: PERSID and BINPERSID, EXT1 to EXT4, INST and OBJ,
// NEXT_BUFFER and READONLY_BUFFER, bytes that are no opcode; no scikit-learn model
// holds them.
//
// # A joblib file
//
// It is a pickle whose array data stands outside the pickle stream. After the
// BUILD of a NumpyArrayWrapper {subclass, shape, order, dtype, allow_mmap
// [, numpy_array_alignment_bytes]}, which ends a frame, there follow, when the
// alignment is there and not None, one byte n and n bytes of padding, and then the
// elements without a header. Where the dtype holds Python objects, a whole pickle
// follows instead, with a memo and a STOP of its own. On the stack the array takes
// the place of the wrapper; in the memo the wrapper stays.
//
// # Files that are alike
//
// The files of a fleet are nearly the same file: the same opcodes and names, other
// numbers, array bytes and array lengths. A Parser makes a template of a file that it
// has parsed, constant bytes with holes between, and keeps a few. A file that fits one
// is compared with the constant bytes, the holes are read, every array's shape is
// checked against its bytes and the limits as the machine does it, and the template's
// Document is made the file's by writing the numbers, the places of bytes and the
// offsets into it. Numbers that decide anything beyond their own value, such as the
// size of a dtype or the order of axes, are no holes. A file that fits none, or is
// wrong in any way, is left to the machine, so that what a Parser gives never depends
// on what it has parsed before. Templates are made of sound files only, hold no memory
// of the input, and are made more and more rarely where they are of no use.
//
// # Invariants
//
//   - A global is checked when it is named, by GLOBAL or STACK_GLOBAL (or INST,
//     before that is refused): exactly, against a table of what the machine itself
//     understands, then by Options.Allow. Only dotted ASCII identifiers as module
//     and one ASCII identifier as name get as far as Allow, so that nothing is
//     reached by walking attributes, and no look-alike letter passes.
//   - Memory is in proportion to the file as it is stored: every length is
//     compared with what is left before it is used, and everything that grows is
//     charged to Limits.Memory before it grows, which is 16 MiB and 128 bytes for
//     each of the file's at most, however well it was compressed. A compressed
//     file may decompress to 4 MiB whatever its own size, and to 128 times its
//     size beyond; growing that takes as much again for a moment, and the
//     decompressors add what the formats make them keep: up to 4 MiB for a block
//     of bzip2, 9 MiB for a window of zstd.
//   - Time is in proportion to the file too: no opcode walks more than the bytes
//     it stands in, except decoding text, which has a budget of its own
//     (Limits.Decoded), and copying items, which is charged to Limits.Memory. An
//     object is built 4 times at most, and Attr looks at 4096 entries of a state
//     at most, so that states cannot be made slow to search.
//   - Values may share parts and contain themselves, as in Python. No accessor
//     descends more than one level, so none can loop; who walks a whole Document
//     must bound the walk.
//   - A Document never changes after Parse and may be read by many goroutines. It
//     keeps slices of the input: whoever changes the input afterwards changes the
//     Document.
//
// Where Python's objects have behaviour, this package has conventions: BUILD stores
// the state, whatever __setstate__ there may be; a later BUILD hides the attributes
// of an earlier one and leaves the others; Len counts the entries of a dict or set
// as written, doubles included, and Lookup finds the last.
package pickle
