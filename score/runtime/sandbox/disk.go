package sandbox

import (
	"fmt"
	"io/fs"
	"path/filepath"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

const (
	lookEvery = 200 * time.Millisecond
	// leastFile is what each file counts, at least: an empty one takes room too.
	leastFile = 4096
	// leastFree is what a disk must have left, in bytes, or all who write to it end.
	leastFree = 256 << 20
)

// watchDisk ends a program that has more in its folder than it may. All that it can write to is there.
func (p *process) watchDisk(folder string, most int64) {
	if most == 0 {
		return
	}
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	for {
		select {
		case <-p.done:
			return
		case <-tick.C:
		}
		if used := usage(folder); used > most {
			p.pass(Disk, fmt.Sprintf("the program has written %d bytes to its folder, and may write %d", used, most))
			return
		}
		var disk unix.Statfs_t
		if err := unix.Statfs(folder, &disk); err == nil && disk.Bavail*uint64(disk.Bsize) < leastFree {
			p.pass(Disk, fmt.Sprintf("the disk of %s has less than %d MiB left, so all programs that write there are ended: make room", folder, leastFree>>20))
			return
		}
	}
}

// usage is what the files of a folder take, in bytes. It follows no links. What cannot be
// read, or is gone in between, does not count.
func usage(folder string) int64 {
	var sum int64
	_ = filepath.WalkDir(folder, func(_ string, d fs.DirEntry, err error) error {
		if err != nil {
			return nil //nolint:nilerr // see above
		}
		info, err := d.Info()
		if err != nil {
			return nil //nolint:nilerr // see above
		}
		size := int64(0)
		if s, ok := info.Sys().(*syscall.Stat_t); ok {
			size = s.Blocks * 512
		}
		sum += max(size, leastFile)
		return nil
	})
	return sum
}
