package credential

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/fleetscore/fleetscore/ledger"
)

func (k *Keeper) isFixed(name string) bool {
	return slices.ContainsFunc(k.fixed, func(f fixed) bool { return f.who.Name == name })
}

// Create makes a token. Its secret is nowhere else. ErrInvalid if it cannot be,
// ErrConflict if its name is taken.
func (k *Keeper) Create(ctx context.Context, o Order) (secret string, t ledger.Token, err error) {
	now := k.cfg.Now()
	if err := o.check(now, k.isFixed); err != nil {
		return "", t, err
	}
	k.changing.Lock()
	defer k.changing.Unlock()
	secret, id, hash := newSecret()
	t = ledger.Token{ID: id, Name: o.Name, Role: o.Role.String(), Hash: hash, Devices: o.Devices, Maker: o.Maker, Created: now.UTC().Truncate(time.Second)}
	if !o.Expires.IsZero() {
		t.Expires = o.Expires.UTC().Truncate(time.Second)
	}
	err = k.cfg.Ledger.AddToken(ctx, t)
	if errors.Is(err, ledger.ErrExists) {
		err = fmt.Errorf("%w: there is a token %s; revoke it first, or choose another name", ErrConflict, o.Name)
	}
	if err != nil {
		return "", t, err
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.tokens[id] = t
	return secret, t, nil
}

// List lists the tokens of the ledger, those that are revoked too.
func (k *Keeper) List() []ledger.Token {
	k.mu.Lock()
	defer k.mu.Unlock()
	list := make([]ledger.Token, 0, len(k.tokens))
	for _, t := range k.tokens {
		list = append(list, t)
	}
	slices.SortFunc(list, func(a, b ledger.Token) int { return cmp.Or(a.Created.Compare(b.Created), cmp.Compare(a.ID, b.ID)) })
	return list
}

// Revoke ends a token of the ledger, by its ID or name. ErrNone if there is none.
func (k *Keeper) Revoke(ctx context.Context, which string) (ledger.Token, error) {
	k.changing.Lock()
	defer k.changing.Unlock()
	k.mu.Lock()
	t, ok := k.tokens[which]
	for _, one := range k.tokens {
		if !ok && one.Name == which && one.Revoked.IsZero() {
			t, ok = one, true
		}
	}
	k.mu.Unlock()
	switch {
	case !ok && k.isFixed(which):
		return t, fmt.Errorf("%w: token %s is given by a file or the environment; change it there, and restart the service", ErrConflict, which)
	case !ok:
		return t, fmt.Errorf("%w: token %.80q", ErrNone, which)
	case !t.Revoked.IsZero():
		return t, nil
	}
	t.Revoked = k.cfg.Now().UTC().Truncate(time.Second)
	if err := k.cfg.Ledger.RevokeToken(ctx, t.ID, t.Revoked); err != nil {
		return t, err
	}
	k.mu.Lock()
	k.tokens[t.ID] = t
	k.mu.Unlock()
	k.tellGone()
	return t, nil
}
