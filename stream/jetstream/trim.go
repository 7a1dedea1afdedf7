package jetstream

import (
	"context"
	"fmt"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/fleetscore/fleetscore/stream"
)

// Trim implements stream.Log. A group goes when all partitions that it has entries
// of are trimmed beyond it, and all groups before it can go.
func (l *Log) Trim(ctx context.Context, partition int, through stream.Position) error {
	if partition < 0 || partition >= l.cfg.Partitions {
		return fmt.Errorf("trimming partition %d: %w", partition, stream.ErrPartition)
	}
	l.trim.Lock()
	defer l.trim.Unlock()
	keep, err := l.trimmed(partition, through)
	if err != nil || keep == 0 {
		return err
	}
	l.use.RLock()
	defer l.use.RUnlock()
	if l.server == nil {
		return stream.ErrClosed
	}
	if err := l.server.stream.Purge(ctx, jetstream.WithPurgeSequence(keep)); err != nil {
		return fmt.Errorf("trimming the stream to group %d: %w", keep, err)
	}
	return nil
}

// trimmed notes what was trimmed, and returns the group before which all can
// go; 0 if none can.
func (l *Log) trimmed(partition int, through stream.Position) (keep uint64, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.err != nil {
		return 0, l.err
	}
	p := &l.parts[partition]
	if through > p.position {
		return 0, fmt.Errorf("trimming partition %d to %d, its last is %d: %w", partition, through, p.position, stream.ErrPosition)
	}
	p.trimmed = max(p.trimmed, through)
	keep = l.last
	for _, p := range l.parts {
		if p.trimmed < p.position {
			seq, _ := split(p.trimmed)
			keep = min(keep, seq)
		}
	}
	if keep <= l.first {
		return 0, nil
	}
	l.first = keep
	return keep, nil
}
