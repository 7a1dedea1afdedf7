package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/fleetscore/fleetscore/score"
	"github.com/fleetscore/fleetscore/score/readings"
	"github.com/fleetscore/fleetscore/store"
	"github.com/fleetscore/fleetscore/store/filestore"
)

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
	var file store.File
	if in.from != nil {
		file, err = in.from.Open(ctx, in.path)
	} else {
		file, err = openLocal(ctx, in)
	}
	if err != nil {
		return fmt.Errorf("reading %s: %w", in.name, err)
	}
	if file != nil {
		defer func() { err = errors.Join(err, file.Close()) }()
		return collector.ReadAt(ctx, in.name, file, file.Info().Size)
	}
	stream, err := open(ctx, in.path)
	if err != nil {
		return fmt.Errorf("reading %s: %w", in.name, err)
	}
	defer func() { err = errors.Join(err, stream.Close()) }()
	return collector.Read(ctx, in.name, stream)
}

// openLocal opens a Parquet file, and gives nil for what is read from its start
// to its end: a pipe, or text, which may grow meanwhile.
func openLocal(ctx context.Context, in input) (store.File, error) {
	if in.size == 0 {
		return nil, nil
	}
	file, err := filestore.OpenFile(ctx, in.path)
	if err != nil || readings.IsParquet(file) {
		return file, err
	}
	return nil, file.Close()
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
