package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/fleetscore/fleetscore/sklearn"
)

// Inspection is what was found out about one model file.
type Inspection struct {
	Path string `json:"path"`
	sklearn.Info
	// Error is why the file could not be read as a model at all.
	Error string `json:"error,omitempty"`
}

// maxModel bounds the size of a model file.
const maxModel = 1 << 30

// Inspect looks at model files, and at all files of folders. It executes
// nothing. The error says that a path could not be looked at; what is wrong
// with a file is in its Inspection.
func Inspect(ctx context.Context, locations []string) ([]Inspection, error) {
	found := []Inspection{}
	for _, location := range locations {
		root, err := localPath(location)
		if err != nil {
			return nil, err
		}
		paths := []string{root}
		if info, err := os.Stat(root); err != nil {
			return nil, fmt.Errorf("inspecting %s: %w", location, err)
		} else if info.IsDir() {
			if paths, err = files(root); err != nil {
				return nil, fmt.Errorf("inspecting %s: %w", location, err)
			}
		}
		for _, path := range paths {
			if ctx.Err() != nil {
				return nil, context.Cause(ctx)
			}
			found = append(found, inspectFile(path))
		}
	}
	return found, nil
}

func inspectFile(path string) Inspection {
	found := Inspection{Path: path}
	data, err := readModel(path)
	if err == nil {
		found.Info, err = sklearn.Inspect(data)
	}
	if err != nil {
		found.Error = err.Error()
	}
	return found
}

func readModel(path string) (data []byte, err error) {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return nil, err
	case !info.Mode().IsRegular():
		return nil, errors.New("not a regular file")
	case info.Size() > maxModel:
		return nil, fmt.Errorf("%d bytes; the largest model that is read has %d", info.Size(), maxModel)
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	return io.ReadAll(io.LimitReader(file, maxModel))
}
