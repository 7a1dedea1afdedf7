package notify

import (
	"context"
	"crypto/sha256"
	"fmt"
	"sync"
	"time"

	"github.com/fleetscore/fleetscore/fleet"
)

// FormulaFailing tells that the pool's formula fails, once for each since. It is in
// the outbox when FormulaFailing returns nil.
func (s *Service) FormulaFailing(ctx context.Context, d FormulaData) error {
	return s.formula(ctx, FormulaFailing, d.Formula, d.Since, "", d)
}

// FormulaWorks tells that the pool has a formula that works, once after each time that
// it was told that one fails. It is in the outbox when FormulaWorks returns nil.
func (s *Service) FormulaWorks(ctx context.Context, d WorksData) error {
	return s.formula(ctx, FormulaWorks, d.Failed, d.Told, "-works", d)
}

// formula tells of a formula. The event's ID is made of it and of a time.
func (s *Service) formula(ctx context.Context, kind Kind, formula string, at time.Time, end string, d any) error {
	sum := sha256.Sum256([]byte(formula))
	e, err := newEvent(kind, fmt.Sprintf("formula-%x-%d%s", sum[:6], at.UnixMilli(), end), "pool", s.cfg.Now(), d)
	if err != nil {
		return err
	}
	e.key = "pool"
	return s.enqueue(ctx, []Event{e})
}

// nodePace is how often it is told at most that nodes do not start.
const nodePace = 5 * time.Minute

// nodeFailures are the nodes that did not start since that was last told.
type nodeFailures struct {
	mu   sync.Mutex
	data NodeData
	next time.Time // not before
}

// NodeFailed takes note of a node that did not start. The first is told at once, the
// next together, some minutes later. It never blocks.
func (s *Service) NodeFailed(n fleet.Node) {
	s.nodes.mu.Lock()
	if s.nodes.data.Nodes == 0 {
		s.nodes.data.Since = s.cfg.Now().UTC()
	}
	s.nodes.data.Nodes++
	s.nodes.data.Node, s.nodes.data.Detail = n.ID, n.Detail
	s.nodes.mu.Unlock()
	s.Wake()
}

// wait is how long it is until there is something to tell.
func (f *nodeFailures) wait(now time.Time) time.Duration {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.data.Nodes == 0 {
		return time.Hour
	}
	return max(f.next.Sub(now), time.Millisecond)
}

// tellNodes tells of nodes that did not start, when it is time.
func (s *Service) tellNodes(ctx context.Context) error {
	f, now := &s.nodes, s.cfg.Now()
	f.mu.Lock()
	data, due := f.data, f.data.Nodes > 0 && !now.Before(f.next)
	f.mu.Unlock()
	if !due {
		return nil
	}
	e, err := newEvent(NodeFailed, fmt.Sprintf("nodes-%d", data.Since.UnixMilli()), "nodes", now, data)
	if err != nil {
		return err
	}
	e.key = "nodes"
	if err := s.enqueue(ctx, []Event{e}); err != nil {
		return err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.data.Nodes -= data.Nodes // more may have failed meanwhile
	f.data.Since, f.next = now.UTC(), now.Add(nodePace)
	return nil
}
