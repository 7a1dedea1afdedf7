package credential

import (
	"context"
	"fmt"
	"regexp"

	"github.com/fleetscore/fleetscore/ledger"
)

// Sign makes a device's token, of which nothing is kept.
func (k *Keeper) Sign(o Order) (id, secret string, err error) {
	now := k.cfg.Now()
	named := o
	if named.Role = Device; o.Name == "" {
		named.Name = "device"
	}
	if err := named.check(now, func(string) bool { return false }); err != nil {
		return "", "", err
	}
	if o.Expires.IsZero() {
		return "", "", fmt.Errorf("%w: a token that is signed must expire", ErrInvalid)
	}
	k.changing.Lock()
	defer k.changing.Unlock()
	k.mu.Lock()
	keys := k.keys
	k.mu.Unlock()
	if len(keys.Keys) == 0 {
		if keys, err = k.addKey(); err != nil {
			return "", "", err
		}
	}
	id = "d" + randomID()
	secret, err = keys.sign(id, o.Name, o.Devices, now, o.Expires)
	return id, secret, err
}

var signedForm = regexp.MustCompile(`^d[a-z2-7]{12}$`)

// RevokeSigned ends a device's token, by its ID. That there ever was one is not known.
func (k *Keeper) RevokeSigned(ctx context.Context, id string) error {
	if !signedForm.MatchString(id) {
		return fmt.Errorf("%w: %.80q is not the ID of a device's token, such as d%s", ErrNone, id, "abcdefghij23")
	}
	k.changing.Lock()
	defer k.changing.Unlock()
	now := k.cfg.Now()
	if err := k.cfg.Ledger.Revoke(ctx, ledger.Revocation{ID: id, At: now, Expires: now.Add(Longest)}); err != nil {
		return err
	}
	k.mu.Lock()
	k.revoked[id] = true
	k.mu.Unlock()
	k.tellGone()
	return nil
}
