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
var readingFiles = []string{".csv", ".csv.gz", ".csv.zst"}

// findInputs expands files, folders and globs, in the order given; what a folder
// or a glob stands for is in the order of names. A file that is named twice is
// read once.
func findInputs(locations []string) ([]input, error) {
	var found []input
	seen := make(map[string]bool)
	for _, location := range locations {
		paths, err := expand(location)
		if err != nil {
			return nil, err
		}
		for _, path := range paths {
			if clean, err := filepath.Abs(path); err != nil || seen[clean] {
				continue
			} else if path != standardInput {
				seen[clean] = true
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

func expand(location string) ([]string, error) {
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
		return walk(path)
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

// walk finds the files of readings in a folder and the folders below it. What is hidden is left out.
func walk(folder string) ([]string, error) {
	root, err := filepath.EvalSymlinks(folder)
	if err != nil {
		return nil, err
	}
	var paths []string
	err = filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case path != root && strings.HasPrefix(entry.Name(), "."):
			if entry.IsDir() {
				return filepath.SkipDir
			}
		case !entry.IsDir() && isReadings(entry.Name()):
			paths = append(paths, path)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("looking for readings in %s: %w", folder, err)
	}
	if len(paths) == 0 {
		return nil, fmt.Errorf("no file in %s ends in %s", folder, strings.Join(readingFiles, ", "))
	}
	slices.Sort(paths)
	return paths, nil
}

func isReadings(name string) bool {
	name = strings.ToLower(name)
	return slices.ContainsFunc(readingFiles, func(end string) bool { return strings.HasSuffix(name, end) })
}

// readAll collects the readings of every input.
func readAll(ctx context.Context, inputs []input, columns readings.Columns, stdin io.Reader, progress *score.Progress) (*readings.Set, error) {
	var total, before int64
	for _, in := range inputs {
		if in.size == 0 {
			total = 0
			break
		}
		total += in.size
	}
	progress.BytesTotal.Store(total)
	progress.Reading.Store(true)
	defer progress.Reading.Store(false)
	collector := readings.NewCollector(readings.Options{Columns: columns, Progress: func(read int64) {
		progress.BytesRead.Store(before + read)
	}})
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
	file, err := os.Open(in.path)
	if err != nil {
		return fmt.Errorf("reading %s: %w", in.name, err)
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	return collector.Read(ctx, in.name, file)
}
