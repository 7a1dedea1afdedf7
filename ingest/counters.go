package ingest

import (
	"cmp"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/fleetscore/fleetscore/ingest/decode"
)

// The causes for which ingest itself takes no reading, besides those of decode.
const (
	Busy        decode.Cause = "busy"           // as many readings waited as may
	OverRate    decode.Cause = "over_rate"      // its device sends more than it may
	TooMany     decode.Cause = "too_many"       // more readings than one request may have
	NotAllowed  decode.Cause = "not_allowed"    // its sender may not send for that device
	BadTopic    decode.Cause = "bad_topic"      // the topic of a message does not fit the template
	maxSamples               = 4                // of each cause
	maxDetail                = 300              // bytes of a sample
	betweenSame              = 10 * time.Second // from one sample of a cause to the next
)

// Stats is what a Service has done since it was made.
type Stats struct {
	Accepted  uint64        // readings that are durable
	Failed    uint64        // readings whose commit failed
	Commits   uint64        // that did not fail
	Failures  uint64        // commits that failed
	Messages  uint64        // that were stored
	Bytes     uint64        // of those
	Appending time.Duration // spent in Append, in all
	Waiting   int           // readings that wait for the next commit
	Rejected  []Rejection   // by source and cause
}

// Rejection is how often readings were not taken for one cause.
type Rejection struct {
	Source  string // "http" or "mqtt"
	Cause   decode.Cause
	Count   uint64
	Samples []Sample // the latest ones, some seconds apart
}

// Sample is one that was not taken.
type Sample struct {
	Time   time.Time
	Detail string
}

// counters count.
type counters struct {
	now func() time.Time

	mu       sync.Mutex
	stats    Stats // without Rejected
	failing  bool
	rejected map[rejectionKey]*Rejection
}

type rejectionKey struct {
	source string
	cause  decode.Cause
}

func newCounters(now func() time.Time) counters {
	return counters{now: now, rejected: map[rejectionKey]*Rejection{}}
}

// commit counts a commit, and says whether it went otherwise than the last.
func (c *counters) commit(readings, messages, size int, took time.Duration, err error) (changed bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.stats.Appending += took
	changed = c.failing != (err != nil)
	if c.failing = err != nil; c.failing {
		c.stats.Failed += uint64(readings)
		c.stats.Failures++
		return changed
	}
	c.stats.Accepted += uint64(readings)
	c.stats.Commits++
	c.stats.Messages += uint64(messages)
	c.stats.Bytes += uint64(size)
	return changed
}

// reject counts n that were not taken.
func (c *counters) reject(source string, cause decode.Cause, n int, detail string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	key := rejectionKey{source, cause}
	r := c.rejected[key]
	if r == nil {
		r = &Rejection{Source: source, Cause: cause}
		c.rejected[key] = r
	}
	r.Count += uint64(n)
	now := c.now()
	if detail == "" || len(r.Samples) > 0 && now.Sub(r.Samples[len(r.Samples)-1].Time) < betweenSame {
		return
	}
	if len(r.Samples) == maxSamples {
		r.Samples = slices.Delete(r.Samples, 0, 1)
	}
	r.Samples = append(r.Samples, Sample{now, strings.ToValidUTF8(detail[:min(len(detail), maxDetail)], "")})
}

// Reject counts n readings, or what was to be readings, that a listener did not take.
func (s *Service) Reject(source string, cause decode.Cause, n int, detail string) {
	s.counters.reject(source, cause, n, detail)
}

// RejectAll counts what a batch has that was not taken.
func (s *Service) RejectAll(source string, b *decode.Batch) {
	for _, c := range b.Causes {
		i := slices.IndexFunc(b.Faults, func(f decode.Fault) bool { return f.Cause == c.Cause })
		detail := ""
		if i >= 0 {
			detail = b.Faults[i].Error()
		}
		s.counters.reject(source, c.Cause, c.N, detail)
	}
}

// Owe takes n readings off what the device may send, and says how long its sender
// should be made to wait before it may send more: 0 if it keeps to the rate.
func (s *Service) Owe(device string, n int) time.Duration {
	if s.rate == nil {
		return 0
	}
	return s.rate.owe(device, n, s.cfg.Now())
}

// Limits are those of decoding, for listeners.
func (s *Service) Limits() decode.Limits { return s.cfg.Decode }

// Stats says what the service has done.
func (s *Service) Stats() Stats {
	s.mu.Lock()
	waiting := s.count
	s.mu.Unlock()
	s.counters.mu.Lock()
	defer s.counters.mu.Unlock()
	stats := s.counters.stats
	stats.Waiting = waiting
	for _, r := range s.counters.rejected {
		one := *r
		one.Samples = slices.Clone(r.Samples)
		stats.Rejected = append(stats.Rejected, one)
	}
	slices.SortFunc(stats.Rejected, func(a, b Rejection) int {
		return cmp.Or(cmp.Compare(a.Source, b.Source), cmp.Compare(a.Cause, b.Cause))
	})
	return stats
}
