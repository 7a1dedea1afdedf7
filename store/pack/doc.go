// Package pack keeps the models of a partition in a few immutable objects, packs,
// so that a task reads those and not thousands of files. Packs are derived from
// the models and nothing else: any of them may be deleted, and is made again by a
// Build that looks for it (see Builder.Trust); who was told of it before finds it gone.
//
//	b := &pack.Builder{Store: s}
//	set, _, err := b.Build(ctx, 7, sources) // what a List says of the partition's models
//	…
//	r, err := pack.Open(ctx, s, set.Packs, pack.Cache{Folder: "/var/cache/packs", Bytes: 4 << 30})
//	data, digest, err := r.Model("models/pump-7/temp.pkl")
//
// # What a set is
//
// The packs of a partition are a base and deltas. Of several packs that know a
// model the first of the set counts, also if it says that the model is no more.
// Build reads only models whose size or time changed, and writes those into a
// delta. Where deltas become too many they are merged into one; where they come
// to a quarter of the base, or half of that is dead, a new base is written, for
// which unchanged models are copied from the packs that are there.
//
// # Pack
//
// packs/p=007/<SHA-256 of the object>.pack. Numbers are little-endian.
//
//	8 bytes   "FSPACK1\n"
//	uint32    number of entries
//	uint32    bytes of all keys
//	uint64    bytes of all models
//	entries, 64 bytes each, sorted by key:
//	  uint32    where its key ends, within the keys; it begins where the one before ends
//	  uint32    kind: 0 packed, 1 removed, 2 left out
//	  uint64    where its model ends, within the models; likewise
//	  int64     size of the object that it was made from
//	  int64     its time, in nanoseconds since 1970, XOR its version (see store.Info)
//	  32 bytes  SHA-256 of the model
//	keys
//	models, as they were uploaded
//
// An entry that is removed hides the model from the packs after it. One that is
// left out is of a model too large for a pack, or that could not be read: its
// reader is told ErrNotPacked, and reads it from the store. Neither has a digest.
//
// # Head
//
// packs/p=007/<fingerprint>.json says which packs hold a set. The fingerprint is
// the SHA-256 of the keys, sizes, times and versions of its models, so an unchanged
// partition costs the GET of one head, and planners who see different models
// write different heads. Models that were changed so shortly before they were read that
// their time may not tell of another change (see settled) are named as unsure,
// and the next Build reads them again.
package pack
