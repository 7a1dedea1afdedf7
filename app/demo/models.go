package demo

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	_ "embed" // the models
	"errors"
	"fmt"
	"io"
	"os"
	"path"
)

//go:embed models.tar.gz
var models []byte

// unpackModels writes the models of the first devices into a folder, as
// {device}/{tag}.pkl.
func unpackModels(folder string, devices int) (err error) {
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	root, err := os.OpenRoot(folder)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, root.Close()) }()
	unzipped, err := gzip.NewReader(bytes.NewReader(models))
	if err != nil {
		return fmt.Errorf("unpacking models: %w", err)
	}
	archive := tar.NewReader(unzipped)
	for {
		entry, err := archive.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("unpacking models: %w", err)
		}
		if path.Dir(entry.Name) > fmt.Sprintf("%s%02d", prefix, devices) {
			continue
		}
		data, err := io.ReadAll(io.LimitReader(archive, entry.Size))
		if err == nil {
			err = root.MkdirAll(path.Dir(entry.Name), 0o755)
		}
		if err == nil {
			err = root.WriteFile(entry.Name, data, 0o644)
		}
		if err != nil {
			return fmt.Errorf("unpacking %s: %w", entry.Name, err)
		}
	}
}
