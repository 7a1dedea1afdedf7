package pack

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// Cache is a folder on this machine that keeps packs, for stores at the other end
// of a network. Any number of processes may use it at once. What is in it is
// believed only as far as its digest is right. The zero Cache keeps nothing.
type Cache struct {
	Folder string
	// Bytes is how much it keeps, about; those packs go first that were not used
	// for longest. 0: 1 GiB.
	Bytes int64
}

const (
	defaultCache = 1 << 30
	tempPattern  = "pack-*.tmp"
	// abandoned is how old a temporary file is that nobody writes any more.
	abandoned = time.Hour
)

// load gets a pack from the folder, or from the store and keeps it. That it cannot
// be kept is no reason to fail.
func (c Cache) load(ctx context.Context, s Getter, key string, sum [32]byte) ([]byte, error) {
	if c.Folder == "" {
		return load(ctx, s, key, sum)
	}
	name := hex.EncodeToString(sum[:]) + packSuffix
	if data, ok := c.get(name, sum); ok {
		return data, nil
	}
	data, err := load(ctx, s, key, sum)
	if err == nil && c.put(name, data) {
		c.shrink(name)
	}
	return data, err
}

func (c Cache) get(name string, sum [32]byte) ([]byte, bool) {
	path := filepath.Join(c.Folder, name)
	if info, err := os.Lstat(path); err != nil || !info.Mode().IsRegular() {
		return nil, false
	}
	data, err := os.ReadFile(path)
	if err != nil || sha256.Sum256(data) != sum {
		return nil, false // a damaged one is replaced
	}
	now := time.Now()
	_ = os.Chtimes(path, now, now) // another process may have removed it
	return data, true
}

// put writes a file in one step, so that nobody sees a part of it. It is not
// synced: a power cut leaves at worst one whose digest is wrong.
func (c Cache) put(name string, data []byte) bool {
	if os.MkdirAll(c.Folder, 0o700) != nil {
		return false
	}
	f, err := os.CreateTemp(c.Folder, tempPattern)
	if err != nil {
		return false
	}
	_, err = f.Write(data)
	if closing := f.Close(); err == nil {
		err = closing
	}
	if err == nil {
		err = os.Rename(f.Name(), filepath.Join(c.Folder, name))
	}
	if err != nil {
		_ = os.Remove(f.Name())
	}
	return err == nil
}

// shrink removes what was not used for longest, until the rest fits. It keeps the
// one that has just come.
func (c Cache) shrink(keep string) {
	most := c.Bytes
	if most <= 0 {
		most = defaultCache
	}
	var files []fs.FileInfo
	total := int64(0)
	for info := range c.files() {
		if strings.HasSuffix(info.Name(), ".tmp") && time.Since(info.ModTime()) > abandoned {
			_ = os.Remove(filepath.Join(c.Folder, info.Name()))
			continue
		}
		total += info.Size()
		if strings.HasSuffix(info.Name(), packSuffix) && info.Name() != keep {
			files = append(files, info)
		}
	}
	slices.SortFunc(files, func(a, b fs.FileInfo) int { return a.ModTime().Compare(b.ModTime()) })
	for _, info := range files {
		if total <= most {
			return
		}
		// Whoever reads it has it open; on the next use it is fetched again.
		_ = os.Remove(filepath.Join(c.Folder, info.Name()))
		total -= info.Size()
	}
}

// files yields the files that are the cache's.
func (c Cache) files() func(yield func(fs.FileInfo) bool) {
	return func(yield func(fs.FileInfo) bool) {
		entries, err := os.ReadDir(c.Folder)
		if err != nil {
			return
		}
		for _, e := range entries {
			name := e.Name()
			isTemp, _ := filepath.Match(tempPattern, name)
			if !isTemp && !strings.HasSuffix(name, packSuffix) {
				continue
			}
			if info, err := e.Info(); err == nil && info.Mode().IsRegular() && !yield(info) {
				return
			}
		}
	}
}
