package run_test

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/fleetscore/fleetscore/fleet"
	"github.com/fleetscore/fleetscore/ledger"
	"github.com/fleetscore/fleetscore/run"
	"github.com/fleetscore/fleetscore/store"
)

// held starts a run, and waits for its tasks to be under way. What meanwhile does
// is done before they go on.
func (p *plant) held(meanwhile func()) string {
	p.t.Helper()
	p.hold = make(chan struct{})
	p.start()
	id := p.add().ID
	p.until(id, func(r ledger.Run) bool { return r.State == ledger.Running })
	p.attempted(1)
	p.mu.Lock()
	defer p.mu.Unlock()
	meanwhile()
	close(p.hold)
	p.hold = nil
	return id
}

// attempted waits for so many attempts.
func (p *plant) attempted(n int) {
	p.t.Helper()
	for limit := time.After(30 * time.Second); p.tried() < n; {
		select {
		case <-p.begun:
		case <-limit:
			p.t.Fatalf("there are %d attempts after 30 s, and not %d", p.tried(), n)
		}
	}
}

func (p *plant) tried() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.attempts
}

// each does something to all objects below a prefix.
func (p *plant) each(prefix string, do func(ctx context.Context, info store.Info) error) {
	ctx := context.Background()
	for info, err := range p.store.List(ctx, prefix) {
		if err == nil {
			err = do(ctx, info)
		}
		if err != nil {
			p.t.Fatal(err)
		}
	}
}

func (p *plant) deletePacks() { p.delete("packs/") }

func (p *plant) delete(prefix string) {
	p.each(prefix, func(ctx context.Context, info store.Info) error { return p.store.Delete(ctx, info.Key) })
}

func (p *plant) damagePacks() {
	p.each("packs/", func(ctx context.Context, info store.Info) error {
		return p.store.Put(ctx, info.Key, bytes.NewReader(make([]byte, info.Size)))
	})
}

func isWaiting(r ledger.Run) bool { return strings.HasPrefix(r.Error, "waiting: ") }

// Packs are derived: who deletes them loses nothing.
func TestPacksAreDeleted(t *testing.T) {
	p := newPlant(t, 20)
	id := p.held(p.deletePacks)
	if r := p.until(id, final); r.State != ledger.Succeeded || r.Scored != 20 || r.Generation == 0 {
		t.Errorf("%s (%s), %d sensors scored in generation %d", r.State, r.Error, r.Scored, r.Generation)
	}
	p.proven(1)
}

// A pack that is damaged is made again too.
func TestPacksAreDamaged(t *testing.T) {
	p := newPlant(t, 20)
	id := p.held(p.damagePacks)
	if r := p.until(id, final); r.State != ledger.Succeeded || r.Scored != 20 || r.Generation == 0 {
		t.Errorf("%s (%s), %d sensors scored in generation %d", r.State, r.Error, r.Scored, r.Generation)
	}
	p.proven(1)
}

// A run whose manifest somebody deletes stores it again.
func TestManifestIsDeleted(t *testing.T) {
	p := newPlant(t, 20)
	id := p.held(func() { p.delete("runs/") })
	if r := p.until(id, final); r.State != ledger.Succeeded || r.Scored != 20 {
		t.Errorf("%s (%s), %d sensors scored", r.State, r.Error, r.Scored)
	}
	p.proven(1)
}

// Who was not scored is told even when the packs that knew are gone.
func TestPacksAreDeletedBeforeTheCommit(t *testing.T) {
	p := newPlant(t, 4)
	for _, sensor := range []string{"d000/t0", "d000/t1", "d001/t0", "d001/t1"} {
		p.poison[sensor] = fleet.TaskTimedOut
	}
	p.start()
	id := p.add().ID
	p.until(id, func(r ledger.Run) bool { return r.Generation > 0 })
	p.deletePacks()
	if r := p.until(id, final); r.State != ledger.Failed || r.Failed != 4 {
		t.Errorf("%s (%s), %d sensors failed", r.State, r.Error, r.Failed)
	}
	p.proven(1)
}

// A store that is full costs no task its attempts.
func TestStoreFillsUp(t *testing.T) {
	p := newPlant(t, 20)
	id := p.held(func() { p.down = true })
	p.until(id, isWaiting)
	p.attempted(p.tried() + 4*p.job.Retries.Max)
	if r, ok := p.service.Live(id); !ok || !isWaiting(r) {
		t.Errorf("while its tasks wait the run says %q", r.Error)
	}
	p.mu.Lock()
	p.down = false
	p.mu.Unlock()
	if r := p.until(id, final); r.State != ledger.Succeeded || r.Scored != 20 || r.Error != "" {
		t.Errorf("%s (%s), %d sensors scored", r.State, r.Error, r.Scored)
	}
	p.proven(1)
}

// An empty folder in the place of the store is waited out: it is not mounted.
func TestStoreIsReplaced(t *testing.T) {
	p := newPlant(t, 20)
	id := p.held(func() { p.replaced = true })
	r := p.until(id, isWaiting)
	if !strings.Contains(r.Error, "another store") {
		t.Errorf("the run says %q", r.Error)
	}
	p.mu.Lock()
	p.replaced = false
	p.mu.Unlock()
	if r := p.until(id, final); r.State != ledger.Succeeded || r.Scored != 20 {
		t.Errorf("%s (%s), %d sensors scored", r.State, r.Error, r.Scored)
	}
	p.proven(1)
}

func TestOverlappingRuns(t *testing.T) {
	p := newPlant(t, 4)
	p.start()
	p.until(p.add().ID, final)
	half := fleet.NewInterval(hour.From.Add(30*time.Minute), hour.To.Add(30*time.Minute))
	if _, err := p.service.Add(t.Context(), p.job.Name, half, ledger.Manual); !errors.Is(err, run.ErrConflict) {
		t.Errorf("a run of half an hour that was scored: %v", err)
	}
	// The store knows, where the ledger has forgotten.
	if _, err := p.ledger.Prune(t.Context(), time.Now().Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	if _, err := p.service.Add(t.Context(), p.job.Name, half, ledger.Manual); !errors.Is(err, run.ErrConflict) {
		t.Errorf("a run of half an hour that was scored long ago: %v", err)
	}
	// One that the schedule made ends with the reason.
	r := ledger.Run{ID: "20261123t133000000-aaaaa", Job: p.job.Name, Interval: half, Origin: ledger.Scheduled, Created: time.Now()}
	if _, err := p.ledger.Fire(t.Context(), p.job.Name, half.To, []ledger.Run{r}); err != nil {
		t.Fatal(err)
	}
	p.service.Wake()
	if r := p.until(r.ID, final); r.State != ledger.Failed || !strings.Contains(r.Error, "overlaps") {
		t.Errorf("%s (%s)", r.State, r.Error)
	}
	p.proven(1)
}
