package task_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"
	"testing"

	"github.com/fleetscore/fleetscore/fleet"
	"github.com/fleetscore/fleetscore/score/task"
	"github.com/fleetscore/fleetscore/store"
)

// failing is a store that fails at keys below a prefix.
type failing struct {
	store.Store
	below  string
	reads  error
	writes error
}

func (f failing) Get(ctx context.Context, key string, buf []byte) ([]byte, error) {
	if f.reads != nil && strings.HasPrefix(key, f.below) {
		return nil, f.reads
	}
	return f.Store.Get(ctx, key, buf)
}

func (f failing) Open(ctx context.Context, key string) (store.File, error) {
	if f.reads != nil && strings.HasPrefix(key, f.below) {
		return nil, f.reads
	}
	return f.Store.Open(ctx, key)
}

func (f failing) Put(ctx context.Context, key string, body io.Reader) error {
	if f.writes != nil && strings.HasPrefix(key, f.below) {
		return fmt.Errorf("putting %s: %w", key, f.writes)
	}
	return f.Store.Put(ctx, key, body)
}

// A store that is full or away is told from a task that cannot be done, whatever
// it is that is stored or read.
func TestUnserved(t *testing.T) {
	full, away := errors.New("no space left on device"), errors.New("connection refused")
	perSensor := native
	perSensor.Layout, perSensor.Format = "sensor", "csv"
	shared := native
	shared.Models = "models/pump-1/temperature.pkl"
	for _, test := range []struct {
		name    string
		recipe  fleet.Recipe
		store   failing
		attempt int
		want    string // "unserved", "failed" or "done"
	}{
		{"predictions", native, failing{below: "predictions/", writes: full}, 1, "unserved"},
		{"predictions of a late attempt", native, failing{below: "predictions/", writes: full}, 9, "unserved"},
		{"a file for each sensor", perSensor, failing{below: "predictions/", writes: full}, 1, "unserved"},
		{"the result", native, failing{below: "runs/", writes: full}, 1, "unserved"},
		{"packs", native, failing{below: "packs/", reads: away}, 1, "unserved"},
		{"packs that are gone", native, failing{below: "packs/", reads: store.ErrNotFound}, 1, "failed"},
		{"readings", native, failing{below: "readings", reads: away}, 1, "unserved"},
		{"readings that are forbidden", native, failing{below: "readings", reads: fs.ErrPermission}, 1, "failed"},
		{"a model", shared, failing{below: "models/", reads: away}, 1, "unserved"},
		{"a model, for long", shared, failing{below: "models/", reads: away}, 4, "done"},
		{"a model that is forbidden", shared, failing{below: "models/", reads: fs.ErrPermission}, 1, "done"},
	} {
		t.Run(test.name, func(t *testing.T) {
			p := newPlant(t)
			manifest := p.plan(test.recipe, everything)
			test.store.Store = p.Store
			got := "done"
			err := task.NewRunner(task.Config{Store: test.store}).Run(t.Context(), manifest, fleet.Task{Run: runID, Attempt: test.attempt}, nil)
			if errors.Is(err, fleet.ErrUnserved) {
				got = "unserved"
			} else if err != nil {
				got = "failed"
			}
			if got != test.want {
				t.Errorf("it is %s, not %s: %v", got, test.want, err)
			}
			if cause := errors.Join(test.store.reads, test.store.writes); err != nil && !strings.Contains(err.Error(), cause.Error()) && test.recipe.Models == native.Models {
				t.Errorf("the error does not say why: %v", err)
			}
		})
	}
}
