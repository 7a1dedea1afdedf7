package run

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"

	"github.com/fleetscore/fleetscore/fleet"
	"github.com/fleetscore/fleetscore/store"
)

// Damage is that an object that counts is gone, or not as it was written.
type Damage struct {
	Problem
	cause error
}

func (d *Damage) Error() string { return d.Key + ": " + d.What + "; " + d.Hint }

// Unwrap is why, if an error says so.
func (d *Damage) Unwrap() error { return d.cause }

// whatOf is what an error says of an object, without its key.
func whatOf(err error) string {
	var d *Damage
	if errors.As(err, &d) {
		return d.What
	}
	return err.Error()
}

// ReadOutput reads a file that counts, if it is as it was committed, and else says
// so in a Damage.
func ReadOutput(ctx context.Context, s store.Reader, c *fleet.Commit, f fleet.Output) ([]byte, error) {
	damage := func(cause error, format string, args ...any) error {
		return &Damage{Problem{f.Key, fmt.Sprintf(format, args...), "restore it, or " + againText(c)}, cause}
	}
	data, err := s.Get(ctx, f.Key, nil)
	if errors.Is(err, store.ErrNotFound) {
		return nil, damage(err, "it counts, and is not there")
	}
	if err != nil {
		return nil, err
	}
	if sum := sha256.Sum256(data); int64(len(data)) != f.Size || hex.EncodeToString(sum[:]) != f.SHA256 {
		return nil, damage(nil, "it has %d bytes of digest %x, and had %d of %.12s when it was committed", len(data), sum[:6], f.Size, f.SHA256)
	}
	return data, nil
}

// again is the command that scores the interval of a commit anew.
func again(c *fleet.Commit) string {
	return fmt.Sprintf("fleetscore job run %s --interval %s", c.Job, c.Interval)
}

// againText says how to have an interval scored anew.
func againText(c *fleet.Commit) string { return "score the interval again: " + again(c) }
