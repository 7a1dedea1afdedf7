package aggregator

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/fleetscore/fleetscore/fleet"
	"github.com/fleetscore/fleetscore/store"
)

// LateFilter says which late readings are meant. What is zero leaves none out.
type LateFilter struct {
	Device, Tag string
	Cause       string    // late or early
	From, To    time.Time // their own time is in [From, To)
}

func (f *LateFilter) match(l *LateReading) bool {
	return (f.Device == "" || f.Device == l.Device) && (f.Tag == "" || f.Tag == l.Tag) && (f.Cause == "" || f.Cause == l.Cause) &&
		(f.From.IsZero() || !l.Time.Before(f.From)) && (f.To.IsZero() || l.Time.Before(f.To))
}

// lateFile is a file of late readings that counts: of a number that its partition has
// come to.
type lateFile struct {
	store.Info
	partition int
	number    uint64
}

// Late lists readings that a window has not taken, those that came last first, up
// to limit; more says that there are others.
func (s *Service) Late(ctx context.Context, name string, f LateFilter, limit int) (list []LateReading, more bool, err error) {
	held, stored, err := s.heldLate(ctx, name, f.Device)
	if err != nil {
		return nil, false, err
	}
	files, err := s.lateFiles(ctx, name, f.Device)
	if err != nil {
		return nil, false, err
	}
	add := func(late []LateReading) (full bool) {
		for _, l := range slices.Backward(late) {
			if !f.match(&l) {
				continue
			}
			if len(list) == limit {
				return true
			}
			list = append(list, l)
		}
		return false
	}
	if add(held) {
		return list, true, nil
	}
	for i := range slices.Backward(files) {
		if n, ok := stored[files[i].partition]; ok && files[i].number > n {
			continue // it was held a moment ago
		}
		late, err := s.readLate(ctx, &files[i])
		if err != nil {
			return nil, false, err
		}
		if add(late) {
			return list, true, nil
		}
	}
	return list, false, nil
}

// lateWorkers are those of a window that hold late readings: that of a device, or all.
func (s *Service) lateWorkers(name, device string) ([]*worker, error) {
	workers, ok := s.workers[name]
	if !ok {
		return nil, noWindow(name)
	}
	if device != "" {
		p := fleet.Partition(device, s.cfg.Partitions)
		workers = workers[p : p+1]
	}
	var holding []*worker
	for _, w := range workers {
		w.mu.Lock()
		if w.seen.Late > 0 {
			holding = append(holding, w)
		}
		w.mu.Unlock()
	}
	return holding, nil
}

// heldLate are the late readings that are not stored yet, and by partition the number
// of the last file that is.
func (s *Service) heldLate(ctx context.Context, name, device string) (held []LateReading, stored map[int]uint64, err error) {
	workers, err := s.lateWorkers(name, device)
	stored = map[int]uint64{}
	for _, w := range workers {
		var some []LateReading // of the worker, which may come to it when ctx has ended
		var number uint64
		if err := w.do(ctx, func(context.Context) error {
			some, number = slices.Clone(w.late), w.last.Number
			return nil
		}); err != nil {
			return nil, nil, fmt.Errorf("asking partition %d for late readings: %w", w.partition, err)
		}
		held = append(held, some...)
		stored[w.partition] = number
	}
	return held, stored, err
}

// storeLate has late readings stored that are not.
func (s *Service) storeLate(ctx context.Context, name, device string) error {
	workers, err := s.lateWorkers(name, device)
	for _, w := range workers {
		// A checkpoint that is begun must be finished, whoever waits for it.
		if err := w.do(ctx, func(context.Context) error { return w.flush(w.ctx) }); err != nil { //nolint:contextcheck // for that reason
			return fmt.Errorf("storing late readings of partition %d: %w", w.partition, err)
		}
	}
	return err
}

// lateFiles lists the files that count, the oldest first: of a device's partition, or
// all of them.
func (s *Service) lateFiles(ctx context.Context, name, device string) ([]lateFile, error) {
	workers, ok := s.workers[name]
	if !ok {
		return nil, noWindow(name)
	}
	prefix := lateFolder(name)
	if device != "" {
		prefix = latePrefix(name, fleet.Partition(device, s.cfg.Partitions))
	}
	var files []lateFile
	for info, err := range s.cfg.Store.List(ctx, prefix) {
		if errors.Is(err, store.ErrNotFound) {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("looking for late readings: %w", err)
		}
		p, n, ok := parseLateKey(name, info.Key)
		if ok && p < len(workers) && n <= workers[p].number() {
			files = append(files, lateFile{info, p, n})
		}
	}
	slices.SortStableFunc(files, func(a, b lateFile) int {
		return cmp.Or(a.ModTime.Compare(b.ModTime), cmp.Compare(a.number, b.number))
	})
	return files, nil
}

// number is that of the worker's last checkpoint.
func (w *worker) number() uint64 {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.seen.Checkpoint
}

// readLate reads a file of late readings; none if it has been deleted meanwhile.
func (s *Service) readLate(ctx context.Context, f *lateFile) ([]LateReading, error) {
	data, err := s.cfg.Store.Get(ctx, f.Key, nil)
	if errors.Is(err, store.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading late readings: %w", err)
	}
	late, err := decodeLate(data)
	if err != nil {
		return nil, fmt.Errorf("%s is damaged; delete it to go on without: %w", f.Key, err)
	}
	for i := range late {
		late[i].Stored = f.ModTime.UTC()
	}
	return late, nil
}

// parseLateKey reads what lateKey writes.
func parseLateKey(name, key string) (partition int, number uint64, ok bool) {
	p, rest, _ := strings.Cut(strings.TrimPrefix(key, lateFolder(name)+"p="), "/")
	n, end, _ := strings.Cut(rest, "-")
	partition, err1 := strconv.Atoi(p)
	number, err2 := strconv.ParseUint(n, 10, 64)
	return partition, number, err1 == nil && err2 == nil && strings.HasSuffix(end, ".ndjson") && strings.HasPrefix(key, lateOf(name, partition, number))
}
