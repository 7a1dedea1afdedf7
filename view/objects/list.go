// Package objects looks into a store: what there is below a prefix, and the beginning of an
// object as rows or as text. Whatever is in the store is hostile: all is bounded.
package objects

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/fleetscore/fleetscore/store"
)

// Object is an object of a store.
type Object struct {
	Key      string    `json:"key"`
	Size     int64     `json:"size"`
	Modified time.Time `json:"modified"`
}

// Listing is what there is below a prefix: folders, and objects that are in none.
type Listing struct {
	Prefix  string   `json:"prefix"`
	Folders []string `json:"folders" nullable:"false" doc:"prefixes that end in a slash"`
	Objects []Object `json:"objects" nullable:"false"`
	Next    string   `json:"next,omitempty" doc:"there is more: ask with cursor set to it"`
	Cut     bool     `json:"cut,omitempty" doc:"there are too many objects to look through; ask for a longer prefix"`
}

// mostKeys is how many keys are looked through for a listing.
const mostKeys = 200_000

// List lists what there is below a prefix, which is empty or ends in a slash, after a
// cursor: at most limit folders and objects, of those whose keys may be seen.
func List(ctx context.Context, s store.Lister, prefix, after string, limit int, may func(key string) bool) (Listing, error) {
	l := Listing{Prefix: prefix, Folders: []string{}, Objects: []Object{}}
	seen, last := 0, ""
	for info, err := range s.List(ctx, prefix) {
		if errors.Is(err, store.ErrNotFound) {
			break
		}
		if err != nil {
			return l, err
		}
		if seen++; seen > mostKeys {
			l.Cut = true
			break
		}
		if !may(info.Key) {
			continue
		}
		name, _, folder := strings.Cut(info.Key[len(prefix):], "/")
		if folder {
			name += "/"
		}
		if name = prefix + name; name == last || name <= after && after != "" {
			continue
		}
		if len(l.Folders)+len(l.Objects) == limit {
			l.Next = last
			break
		}
		last = name
		if folder {
			l.Folders = append(l.Folders, name)
		} else {
			l.Objects = append(l.Objects, Object{info.Key, info.Size, info.ModTime.UTC()})
		}
	}
	return l, nil
}
