package app

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/fleetscore/fleetscore/store"
)

// input is one file of readings.
type input struct {
	name string
	size int64  // as stored; 0: not known
	at   string // see location.at
	path string
	// from is where the object path is; nil: path is a local file or standard input.
	from store.Store
}

// standardInput is how a user names it.
const standardInput = "-"

// findInputs expands files, folders and globs, in the order given; what a folder
// or a glob stands for is in the order of names. A file that is named twice is
// read once. Of folders, what is in the place except is left out.
func (b *buckets) findInputs(ctx context.Context, locations []location, except string) ([]input, error) {
	var found []input
	seen := make(map[string]bool)
	for _, l := range locations {
		expand := expandLocal
		if l.remote() {
			expand = b.expandRemote
		}
		inputs, err := expand(ctx, l, except)
		if err != nil {
			return nil, err
		}
		for _, in := range inputs {
			if in.path != standardInput {
				if seen[in.at] {
					continue
				}
				seen[in.at] = true
			}
			found = append(found, in)
		}
	}
	return found, nil
}

// totalSize is the size of all inputs as they are stored; 0 if it is not known.
func totalSize(inputs []input) (total int64) {
	for _, in := range inputs {
		if in.size == 0 {
			return 0
		}
		total += in.size
	}
	return total
}

// expandRemote finds the objects that a URL names: one, those below it, or those that match it.
func (b *buckets) expandRemote(ctx context.Context, l location, except string) ([]input, error) {
	s, err := b.of(ctx, l)
	if err != nil {
		return nil, err
	}
	bucket, _, _ := strings.Cut(l.bucket, "?")
	object := func(info store.Info) input {
		at := bucket + "/" + info.Key
		return input{name: at, size: info.Size, at: at, path: info.Key, from: s}
	}
	isGlob := strings.ContainsAny(l.path, "*[")
	prefix := ""
	switch {
	case isGlob:
		if _, err := path.Match(l.path, ""); err != nil {
			return nil, fmt.Errorf("%s is not a glob: %w", l.at(), err)
		}
		prefix = l.path[:strings.IndexAny(l.path, "*[")]
	case l.path != "":
		info, err := s.Stat(ctx, l.path)
		if err == nil {
			return []input{object(info)}, nil
		}
		if !errors.Is(err, store.ErrNotFound) {
			return nil, fmt.Errorf("reading %s: %w", l.at(), err)
		}
		prefix = l.path + "/"
	}
	var found []input
	for info, err := range s.Objects(ctx, prefix) {
		if err != nil {
			return nil, err
		}
		matches := isReadings(info.Key) && !isHidden(info.Key)
		if isGlob {
			matches, _ = path.Match(l.path, info.Key)
		}
		in := object(info)
		if _, left := below(except, in.at); !matches || left && !isGlob {
			continue
		}
		if err := store.CheckKey(info.Key); err != nil {
			return nil, fmt.Errorf("reading %s: the object %.200q cannot be read by its name: %w; rename it, or name the others by a glob", l.at(), info.Key, err)
		}
		found = append(found, in)
	}
	switch {
	case len(found) > 0:
		return found, nil
	case isGlob:
		return nil, fmt.Errorf("no object matches %s", l.at())
	}
	return nil, fmt.Errorf("no object %s, and none below it that ends in %s", l.at(), strings.Join(readingFiles, ", "))
}

// isHidden reports whether the name of an object, or that of one of its folders, begins with a dot.
func isHidden(key string) bool {
	return slices.ContainsFunc(strings.Split(key, "/"), func(name string) bool {
		return strings.HasPrefix(name, ".") && name != "." && name != ".."
	})
}

// expandLocal finds the files that a path names.
func expandLocal(_ context.Context, l location, except string) ([]input, error) {
	paths, err := expandPath(l, except)
	inputs := make([]input, len(paths))
	for i, path := range paths {
		inputs[i] = input{name: path, at: resolved(path), path: path}
		if info, err := os.Stat(path); err == nil && info.Mode().IsRegular() {
			inputs[i].size = info.Size()
		}
	}
	return inputs, err
}

func expandPath(l location, except string) ([]string, error) {
	if l.text == standardInput {
		return []string{standardInput}, nil
	}
	info, err := os.Stat(l.path)
	switch {
	case err == nil && info.IsDir():
		return findReadings(l.path, except)
	case err == nil:
		return []string{l.path}, nil
	case !strings.ContainsAny(l.path, "*?["):
		return nil, fmt.Errorf("reading %s: %w", l.text, err)
	}
	matches, err := filepath.Glob(l.path)
	if err != nil {
		return nil, fmt.Errorf("%s is not a glob: %w", l.text, err)
	}
	if len(matches) == 0 {
		return nil, fmt.Errorf("no file matches %s", l.text)
	}
	var paths []string
	for _, match := range matches {
		if info, err := os.Stat(match); err == nil && info.IsDir() {
			continue
		}
		paths = append(paths, match)
	}
	if len(paths) == 0 {
		return nil, fmt.Errorf("only folders match %s; to read all files of a folder, give the folder itself", l.text)
	}
	return paths, nil
}

// findReadings finds the files of readings in a folder and the folders below it, but for one.
func findReadings(folder, except string) ([]string, error) {
	all, unreadable, err := files(folder)
	if err = errors.Join(append([]error{err}, unreadable...)...); err != nil {
		return nil, fmt.Errorf("looking for readings in %s: %w", folder, err)
	}
	var paths []string
	for _, path := range all {
		if _, left := below(except, resolved(path)); isReadings(path) && !left {
			paths = append(paths, path)
		}
	}
	if len(paths) == 0 {
		return nil, fmt.Errorf("no file in %s ends in %s", folder, strings.Join(readingFiles, ", "))
	}
	return paths, nil
}

// files lists the files in a folder and the folders below it, by name, but for
// hidden ones, and tells which folders below it cannot be read.
func files(folder string) (paths []string, unreadable []error, err error) {
	root, err := filepath.EvalSymlinks(folder)
	if err != nil {
		return nil, nil, err
	}
	err = filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		switch hidden := path != root && strings.HasPrefix(entry.Name(), "."); {
		case hidden && entry.IsDir():
			return filepath.SkipDir
		case err != nil && path != root && entry.IsDir():
			unreadable = append(unreadable, err)
			return filepath.SkipDir
		case err != nil:
			return err
		case !hidden && !entry.IsDir():
			paths = append(paths, path)
		}
		return nil
	})
	slices.Sort(paths)
	return paths, unreadable, err
}
