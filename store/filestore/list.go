package filestore

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"path"
	"slices"
	"strings"

	"github.com/fleetscore/fleetscore/store"
)

// List implements store.Lister. It holds the names of one folder, and of those
// above it, at a time.
func (s *Store) List(ctx context.Context, prefix string) iter.Seq2[store.Info, error] {
	return s.list(ctx, prefix, false)
}

// Keys implements store.KeyLister.
func (s *Store) Keys(ctx context.Context, prefix string) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		for info, err := range s.list(ctx, prefix, true) {
			if !yield(info.Key, err) {
				return
			}
		}
	}
}

// list is List, or with only the keys of the infos.
func (s *Store) list(ctx context.Context, prefix string, keysOnly bool) iter.Seq2[store.Info, error] {
	return func(yield func(store.Info, error) bool) {
		if err := store.CheckPrefix(prefix); err != nil {
			yield(store.Info{}, fmt.Errorf("listing: %w", err))
			return
		}
		root, err := s.existing()
		if err != nil {
			yield(store.Info{}, s.listError(prefix, err))
			return
		}
		folder, start := path.Split(prefix)
		l := lister{s: s, ctx: ctx, root: root, keysOnly: keysOnly, yield: yield}
		if keysOnly {
			l.records = make([]byte, recordBytes)
		}
		l.list(folder, start, false)
	}
}

func (s *Store) listError(prefix string, err error) error {
	if prefix == "" {
		return fmt.Errorf("listing %s: %w", s.dir, s.explain(err))
	}
	return fmt.Errorf("listing %s of %s: %w", prefix, s.dir, s.explain(err))
}

type lister struct {
	s    *Store
	ctx  context.Context
	root *os.Root
	// keysOnly leaves out what needs a look at each file.
	keysOnly bool
	records  []byte // of a folder, as the system gives them
	yield    func(store.Info, error) bool
}

// entry is what a folder holds: an object, or a folder whose name then ends
// with "/" as in the keys of its objects. That makes the order of entries that
// of keys: "a-b" is before "a/" for what is in the folder a.
type entry struct {
	store.Info
	linked bool // the folder is a link to one
}

// list yields what is below folder, which is "" or ends with "/", as far as the
// names in it start with start. It returns false when the loop is over.
func (l *lister) list(folder, start string, linked bool) bool {
	entries, err := l.entries(folder, start, linked)
	if err != nil {
		l.yield(store.Info{}, l.s.listError(folder, err))
		return false
	}
	for _, e := range entries {
		more := false
		e.Key = folder + e.Key
		switch err := l.ctx.Err(); {
		case err != nil:
			l.yield(store.Info{}, l.s.listError(folder, err))
		case strings.HasSuffix(e.Key, "/"):
			more = l.list(e.Key, "", linked || e.linked)
		default:
			more = l.yield(e.Info, nil)
		}
		if !more {
			return false
		}
	}
	return true
}

// entries is what folder holds, sorted.
func (l *lister) entries(folder, start string, linked bool) ([]entry, error) {
	var entries []entry
	for d, err := range l.read(folder) {
		if err != nil {
			return nil, err
		}
		if !strings.HasPrefix(d.Name(), start) || store.CheckKey(folder+d.Name()) != nil {
			continue
		}
		if e, ok := l.entry(folder, d); ok && !(linked && e.linked) {
			entries = append(entries, e)
		}
	}
	slices.SortFunc(entries, func(a, b entry) int { return strings.Compare(a.Key, b.Key) })
	return entries, nil
}

// entry is d as an entry, and false if it is neither an object nor a folder.
func (l *lister) entry(folder string, d fs.DirEntry) (entry, bool) {
	switch {
	case d.IsDir():
		return entry{Info: store.Info{Key: d.Name() + "/"}}, true
	case l.keysOnly && d.Type().IsRegular():
		return entry{Info: store.Info{Key: d.Name()}}, true
	}
	info, err := d.Info()
	if err != nil {
		return entry{}, false // it went while the folder was read
	}
	linked := info.Mode().Type() == fs.ModeSymlink
	if linked {
		target, err := l.root.Stat(folder + d.Name())
		switch {
		case absent(err):
			return entry{}, false
		case err != nil: // its reader will learn why
			return entry{Info: store.Info{Key: d.Name(), ModTime: info.ModTime()}}, true
		}
		info = target
	}
	switch {
	case info.IsDir():
		return entry{Info: store.Info{Key: d.Name() + "/"}, linked: linked}, true
	case info.Mode().IsRegular():
		return entry{Info: store.Info{Key: d.Name(), Size: info.Size(), ModTime: info.ModTime(), Version: version(info)}}, true
	}
	return entry{}, false
}

// recordBytes is how much of a folder is read at a time, where only keys are wanted.
const recordBytes = 32 << 10

// read is readFolder, or a shorter way where only keys are wanted.
func (l *lister) read(folder string) iter.Seq2[fs.DirEntry, error] {
	if l.keysOnly {
		if entries := l.s.direct.readFolder(l.ctx, l.root, folder, l.records); entries != nil {
			return entries
		}
	}
	return readFolder(l.ctx, l.root, folder)
}

// readFolder yields the entries of folder, unsorted: none if it is not there,
// is not a folder, or is a lost+found that only root may read.
func readFolder(ctx context.Context, root *os.Root, folder string) iter.Seq2[fs.DirEntry, error] {
	return func(yield func(fs.DirEntry, error) bool) {
		// A name that ends with "/" opens nothing but a folder, as "." does.
		f, err := root.Open(cmp.Or(folder, "."))
		if err == nil {
			defer f.Close()
		}
		for err == nil {
			if err = ctx.Err(); err != nil {
				break
			}
			var some []fs.DirEntry
			some, err = f.ReadDir(1024)
			for _, d := range some {
				if !yield(d, nil) {
					return
				}
			}
		}
		gone := err == io.EOF || absent(err)
		if gone || folder == "lost+found/" && errors.Is(err, fs.ErrPermission) {
			return
		}
		yield(nil, err)
	}
}
