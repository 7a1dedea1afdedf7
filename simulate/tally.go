package simulate

import (
	"sync"
	"sync/atomic"
	"time"
)

// Outcome is what became of a message.
type Outcome uint8

// The outcomes.
const (
	Acknowledged Outcome = iota // it is durable, says the service
	Rejected                    // the service will not take it
	Unanswered                  // it was sent, and may be there or not
)

// String is for people.
func (o Outcome) String() string {
	return [...]string{"acknowledged", "rejected", "unanswered", "unknown"}[min(o, 3)]
}

// Tally counts what became of messages. It is for any number of goroutines. The
// zero Tally is ready.
type Tally struct {
	Sent         atomic.Int64 // messages, each once
	Acknowledged atomic.Int64
	Repeated     atomic.Int64 // times that one was sent again
	Rejected     atomic.Int64
	Unanswered   atomic.Int64
	Unsent       atomic.Int64 // messages that were made, and for which there was no connection

	mu      sync.Mutex
	record  *RecordWriter
	reason  string
	trouble string
}

// Keep has a record of all that is settled from now on; nil: none.
func (t *Tally) Keep(record *RecordWriter) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.record = record
}

// Counts is a tally at a moment.
type Counts struct {
	Sent         int64 `json:"sent"`
	Acknowledged int64 `json:"acknowledged"`
	Repeated     int64 `json:"repeated"`
	Rejected     int64 `json:"rejected"`
	Unanswered   int64 `json:"unanswered"`
	Unsent       int64 `json:"unsent"`
	// Reason is that of the first message that was rejected.
	Reason string `json:"reason,omitempty"`
	// Trouble is why messages were repeated, or could not be sent, the last time.
	Trouble string `json:"trouble,omitempty"`
}

// Counts is the tally as it stands.
func (t *Tally) Counts() Counts {
	t.mu.Lock()
	defer t.mu.Unlock()
	return Counts{
		Sent: t.Sent.Load(), Acknowledged: t.Acknowledged.Load(), Repeated: t.Repeated.Load(),
		Rejected: t.Rejected.Load(), Unanswered: t.Unanswered.Load(), Unsent: t.Unsent.Load(),
		Reason: t.reason, Trouble: t.trouble,
	}
}

// Flush writes what the record holds back.
func (t *Tally) Flush() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.record == nil {
		return nil
	}
	return t.record.Flush()
}

// sending counts n messages that are sent for the tries-th time.
func (t *Tally) sending(n int, tries uint32) {
	if tries == 1 {
		t.Sent.Add(int64(n))
	} else {
		t.Repeated.Add(int64(n))
	}
}

// notSent counts n messages that nobody was there to take.
func (t *Tally) notSent(n int) { t.Unsent.Add(int64(n)) }

// troubled keeps why something is tried again.
func (t *Tally) troubled(err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.trouble = err.Error()
}

// rejected settles one message that the service will not take.
func (t *Tally) rejected(m *Message, tries uint32, at time.Time, reason string) {
	t.mu.Lock()
	if t.reason == "" {
		t.reason = reason
	}
	t.mu.Unlock()
	t.settle(m, Rejected, tries, at)
}

// settle counts and records what became of a message.
func (t *Tally) settle(m *Message, o Outcome, tries uint32, at time.Time) {
	switch o {
	case Acknowledged:
		t.Acknowledged.Add(1)
	case Rejected:
		t.Rejected.Add(1)
	case Unanswered:
		t.Unanswered.Add(1)
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.record != nil {
		t.record.Write(&Entry{Message: *m, Outcome: o, Tries: tries, Settled: at.UnixNano()})
	}
}
