package store

import (
	"bytes"
	"context"
	"fmt"

	"golang.org/x/sync/errgroup"
)

// Object is a whole object in memory.
type Object struct {
	Key  string
	Body []byte
}

// A BatchWriter is a Writer that has a better way than one Put after another to
// store many objects.
type BatchWriter interface {
	// PutAll does what the function PutAll promises for objects of which no two
	// have the same key.
	PutAll(ctx context.Context, objects []Object) []error
}

// putsAtOnce is how many Puts PutAll has under way: they wait for disks and
// networks, not for processors.
const putsAtOnce = 16

// PutAll stores every object, each atomically, several at a time; those stored
// are durable when it returns. One that fails never stops another. The result is
// nil if all are stored, and otherwise has one error for each object, in their
// order, nil for those that are stored. Of objects with the same key the first
// is stored and the others are ErrExists.
//
// If w is a BatchWriter, it does the work.
func PutAll(ctx context.Context, w Writer, objects []Object) []error {
	errs := make([]error, len(objects))
	distinct := make([]Object, 0, len(objects))
	place := make([]int, 0, len(objects)) // where in objects it was
	seen := make(map[string]struct{}, len(objects))
	for i, o := range objects {
		if _, ok := seen[o.Key]; ok {
			errs[i] = fmt.Errorf("putting %.200q: %w: an earlier object of the same batch has this key", o.Key, ErrExists)
			continue
		}
		seen[o.Key] = struct{}{}
		distinct = append(distinct, o)
		place = append(place, i)
	}
	for i, err := range putDistinct(ctx, w, distinct) {
		errs[place[i]] = err
	}
	return orNil(errs)
}

func putDistinct(ctx context.Context, w Writer, objects []Object) []error {
	if batch, ok := w.(BatchWriter); ok {
		return batch.PutAll(ctx, objects)
	}
	errs := make([]error, len(objects))
	var puts errgroup.Group
	puts.SetLimit(putsAtOnce)
	for i, o := range objects {
		puts.Go(func() error {
			errs[i] = w.Put(ctx, o.Key, bytes.NewReader(o.Body))
			return nil
		})
	}
	_ = puts.Wait() // every error is in errs
	return errs
}

// orNil is errs, or nil if none of them is an error.
func orNil(errs []error) []error {
	for _, err := range errs {
		if err != nil {
			return errs
		}
	}
	return nil
}
