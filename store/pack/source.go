package pack

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"time"

	"github.com/fleetscore/fleetscore/store"
)

// Source is a model in the store, as a List tells of it.
type Source struct {
	Key     string
	Size    int64
	ModTime time.Time
	Version uint64 // as in store.Info
}

// inPack is about how much a pack grows by the model.
func (s *Source) inPack() int64 {
	size := entrySize + int64(len(s.Key))
	if s.Size <= maxModel {
		size += s.Size
	}
	return size
}

// Set is the packs that hold a partition's models.
type Set struct {
	Partition int
	// Packs are keys, those that count first.
	Packs  []string
	Models int
}

// settled is how long a model must have been as it is, when it is read, for its
// time to tell of any later change: stores count time in seconds, FAT in two.
const settled = 3 * time.Second

// skew is how far a store's clock may be ahead of ours. A model of a later time got
// that from somewhere else, and a change would give it another.
const skew = 15 * time.Minute

// isSettled reports whether the time of a model that is read now will tell of its
// next change.
func (s *Source) isSettled(now time.Time) bool {
	age := now.Sub(s.ModTime)
	return age >= settled || age < -skew
}

// stamp is what entries hold of a model's time and version: another for any other.
func (s *Source) stamp() int64 {
	at := s.ModTime.UnixNano()
	if y := s.ModTime.Year(); y < 1700 || y > 2200 { // beyond what nanoseconds can say
		at = s.ModTime.Unix()
	}
	return at ^ int64(s.Version)
}

// fingerprint is of all that decides whether packs are up to date.
func fingerprint(sources []Source) [sha256.Size]byte {
	hash := sha256.New()
	buf := append(make([]byte, 0, 4<<10), "fleetscore packs 1\n"...)
	for i := range sources {
		s := &sources[i]
		buf = binary.AppendUvarint(buf, uint64(len(s.Key)))
		buf = append(buf, s.Key...)
		buf = binary.AppendVarint(buf, s.Size)
		buf = binary.AppendVarint(buf, s.stamp())
		if len(buf) >= 2<<10 {
			hash.Write(buf)
			buf = buf[:0]
		}
	}
	hash.Write(buf)
	return [sha256.Size]byte(hash.Sum(nil))
}

// checkSources makes sure of what a Build relies on.
func checkSources(sources []Source) error {
	for i := range sources {
		s := &sources[i]
		if err := store.CheckKey(s.Key); err != nil {
			return err
		}
		if i > 0 && sources[i-1].Key >= s.Key {
			return fmt.Errorf("models are not sorted by key, each once: %.200q comes before %.200q", sources[i-1].Key, s.Key)
		}
		if s.Size < 0 {
			return fmt.Errorf("the size of model %s is negative", s.Key)
		}
	}
	return nil
}
