package notify

import (
	"container/heap"
	"time"

	"github.com/fleetscore/fleetscore/ledger"
)

// item is a message that waits, less its body.
type item struct {
	seq      int64
	id       string
	kind     Kind
	due      time.Time
	expires  time.Time
	attempts int
}

// lane is the messages of one ordering key, which go one after the other.
type lane struct {
	key   string
	items []item
}

// lanes are all that a courier knows to be waiting. Of each lane that nobody is at,
// the head is in the heap, the one that is due first on top.
type lanes struct {
	byKey map[string]*lane
	ready laneHeap
	count int // of items
}

func newLanes() *lanes { return &lanes{byKey: map[string]*lane{}} }

// add puts a message behind those of its key.
func (l *lanes) add(m *ledger.Message) {
	at := l.byKey[m.OrderingKey]
	if at == nil {
		at = &lane{key: m.OrderingKey}
		l.byKey[m.OrderingKey] = at
	}
	at.items = append(at.items, item{m.Seq, m.ID, Kind(m.Type), m.Due, m.Expires, m.Attempts})
	l.count++
	if len(at.items) == 1 {
		heap.Push(&l.ready, at)
	}
}

// due is the lane whose head is due first, and when; nil if there is none.
func (l *lanes) due() (*lane, time.Time) {
	if len(l.ready) == 0 {
		return nil, time.Time{}
	}
	return l.ready[0], l.ready[0].items[0].due
}

// take takes the lane that due has shown; whoever does must give it back.
func (l *lanes) take() *lane { return heap.Pop(&l.ready).(*lane) }

// give gives a lane back, whose head is done with or not.
func (l *lanes) give(at *lane, done bool) {
	if done {
		at.items = at.items[1:]
		l.count--
	}
	if len(at.items) == 0 {
		delete(l.byKey, at.key)
		return
	}
	heap.Push(&l.ready, at)
}

// laneHeap is for container/heap.
type laneHeap []*lane

func (h laneHeap) Len() int { return len(h) }
func (h laneHeap) Less(i, j int) bool {
	a, b := &h[i].items[0], &h[j].items[0]
	if c := a.due.Compare(b.due); c != 0 {
		return c < 0
	}
	return a.seq < b.seq
}
func (h laneHeap) Swap(i, j int) { h[i], h[j] = h[j], h[i] }

// Push is for container/heap.
func (h *laneHeap) Push(x any) { *h = append(*h, x.(*lane)) }

// Pop is for container/heap.
func (h *laneHeap) Pop() any {
	old := *h
	last := old[len(old)-1]
	old[len(old)-1] = nil
	*h = old[:len(old)-1]
	return last
}
