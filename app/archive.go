package app

import (
	"context"
	"time"

	"github.com/fleetscore/fleetscore/stream"
	"github.com/fleetscore/fleetscore/web"
	"github.com/fleetscore/fleetscore/window/archive"
)

// archiveHolds is how many times longer than windows readings are held before they are
// archived: as long as the stream keeps what was read for windows that do not end.
const archiveHolds = 10

// archiveShare is which part of what the stream may hold readings may wait for a file.
const archiveShare = 8

// openArchive opens the archive of raw readings.
func (a *App) openArchive(log *stream.Consumer, name string) (*archive.Service, error) {
	settings := a.settings()
	return archive.New(archive.Config{
		Log: log, Stream: name, Store: a.store, SameStore: a.mayWrite, Partitions: settings.Partitions,
		Every: archiveHolds * settings.Stream.Flush.Std(), MostBytes: int(settings.Stream.MaxBytes / archiveShare),
		Retention: func() time.Duration { return a.settings().Retention.Readings.Std() },
		Logger:    a.log.With("system", "archive"),
	})
}

// sweepArchive deletes archived readings that are past their retention, also when
// nothing is archived any more.
func (a *App) sweepArchive(ctx context.Context, _ time.Time) (int, error) {
	keep := a.settings().Retention.Readings.Std()
	if keep == 0 {
		return 0, nil
	}
	inUse, err := a.inUse(ctx)
	if err != nil {
		return 0, err
	}
	return archive.Sweep(ctx, a.store, time.Now().Add(-keep), inUse)
}

// archiveStatus tells how the archive stands; nil: there is none.
func (in *intake) archiveStatus(states []stream.State) *web.ArchiveStatus {
	if in.archive == nil {
		return nil
	}
	out := &web.ArchiveStatus{Partitions: []web.PartitionStatus{}}
	for _, s := range in.archive.Status() {
		out.Readings += s.Readings
		out.Files += s.Files
		out.Bytes += s.Bytes
		out.Held += s.Held
		if behind, lag := lagOf(s.Read, s.Time, states[s.Partition]); behind {
			out.Behind++
			out.Lag = max(out.Lag, lag.Seconds())
		}
		if !s.Oldest.IsZero() && (out.Oldest.IsZero() || s.Oldest.Before(out.Oldest)) {
			out.Oldest = s.Oldest
		}
		if s.Trouble != "" || s.Failed != "" {
			out.Partitions = append(out.Partitions, web.PartitionStatus{Partition: s.Partition, Trouble: s.Trouble, Failed: s.Failed})
		}
	}
	return out
}
