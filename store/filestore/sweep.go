package filestore

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"github.com/fleetscore/fleetscore/store"
)

// Sweep removes the temporary files of killed processes: those to which nothing
// was written since olderThan. Choose it so that no process still writes to
// them, a day ago for example. It returns how many it removed; what it could
// not remove is in the error and stops nothing.
func (s *Store) Sweep(ctx context.Context, olderThan time.Time) (removed int, err error) {
	root, err := s.existing()
	if errors.Is(err, store.ErrNotFound) {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("sweeping %s: %w", s.dir, s.explain(err))
	}
	var errs []error
	for folders := []string{""}; len(folders) > 0 && ctx.Err() == nil; {
		last := len(folders) - 1
		folder := folders[last]
		folders = folders[:last]
		for d, err := range readFolder(ctx, root, folder) {
			name := folder
			switch {
			case err != nil:
			case d.IsDir():
				// Temporary files are only where keys lead.
				if name += d.Name(); store.CheckKey(name) == nil {
					folders = append(folders, name+"/")
				}
			case abandoned(d, olderThan):
				name += d.Name()
				if err = root.Remove(name); err == nil {
					removed++
				}
			}
			if err != nil && !absent(err) && ctx.Err() == nil {
				errs = append(errs, fmt.Errorf("sweeping %s in %s: %w", name, s.dir, s.explain(err)))
			}
		}
	}
	if err := ctx.Err(); err != nil {
		errs = append(errs, fmt.Errorf("sweeping %s: %w", s.dir, err))
	}
	return removed, errors.Join(errs...)
}

func abandoned(d fs.DirEntry, olderThan time.Time) bool {
	if !isTemp(d.Name()) || !d.Type().IsRegular() {
		return false
	}
	info, err := d.Info()
	return err == nil && info.ModTime().Before(olderThan)
}
