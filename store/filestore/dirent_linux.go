package filestore

import (
	"bytes"
	"cmp"
	"context"
	"encoding/binary"
	"io/fs"
	"iter"
	"os"

	"golang.org/x/sys/unix"
)

// readFolder is the other readFolder for entries that know no more than their
// name and type, through buf; nil where the folder cannot be opened as usual,
// for whoever can tell the reason. A folder that os.Root has opened asks for the
// size and time of each file, and takes a dozen system calls besides; here they
// are four, however few files it holds.
func (d *direct) readFolder(ctx context.Context, root *os.Root, folder string, buf []byte) iter.Seq2[fs.DirEntry, error] {
	if d == nil {
		return nil
	}
	fd := -1
	err := d.conn.Control(func(store uintptr) {
		if opened, err := openBelow(int(store), cmp.Or(folder, "."), unix.O_DIRECTORY); err == nil {
			fd = opened
		}
	})
	if fd < 0 || err != nil {
		return nil
	}
	return func(yield func(fs.DirEntry, error) bool) {
		defer func() { _ = unix.Close(fd) }()
		for {
			n, err := unix.ReadDirent(fd, buf)
			if err == unix.EINTR {
				continue
			}
			if err = cmp.Or(err, ctx.Err()); err != nil {
				yield(nil, err)
				return
			}
			if n == 0 || !yieldDirents(buf[:n], root, folder, yield) {
				return
			}
		}
	}
}

// Where the parts of the kernel's linux_dirent64 are.
const (
	direntLength = 16
	direntType   = 18
	direntName   = 19 // ends with a 0
)

func yieldDirents(records []byte, root *os.Root, folder string, yield func(fs.DirEntry, error) bool) bool {
	for len(records) > direntName {
		length := int(binary.NativeEndian.Uint16(records[direntLength:]))
		name, _, _ := bytes.Cut(records[direntName:length], []byte{0})
		d := &dirent{root: root, folder: folder, name: string(name), mode: direntMode(records[direntType])}
		if d.name != "." && d.name != ".." && !yield(d, nil) {
			return false
		}
		records = records[length:]
	}
	return true
}

// direntMode is the type of a file; irregular where the file itself must be asked.
func direntMode(kind byte) fs.FileMode {
	switch kind {
	case unix.DT_DIR:
		return fs.ModeDir
	case unix.DT_REG:
		return 0
	}
	return fs.ModeIrregular
}

// dirent is an entry of a folder that knows no more than its name and type.
type dirent struct {
	root   *os.Root
	folder string
	name   string
	mode   fs.FileMode
}

func (d *dirent) Name() string               { return d.name }
func (d *dirent) IsDir() bool                { return d.mode.IsDir() }
func (d *dirent) Type() fs.FileMode          { return d.mode }
func (d *dirent) Info() (fs.FileInfo, error) { return d.root.Lstat(d.folder + d.name) }
