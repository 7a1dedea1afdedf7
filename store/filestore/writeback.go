package filestore

import "os"

// writeBackBytes is how much of a file is written between two hints to begin to
// write it to the disk.
const writeBackBytes = 2 << 20

// eagerFile is a file whose bytes go to the disk while more are being made, so
// that the sync at the end does not wait for all of them.
type eagerFile struct {
	file           *os.File
	written, begun int64 // bytes
}

func (f *eagerFile) Write(p []byte) (int, error) {
	n, err := f.file.Write(p)
	f.written += int64(n)
	if f.written-f.begun >= writeBackBytes {
		writeBack(f.file, f.begun, f.written-f.begun)
		f.begun = f.written
	}
	return n, err
}
