package archive

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/fleetscore/fleetscore/fleet"
	"github.com/fleetscore/fleetscore/store"
)

// Sweep deletes the archived readings of hours that were over before a time, but for
// those of intervals that are in use. It reads no more of the list of files than
// that, and needs no Service: what was archived once has its retention too.
func Sweep(ctx context.Context, s store.Store, before time.Time, inUse []fleet.Interval) (removed int, err error) {
	var errs []error
	for info, err := range s.List(ctx, folder) {
		if errors.Is(err, store.ErrNotFound) {
			break
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("looking for archived readings: %w", err))
			break
		}
		hour, ok := parseFileKey(info.Key)
		if !ok {
			continue
		}
		end := hour.Add(time.Hour)
		if end.After(before) {
			break // keys sort as their hours
		}
		if slices.ContainsFunc(inUse, func(i fleet.Interval) bool { return i.From.Before(end) && hour.Before(i.To) }) {
			continue
		}
		if err := s.Delete(ctx, info.Key); err != nil {
			if errs = append(errs, err); len(errs) >= mostSweepErrors {
				break
			}
			continue
		}
		removed++
	}
	return removed, errors.Join(errs...)
}

// mostSweepErrors is how many errors end a round.
const mostSweepErrors = 10

// parseFileKey reads the hour of what fileKey writes; files of others are let be.
func parseFileKey(key string) (hour time.Time, ok bool) {
	rest, ok := strings.CutPrefix(key, folder)
	if !ok || len(rest) <= len(hourForm) {
		return hour, false
	}
	hour, err := time.Parse(hourForm, rest[:len(hourForm)])
	if err != nil {
		return hour, false
	}
	var partition int
	var number uint64
	var unique string
	n, err := fmt.Sscanf(rest[len(hourForm):], "/p=%d-%d-%5s", &partition, &number, &unique)
	return hour, err == nil && n == 3 && strings.HasSuffix(key, fmt.Sprintf("/p=%03d-%012d-%s.parquet", partition, number, unique))
}
