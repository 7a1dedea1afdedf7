package web

import (
	"context"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"
)

// memo keeps answers for a moment, so that many who ask at once cost as much as one.
type memo[K comparable, V any] struct {
	fresh time.Duration
	now   func() time.Time
	name  func(K) string
	group singleflight.Group

	mu   sync.Mutex
	kept map[K]kept[V]
}

type kept[V any] struct {
	value V
	at    time.Time
}

// mostKept bounds a memo; when it is full it is emptied.
const mostKept = 64

func newMemo[K comparable, V any](fresh time.Duration, now func() time.Time, name func(K) string) *memo[K, V] {
	return &memo[K, V]{fresh: fresh, now: now, name: name, kept: map[K]kept[V]{}}
}

// get is the answer to a question, as produce finds it. Errors are not kept. Who asks first
// may go away, and does not take the answer from the others.
func (m *memo[K, V]) get(ctx context.Context, key K, produce func(context.Context) (V, error)) (V, error) {
	m.mu.Lock()
	old, ok := m.kept[key]
	m.mu.Unlock()
	if ok && m.now().Sub(old.at) < m.fresh {
		return old.value, nil
	}
	answer := m.group.DoChan(m.name(key), func() (any, error) {
		within, stop := context.WithTimeout(context.WithoutCancel(ctx), answerTimeout)
		defer stop()
		value, err := produce(within)
		if err != nil {
			return nil, err
		}
		m.mu.Lock()
		defer m.mu.Unlock()
		if len(m.kept) >= mostKept {
			clear(m.kept)
		}
		m.kept[key] = kept[V]{value, m.now()}
		return value, nil
	})
	var none V
	select {
	case <-ctx.Done():
		return none, ctx.Err()
	case r := <-answer:
		if r.Err != nil {
			return none, r.Err
		}
		return r.Val.(V), nil
	}
}
