package filestore

import (
	"os"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/fleetscore/fleetscore/store"
)

// direct reads small objects and folders with as few system calls as there can
// be: openat2 resolves a key below the folder in one, with the rules of os.Root.
type direct struct {
	folder *os.File
	conn   syscall.RawConn
}

// openDirect is nil where the folder cannot be opened so; then os.Root does it all.
func openDirect(root *os.Root) *direct {
	folder, err := root.Open(".")
	if err != nil {
		return nil
	}
	conn, err := folder.SyscallConn()
	if err != nil {
		folder.Close()
		return nil
	}
	return &direct{folder: folder, conn: conn}
}

func (d *direct) close() {
	if d != nil {
		d.folder.Close()
	}
}

// get reads an object of at most atOnce bytes into buf. It gives up, for whoever
// can tell the reason, where anything is not as usual.
func (d *direct) get(key string, buf []byte) (data []byte, ok bool) {
	if d == nil {
		return nil, false
	}
	err := d.conn.Control(func(folder uintptr) { data, ok = getBelow(int(folder), key, buf) })
	return data, ok && err == nil
}

// openBelow opens what is at key below folder. Without O_NONBLOCK a pipe would
// wait for a writer, without O_NOCTTY a terminal could become ours.
func openBelow(folder int, key string, flags uint64) (fd int, err error) {
	how := unix.OpenHow{
		Flags:   unix.O_RDONLY | unix.O_CLOEXEC | unix.O_NONBLOCK | unix.O_NOCTTY | flags,
		Resolve: unix.RESOLVE_BENEATH | unix.RESOLVE_NO_MAGICLINKS,
	}
	return unix.Openat2(folder, key, &how)
}

func getBelow(folder int, key string, buf []byte) ([]byte, bool) {
	fd, err := openBelow(folder, key, 0)
	if err != nil {
		return nil, false
	}
	defer func() { _ = unix.Close(fd) }()
	var info unix.Stat_t
	if unix.Fstat(fd, &info) != nil || info.Mode&unix.S_IFMT != unix.S_IFREG || info.Size > min(atOnce, store.MaxGet) {
		return nil, false
	}
	size := int(info.Size)
	if cap(buf) < size {
		buf = make([]byte, size)
	}
	buf = buf[:size]
	for done := 0; done < size; {
		n, err := unix.Read(fd, buf[done:])
		if n <= 0 || err != nil {
			return nil, false
		}
		done += n
	}
	return buf, true
}
