package store

import (
	"context"
	"iter"
)

// A KeyLister is a Lister for which keys alone cost less than what List tells of
// objects: a folder needs a system call for the size and time of each file.
type KeyLister interface {
	// Keys yields the keys that List yields.
	Keys(ctx context.Context, prefix string) iter.Seq2[string, error]
}

// Keys yields the keys of the objects that l.List(ctx, prefix) yields. If l is a
// KeyLister, it does the work.
func Keys(ctx context.Context, l Lister, prefix string) iter.Seq2[string, error] {
	if keys, ok := l.(KeyLister); ok {
		return keys.Keys(ctx, prefix)
	}
	return func(yield func(string, error) bool) {
		for info, err := range l.List(ctx, prefix) {
			if !yield(info.Key, err) {
				return
			}
		}
	}
}
