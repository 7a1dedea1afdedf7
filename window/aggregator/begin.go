package aggregator

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/parquet-go/parquet-go"

	"github.com/fleetscore/fleetscore/store"
)

// Begin is when the first window of a name starts that is stored; zero if none is. Of
// the files of its hour only the ends are read.
func (s *Service) Begin(ctx context.Context, name string) (first time.Time, err error) {
	if _, ok := s.workers[name]; !ok {
		return first, noWindow(name)
	}
	hour := ""
	for info, err := range s.cfg.Store.List(ctx, windowFolder(name)) {
		if errors.Is(err, store.ErrNotFound) {
			break
		}
		if err != nil {
			return first, fmt.Errorf("listing windows of %s: %w", name, err)
		}
		folder := info.Key[:strings.LastIndexByte(info.Key, '/')+1]
		if hour == "" {
			hour = folder
		}
		if folder != hour {
			break
		}
		start, err := s.beginOf(ctx, info.Key)
		if err != nil {
			return first, fmt.Errorf("reading %s: %w", info.Key, err)
		}
		if !start.IsZero() && (first.IsZero() || start.Before(first)) {
			first = start
		}
	}
	return first, nil
}

// beginOf is when the first window of a file starts, as the bounds of its pages say;
// zero of one that is gone.
func (s *Service) beginOf(ctx context.Context, key string) (first time.Time, err error) {
	file, err := s.cfg.Store.Open(ctx, key)
	if errors.Is(err, store.ErrNotFound) {
		return first, nil // it was merged into another
	}
	if err != nil {
		return first, err
	}
	defer file.Close()
	f, err := parquet.OpenFile(file, file.Info().Size, parquet.SkipBloomFilters(true))
	if err != nil {
		return first, err
	}
	start, ok := f.Schema().Lookup("start")
	if !ok {
		return first, errors.New("it has no column start")
	}
	for _, group := range f.RowGroups() {
		index, err := group.ColumnChunks()[start.ColumnIndex].ColumnIndex()
		if err != nil {
			return first, err
		}
		for page := range index.NumPages() {
			if at := time.UnixMilli(index.MinValue(page).Int64()).UTC(); first.IsZero() || at.Before(first) {
				first = at
			}
		}
	}
	return first, nil
}
