package credential

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/fleetscore/fleetscore/ledger"
)

// Ledger keeps tokens.
type Ledger interface {
	AddToken(ctx context.Context, t ledger.Token) error
	Tokens(ctx context.Context) ([]ledger.Token, error)
	RevokeToken(ctx context.Context, id string, at time.Time) error
	UseTokens(ctx context.Context, used map[string]time.Time) error
	Revoke(ctx context.Context, r ledger.Revocation) error
	Revocations(ctx context.Context) ([]ledger.Revocation, error)
	PruneRevocations(ctx context.Context, before time.Time) error
}

// Config is what a Keeper works with.
type Config struct {
	Ledger Ledger
	Keys   string  // the file of keys that sign tokens of devices; it is made when one is needed
	Fixed  []Fixed // tokens that are given, and not in the ledger
	Now    func() time.Time
	Log    *slog.Logger // nil: slog.Default
}

// saveEvery is how often it is noted which tokens were used.
const saveEvery = time.Minute

// maxVerified is how many tokens of devices are remembered to be right.
const maxVerified = 8192

// Keeper knows who is let in. There is one of a ledger: it is told of all changes.
type Keeper struct {
	cfg     Config
	fixed   []fixed
	guesses *guesses

	changing sync.Mutex // one change at a time, with what it writes

	mu       sync.Mutex
	tokens   map[string]ledger.Token // by ID
	revoked  map[string]bool         // IDs of signed tokens
	keys     keyring
	verified map[[32]byte]Identity // by the hash of the secret
	used     map[string]time.Time  // what the ledger does not know yet
	watchers map[*watcher]struct{}

	cancel context.CancelFunc
	done   sync.WaitGroup
}

// New makes a Keeper.
func New(cfg Config) (*Keeper, error) {
	if cfg.Ledger == nil || cfg.Keys == "" {
		return nil, errors.New("credentials need a ledger and a file of keys")
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Log == nil {
		cfg.Log = slog.Default()
	}
	k := &Keeper{
		cfg: cfg, guesses: newGuesses(), tokens: map[string]ledger.Token{}, revoked: map[string]bool{},
		verified: map[[32]byte]Identity{}, used: map[string]time.Time{}, watchers: map[*watcher]struct{}{},
	}
	for _, f := range cfg.Fixed {
		if err := f.Check(); err != nil {
			return nil, err
		}
		k.fixed = append(k.fixed, f.forget())
	}
	return k, nil
}

// Start reads what there is, and notes from then on which tokens are used.
func (k *Keeper) Start(ctx context.Context) error {
	keys, err := readKeys(k.cfg.Keys)
	if err != nil {
		return err
	}
	tokens, err := k.cfg.Ledger.Tokens(ctx)
	if err != nil {
		return err
	}
	if err := k.cfg.Ledger.PruneRevocations(ctx, k.cfg.Now()); err != nil {
		return err
	}
	revocations, err := k.cfg.Ledger.Revocations(ctx)
	if err != nil {
		return err
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.keys = keys
	for _, t := range tokens {
		k.tokens[t.ID] = t
	}
	for _, r := range revocations {
		k.revoked[r.ID] = true
	}
	ctx, k.cancel = context.WithCancel(context.WithoutCancel(ctx))
	k.done.Go(func() { k.run(ctx) })
	return nil
}

// Stop ends what Start began.
func (k *Keeper) Stop() {
	if k.cancel != nil {
		k.cancel()
		k.done.Wait()
	}
}

// run notes now and then which tokens were used, and when it ends.
func (k *Keeper) run(ctx context.Context) {
	tick := time.NewTicker(saveEvery)
	defer tick.Stop()
	for ctx.Err() == nil {
		select {
		case <-tick.C:
		case <-ctx.Done():
		}
		k.mu.Lock()
		used := k.used
		k.used = map[string]time.Time{}
		k.mu.Unlock()
		if len(used) == 0 {
			continue
		}
		if err := k.cfg.Ledger.UseTokens(context.WithoutCancel(ctx), used); err != nil {
			k.cfg.Log.Warn("cannot note which tokens were used", "error", err)
		}
	}
}
