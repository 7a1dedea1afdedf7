package credential

import (
	"crypto/sha256"
	"crypto/subtle"
	"net/netip"
	"time"

	"github.com/fleetscore/fleetscore/ledger"
)

// Find says whose a secret is that came from an address. The error is ErrUnknown,
// ErrExpired, ErrRevoked or TooMany.
func (k *Keeper) Find(secret string, from netip.Addr) (Identity, error) {
	now := k.cfg.Now()
	who, err := k.find(secret, from, now)
	if err == nil {
		return who, nil
	}
	if wait := k.guesses.wrong(from, now); wait > 0 {
		return Identity{}, TooMany{wait}
	}
	return Identity{}, err
}

func (k *Keeper) find(secret string, from netip.Addr, now time.Time) (Identity, error) {
	if len(secret) > maxSecret {
		return Identity{}, ErrUnknown
	}
	hash := sha256.Sum256([]byte(secret))
	if signed.MatchString(secret) {
		return k.findSigned(secret, hash, now)
	}
	if id, ok := parseSecret(secret); ok {
		if who, err := k.findStored(id, hash, now); err != ErrUnknown {
			return who, err
		}
	}
	return k.findFixed(hash, k.guesses.over(from, now) > 0)
}

// findStored finds a token of the ledger.
func (k *Keeper) findStored(id string, hash [32]byte, now time.Time) (Identity, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	t := k.tokens[id] // of none, the hash is of nothing
	switch {
	case subtle.ConstantTimeCompare(hash[:], t.Hash[:]) != 1:
		return Identity{}, ErrUnknown
	case !t.Revoked.IsZero():
		return Identity{}, ErrRevoked
	case !t.Expires.IsZero() && !now.Before(t.Expires):
		return Identity{}, ErrExpired
	}
	if now.Sub(t.Used) >= saveEvery {
		t.Used = now.UTC().Truncate(time.Second)
		k.tokens[id], k.used[id] = t, t.Used
	}
	return identityOf(t)
}

func identityOf(t ledger.Token) (Identity, error) {
	role, err := ParseRole(t.Role)
	if err != nil { // of a newer version
		return Identity{}, ErrUnknown
	}
	return Identity{ID: t.ID, Name: t.Name, Role: role, Devices: t.Devices, Expires: t.Expires}, nil
}

// findSigned finds a device's token. One that was right lately is not verified anew.
func (k *Keeper) findSigned(secret string, hash [32]byte, now time.Time) (Identity, error) {
	k.mu.Lock()
	who, known := k.verified[hash]
	keys := k.keys
	k.mu.Unlock()
	if !known {
		var err error
		if who, err = keys.verify(secret, now); err != nil {
			return Identity{}, err
		}
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	switch {
	case k.revoked[who.ID]:
		return Identity{}, ErrRevoked
	case !k.keys.has(who.key):
		return Identity{}, ErrUnknown
	case !now.Before(who.Expires):
		return Identity{}, ErrExpired
	}
	if !known {
		if len(k.verified) >= maxVerified {
			clear(k.verified)
		}
		k.verified[hash] = who
	}
	return who, nil
}
