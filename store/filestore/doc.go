// Package filestore is a store in a folder of a file system, local or mounted:
// an object is a file, a "/" in its key is a folder. The files are plain; people
// and programs may read them, and add some.
//
//	s, err := filestore.Open("./fleetscore-data", filestore.Options{})
//	…
//	err = s.Put(ctx, "models/pump-7/temp.pkl", file)
//
// # Writing
//
// An object is written to a temporary file in its folder, synced, and then
// renamed to its key (Put) or linked to it (PutIfAbsent); then the folder is
// synced, and each folder above it that this process has not yet seen durable.
// Temporary files are called .fleetscore-<16 digits>.tmp and are gone when a
// call returns, whatever its result. A killed process leaves its own behind;
// Sweep removes them. PutAll does the same for many objects with the syncs in
// parallel and one for each folder.
//
// Files are made with mode 0644 and folders with 0755, less the umask. Neither
// Delete nor Sweep removes folders.
//
// Where a file system has no hard links (SMB, FAT, most of FUSE), PutIfAbsent
// makes an empty file that nobody else could make and renames the temporary
// file over it. It is as exclusive, but for an instant the object is seen empty,
// and stays so if the process is killed then. A mount of an object store on
// which exclusive creation is not exclusive between machines cannot keep the
// contract.
//
// # Reading
//
// The folder is made by the first write. Until then nothing is found, and List
// yields an error that wraps store.ErrNotFound rather than nothing, so that a
// mistyped folder is not taken for an empty one.
//
// Only regular files are objects. Get of a folder finds nothing; of a pipe, a
// socket or a device it fails at once. List shows the files whose path is a
// valid key, so no hidden ones, and leaves out a lost+found that it may not read.
//
// # Links
//
// Symbolic links are followed, when reading and for the folders of a key when
// writing, as long as they stay in the store's folder; so a mounted ConfigMap
// works, which is made of links into a hidden folder. A link that leads out, or
// is absolute, is refused with an error that says so: who may put a link into
// the folder must not be able to make others read or write elsewhere. The
// store's folder itself may be a link. List shows a file link as the file it
// leads to, and enters a linked folder but no linked folder within that, which
// ends every loop. It shows a link that cannot be followed as an object of size
// 0, so that its reader learns why. Put and Delete replace and remove a link that
// is the key itself, never what it leads to.
package filestore
