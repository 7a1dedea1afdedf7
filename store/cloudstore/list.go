package cloudstore

import (
	"context"
	"fmt"
	"io"
	"iter"
	"slices"
	"strings"

	"gocloud.dev/blob"

	"github.com/fleetscore/fleetscore/store"
)

// List implements store.Lister. Objects whose names cannot be keys are left out.
func (s *Store) List(ctx context.Context, prefix string) iter.Seq2[store.Info, error] {
	return func(yield func(store.Info, error) bool) {
		for info, err := range s.Objects(ctx, prefix) {
			if err == nil && store.CheckKey(info.Key) != nil {
				continue
			}
			if !yield(info, err) {
				return
			}
		}
	}
}

// Objects is List with the objects whose names cannot be keys, which other programs
// may have written and this one cannot read. Those that stand for a folder, as some
// programs write them, are left out.
func (s *Store) Objects(ctx context.Context, prefix string) iter.Seq2[store.Info, error] {
	return func(yield func(store.Info, error) bool) {
		if err := store.CheckPrefix(prefix); err != nil {
			yield(store.Info{}, fmt.Errorf("listing: %w", err))
			return
		}
		infos := s.pages(ctx, prefix)
		if s.scheme == "azblob" {
			infos = sorted(infos) // what is escaped is elsewhere in the order of names
		}
		for info, err := range infos {
			if err == nil && ctx.Err() != nil {
				err = context.Cause(ctx)
			}
			if err != nil {
				yield(store.Info{}, fmt.Errorf("listing %s of %s: %w", prefix, s.url, err))
				return
			}
			if !yield(info, nil) {
				return
			}
		}
	}
}

// pages yields the objects in the order of their names.
func (s *Store) pages(ctx context.Context, prefix string) iter.Seq2[store.Info, error] {
	return func(yield func(store.Info, error) bool) {
		objects := s.bucket.List(&blob.ListOptions{Prefix: prefix})
		for {
			o, err := objects.Next(ctx)
			switch {
			case err == io.EOF:
				return
			case err != nil:
				yield(store.Info{}, wrapError(ctx, "listing", prefix, err))
				return
			case o.IsDir || strings.HasSuffix(o.Key, "/"):
				continue
			}
			if !yield(store.Info{Key: o.Key, Size: o.Size, ModTime: o.ModTime}, nil) {
				return
			}
		}
	}
}

// sorted yields infos by key, once it has them all.
func sorted(infos iter.Seq2[store.Info, error]) iter.Seq2[store.Info, error] {
	return func(yield func(store.Info, error) bool) {
		var all []store.Info
		for info, err := range infos {
			if err != nil {
				yield(info, err)
				return
			}
			all = append(all, info)
		}
		slices.SortFunc(all, func(a, b store.Info) int { return strings.Compare(a.Key, b.Key) })
		for _, info := range all {
			if !yield(info, nil) {
				return
			}
		}
	}
}
