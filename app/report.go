package app

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/fleetscore/fleetscore/score"
	"github.com/fleetscore/fleetscore/store/filestore"
)

// writeReport writes the report, if one is wanted: whole or not at all.
func (s *Scoring) writeReport(ctx context.Context, report *score.Report) error {
	if !s.places.hasReport {
		return nil
	}
	text, err := json.MarshalIndent(report, "", "  ")
	if err == nil {
		text = append(text, '\n')
		if special(s.places.report) {
			err = writeSpecial(s.places.report.path, text)
		} else {
			err = s.writeFile(ctx, s.places.report, text)
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

func (s *Scoring) writeFile(ctx context.Context, l location, text []byte) error {
	if l.remote() {
		bucket, err := s.buckets.of(ctx, l)
		if err != nil {
			return err
		}
		return bucket.Put(ctx, l.path, bytes.NewReader(text))
	}
	folder, err := filestore.Open(filepath.Dir(l.path), filestore.Options{})
	if err != nil {
		return err
	}
	return errors.Join(folder.Put(ctx, filepath.Base(l.path), bytes.NewReader(text)), folder.Close())
}
