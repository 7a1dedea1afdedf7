package app

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/fleetscore/fleetscore/config"
	"github.com/fleetscore/fleetscore/score"
	"github.com/fleetscore/fleetscore/store"
	"github.com/fleetscore/fleetscore/store/filestore"
)

// findReport is the path of the report that the settings name, checked before
// hours of work go by.
func findReport(cfg config.Score, predictions store.KeyTemplate) (string, error) {
	if cfg.Report == "" {
		return "", nil
	}
	path, err := localPath(cfg.Report)
	if err != nil {
		return "", err
	}
	if special(path) {
		return path, nil
	}
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		return "", fmt.Errorf("%s is a folder; give the name of a file in it", cfg.Report)
	}
	if err := store.CheckKey(filepath.Base(path)); err != nil {
		return "", err
	}
	if info, err := os.Stat(filepath.Dir(path)); err != nil {
		return "", fmt.Errorf("the folder of %s: %w", cfg.Report, err)
	} else if !info.IsDir() {
		return "", fmt.Errorf("%s is not a folder", filepath.Dir(path))
	}
	if models, err := localPath(cfg.Models); err == nil && models != "" && within(path, models) {
		return "", fmt.Errorf("%s lies in the folder of models; give another name", cfg.Report)
	}
	output, err := localPath(cfg.Output)
	if err != nil {
		return path, nil //nolint:nilerr // it is told as a problem of --out
	}
	if key, err := filepath.Rel(resolved(output), resolved(path)); err == nil {
		if _, clash := predictions.Match(filepath.ToSlash(key)); clash || filepath.ToSlash(key) == predictions.String() {
			return "", fmt.Errorf("%s is a file of predictions; give another name", cfg.Report)
		}
	}
	return path, nil
}

// special reports whether a path is there and neither a file nor a folder, such as /dev/stdout.
func special(path string) bool {
	info, err := os.Stat(path)
	return err == nil && !info.Mode().IsRegular() && !info.IsDir()
}

// writeReport writes the report to path, if it is not empty: whole or not at all.
func writeReport(ctx context.Context, path string, report *score.Report) error {
	if path == "" {
		return nil
	}
	text, err := json.MarshalIndent(report, "", "  ")
	if err == nil {
		text = append(text, '\n')
		if special(path) {
			err = writeSpecial(path, text)
		} else {
			err = writeFile(ctx, path, text)
		}
	}
	if err != nil {
		return fmt.Errorf("writing the report: %w", err)
	}
	return nil
}

// writeSpecial writes to a device or a pipe, which must not be replaced by a file.
func writeSpecial(path string, text []byte) (err error) {
	file, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	_, err = file.Write(text)
	return err
}

func writeFile(ctx context.Context, path string, text []byte) error {
	folder, err := filestore.Open(filepath.Dir(path), filestore.Options{})
	if err != nil {
		return err
	}
	return errors.Join(folder.Put(ctx, filepath.Base(path), bytes.NewReader(text)), folder.Close())
}
