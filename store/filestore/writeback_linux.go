package filestore

import (
	"os"

	"golang.org/x/sys/unix"
)

// writeBack asks the system to begin to write n bytes of a file to the disk. It
// is no more than a hint: what is wrong with the disk, the sync at the end says.
func writeBack(f *os.File, from, n int64) {
	conn, err := f.SyscallConn()
	if err != nil {
		return
	}
	_ = conn.Control(func(fd uintptr) { _ = unix.SyncFileRange(int(fd), from, n, unix.SYNC_FILE_RANGE_WRITE) })
}
