package notify

import (
	"context"
	"time"
)

// Receiver is who is told.
type Receiver struct {
	Name  string
	Kinds []Kind   // that it is told of; none: all
	Jobs  []string // patterns (Match) of jobs whose events it gets; none: all
	// Rate is how many events an hour it is told of at most; 0: no limit. What is
	// over it is summed up.
	Rate int
	// Timeout bounds one attempt.
	Timeout     time.Duration
	Destination Destination
}

// wants reports whether the receiver is to be told of an event.
func (r *Receiver) wants(e *Event) bool {
	for i, k := range r.Kinds {
		if k == e.Kind() {
			break
		}
		if i == len(r.Kinds)-1 {
			return false
		}
	}
	if len(r.Jobs) == 0 || e.job == "" {
		return true
	}
	for _, pattern := range r.Jobs {
		if Match(pattern, e.job) {
			return true
		}
	}
	return false
}

// Destination is how a receiver is reached. It may be used by many goroutines at
// once.
type Destination interface {
	// Send returns nil when the receiver has confirmed the event. body is the event
	// as JSON. An error may be a *Refusal.
	Send(ctx context.Context, e *Event, body []byte) error
	// Where says to whom it sends, without what is secret: "webhook (slack) hooks.slack.com".
	Where() string
	Close()
}

// Refusal is an answer that says more than that it did not work.
type Refusal struct {
	Text string
	// Final says that it will not work later either.
	Final bool
	// After, if it is not 0, is how long the receiver does not want to be told more.
	After time.Duration
}

func (r *Refusal) Error() string { return r.Text }
