package credential

import (
	"fmt"
	"slices"
)

// Keys lists the keys of devices' tokens.
func (k *Keeper) Keys() []Key {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.keys.list()
}

// RotateKey makes a key that signs from now on. Those before go on to verify.
func (k *Keeper) RotateKey() ([]Key, error) {
	k.changing.Lock()
	defer k.changing.Unlock()
	keys, err := k.addKey()
	return keys.list(), err
}

// addKey is called by who changes.
func (k *Keeper) addKey() (keyring, error) {
	k.mu.Lock()
	keys := k.keys
	k.mu.Unlock()
	keys, err := keys.with(k.cfg.Now())
	if err == nil {
		err = k.setKeys(keys)
	}
	return keys, err
}

func (k *Keeper) setKeys(keys keyring) error {
	if err := keys.write(k.cfg.Keys); err != nil {
		return err
	}
	k.mu.Lock()
	k.keys = keys
	k.mu.Unlock()
	return nil
}

// RemoveKey ends a key, and all tokens that it has signed. ErrNone if there is none;
// ErrConflict if it is the one that signs.
func (k *Keeper) RemoveKey(id string) error {
	k.changing.Lock()
	defer k.changing.Unlock()
	k.mu.Lock()
	keys := keyring{slices.Clone(k.keys.Keys)}
	k.mu.Unlock()
	at := slices.IndexFunc(keys.Keys, func(key storedKey) bool { return key.ID == id })
	switch {
	case at < 0:
		return fmt.Errorf("%w: key %.80q", ErrNone, id)
	case at == len(keys.Keys)-1:
		return fmt.Errorf("%w: key %s signs new tokens; rotate first", ErrConflict, id)
	}
	keys.Keys = slices.Delete(keys.Keys, at, at+1)
	if err := k.setKeys(keys); err != nil {
		return err
	}
	k.tellGone()
	return nil
}
