package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/fleetscore/fleetscore/score"
	"github.com/fleetscore/fleetscore/score/readings"
)

// input is one file of readings.
type input struct {
	name string
	size int64 // as stored; 0: not known
	path string
}

// standardInput is how a user names it.
const standardInput = "-"

// readingFiles are the endings by which files in a folder are taken for readings.
var readingFiles = []string{".csv", ".csv.gz", ".csv.zst", ".parquet"}

// findInputs expands files, folders and globs, in the order given; what a folder
// or a glob stands for is in the order of names. A file that is named twice is
// read once. Of folders, what is in the folder except is left out.
func findInputs(locations []string, except string) ([]input, error) {
	var found []input
	seen := make(map[string]bool)
	for _, location := range locations {
		paths, err := expand(location, except)
		if err != nil {
			return nil, err
		}
		for _, path := range paths {
			if path != standardInput {
				file := resolved(path)
				if seen[file] {
					continue
				}
				seen[file] = true
			}
			in := input{name: path, path: path}
			if info, err := os.Stat(path); err == nil && info.Mode().IsRegular() {
				in.size = info.Size()
			}
			found = append(found, in)
		}
	}
	return found, nil
}

func expand(location, except string) ([]string, error) {
	if location == standardInput {
		return []string{location}, nil
	}
	path, err := localPath(location)
	if err != nil {
		return nil, err
	}
	info, err := os.Stat(path)
	switch {
	case err == nil && info.IsDir():
		return findReadings(path, except)
	case err == nil:
		return []string{path}, nil
	case !strings.ContainsAny(path, "*?["):
		return nil, fmt.Errorf("reading %s: %w", location, err)
	}
	matches, err := filepath.Glob(path)
	if err != nil {
		return nil, fmt.Errorf("%s is not a glob: %w", location, err)
	}
	if len(matches) == 0 {
		return nil, fmt.Errorf("no file matches %s", location)
	}
	var paths []string
	for _, match := range matches {
		if info, err := os.Stat(match); err == nil && info.IsDir() {
			continue
		}
		paths = append(paths, match)
	}
	if len(paths) == 0 {
		return nil, fmt.Errorf("only folders match %s; to read all files of a folder, give the folder itself", location)
	}
	return paths, nil
}

// findReadings finds the files of readings in a folder and the folders below it, but for one.
func findReadings(folder, except string) ([]string, error) {
	all, err := files(folder)
	if err != nil {
		return nil, fmt.Errorf("looking for readings in %s: %w", folder, err)
	}
	var paths []string
	for _, path := range all {
		if isReadings(path) && !within(path, except) {
			paths = append(paths, path)
		}
	}
	if len(paths) == 0 {
		return nil, fmt.Errorf("no file in %s ends in %s", folder, strings.Join(readingFiles, ", "))
	}
	return paths, nil
}

// files lists the files in a folder and the folders below it, by name, but for hidden ones.
func files(folder string) ([]string, error) {
	root, err := filepath.EvalSymlinks(folder)
	if err != nil {
		return nil, err
	}
	var paths []string
	err = filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		switch hidden := path != root && strings.HasPrefix(entry.Name(), "."); {
		case err != nil:
			return err
		case hidden && entry.IsDir():
			return filepath.SkipDir
		case !hidden && !entry.IsDir():
			paths = append(paths, path)
		}
		return nil
	})
	slices.Sort(paths)
	return paths, err
}

// within reports whether a path is a folder, or lies in it, links resolved.
func within(path, folder string) bool {
	relative, err := filepath.Rel(resolved(folder), resolved(path))
	return err == nil && relative != ".." && !strings.HasPrefix(relative, ".."+string(filepath.Separator))
}

// resolved is the absolute path without links, as far as it exists.
func resolved(path string) string {
	if target, err := filepath.EvalSymlinks(path); err == nil {
		path = target
	}
	if abs, err := filepath.Abs(path); err == nil {
		return abs
	}
	return path
}

func isReadings(name string) bool {
	name = strings.ToLower(name)
	return slices.ContainsFunc(readingFiles, func(end string) bool { return strings.HasSuffix(name, end) })
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

// readAll collects the readings of every input.
func readAll(ctx context.Context, inputs []input, options readings.Options, stdin io.Reader, progress *score.Progress) (*readings.Set, error) {
	var before int64
	progress.BytesTotal.Store(totalSize(inputs))
	progress.Reading.Store(true)
	defer progress.Reading.Store(false)
	options.Progress = func(read int64) { progress.BytesRead.Store(before + read) }
	collector := readings.NewCollector(options)
	for _, in := range inputs {
		if err := readOne(ctx, collector, in, stdin); err != nil {
			return nil, err
		}
		before = progress.BytesRead.Load()
	}
	return collector.Finish(), nil
}

func readOne(ctx context.Context, collector *readings.Collector, in input, stdin io.Reader) (err error) {
	if in.path == standardInput {
		return collector.Read(ctx, "standard input", stdin)
	}
	file, err := open(ctx, in.path)
	if err != nil {
		return fmt.Errorf("reading %s: %w", in.name, err)
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	if in.size > 0 {
		return collector.ReadAt(ctx, in.name, file, in.size)
	}
	return collector.Read(ctx, in.name, file)
}

// open opens a file. A pipe without a writer blocks until there is one, or ctx ends.
func open(ctx context.Context, path string) (*os.File, error) {
	type opened struct {
		file *os.File
		err  error
	}
	result := make(chan opened, 1)
	go func() {
		file, err := os.Open(path)
		result <- opened{file, err}
	}()
	select {
	case o := <-result:
		return o.file, o.err
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}
