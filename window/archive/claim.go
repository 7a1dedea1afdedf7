package archive

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/fleetscore/fleetscore/store"
	"github.com/fleetscore/fleetscore/stream"
)

// claim says what a file has, before there is the file.
type claim struct {
	Version   int       `json:"version"`
	Stream    string    `json:"stream,omitempty"`
	Partition int       `json:"partition"`
	Number    uint64    `json:"number"` // from 1; each follows the one before
	Written   time.Time `json:"written"`
	// After and Through are of the entries whose readings the file has: those after
	// the one, up to the other.
	After   stream.Position `json:"after"`
	Through stream.Position `json:"through"`
	// First and Last are when the first and the last of them were appended.
	First int64 `json:"first"`
	Last  int64 `json:"last"`
	// Behind is not 0 where the stream did not go on: entries that were appended by
	// then are in files already, or never will be, and are left out.
	Behind int64 `json:"behind,omitempty"`
	// Key is that of the file; empty: there was nothing to archive.
	Key      string `json:"key,omitempty"`
	Readings int    `json:"readings"`
}

const claimVersion = 1

// errLost is that another worker writes the claims of the partition.
var errLost = errors.New("another process archives this partition in the same store; two services need stores of their own")

// lastClaim finds the newest claim of a partition; Number is 0 if there is none.
func lastClaim(ctx context.Context, s store.Store, stream string, partition int) (claim, error) {
	c, last := claim{Version: claimVersion, Stream: stream, Partition: partition}, ""
	for info, err := range s.List(ctx, claimPrefix(stream, partition)) {
		if errors.Is(err, store.ErrNotFound) {
			break
		}
		if err != nil {
			return c, fmt.Errorf("looking for claims of the archive: %w", err)
		}
		last = info.Key // keys sort as their numbers
	}
	if last == "" {
		return c, nil
	}
	data, err := s.Get(ctx, last, nil)
	if err != nil {
		return c, fmt.Errorf("reading a claim of the archive: %w", err)
	}
	var there claim
	if err := json.Unmarshal(data, &there); err != nil {
		return c, fmt.Errorf("%s is damaged: %w", last, err)
	}
	if there.Version != claimVersion || there.Stream != stream || there.Partition != partition || claimKey(stream, partition, there.Number) != last {
		return c, fmt.Errorf("%s is of version %d, partition %d, number %d: it is not what its key says", last, there.Version, there.Partition, there.Number)
	}
	return there, nil
}

// write makes the claim real. It is errLost if there is another of its number.
func (c *claim) write(ctx context.Context, s store.Store) error {
	body, err := json.Marshal(c)
	if err != nil {
		return fmt.Errorf("writing a claim of the archive: %w", err)
	}
	key := claimKey(c.Stream, c.Partition, c.Number)
	err = s.PutIfAbsent(ctx, key, bytes.NewReader(body))
	if !errors.Is(err, store.ErrExists) {
		return err
	}
	// An earlier try may have stored it though it said otherwise.
	there, err := s.Get(ctx, key, nil)
	if err == nil && !bytes.Equal(there, body) {
		err = errLost
	}
	return err
}

// keepClaims is how many are kept, for people who look; the newest counts.
const keepClaims = 8

// prune deletes old claims.
func (c *claim) prune(ctx context.Context, s store.Store) error {
	if c.Number%keepClaims != 0 {
		return nil
	}
	oldest := claimKey(c.Stream, c.Partition, c.Number-keepClaims+1)
	var errs []error
	for info, err := range s.List(ctx, claimPrefix(c.Stream, c.Partition)) {
		if err != nil {
			return errors.Join(append(errs, err)...)
		}
		if info.Key >= oldest {
			break
		}
		errs = append(errs, s.Delete(ctx, info.Key))
	}
	return errors.Join(errs...)
}
