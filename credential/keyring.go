package credential

import (
	"crypto/ed25519"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"time"

	"github.com/fleetscore/fleetscore/internal/secretfile"
)

// Key is one that signs tokens of devices, or did.
type Key struct {
	ID      string
	Created time.Time
	Signs   bool // new tokens; else it only verifies
}

// storedKey is a key as the file has it.
type storedKey struct {
	ID      string    `json:"id"`
	Created time.Time `json:"created"`
	Seed    []byte    `json:"seed"`
}

func (k *storedKey) private() ed25519.PrivateKey { return ed25519.NewKeyFromSeed(k.Seed) }

// keyring is the keys, of which the last signs.
type keyring struct {
	Keys []storedKey `json:"keys"`
}

// maxKeys bounds how many verify.
const maxKeys = 64

// readKeys reads the file of keys; none if there is no file.
func readKeys(path string) (keyring, error) {
	var r keyring
	data, err := secretfile.Read(path)
	if errors.Is(err, fs.ErrNotExist) {
		return r, nil
	}
	if err != nil {
		return r, fmt.Errorf("reading the keys of devices' tokens: %w", err)
	}
	if err := json.Unmarshal(data, &r); err != nil {
		return r, fmt.Errorf("%s is not a file of keys: %w; put back a copy, or move it away: then devices need new tokens", path, err)
	}
	for _, k := range r.Keys {
		if k.ID == "" || len(k.Seed) != ed25519.SeedSize {
			return r, fmt.Errorf("%s is not a file of keys: key %.40q has a seed of %d bytes, not %d", path, k.ID, len(k.Seed), ed25519.SeedSize)
		}
	}
	return r, nil
}

func (r keyring) write(path string) error {
	data, err := json.MarshalIndent(r, "", "  ")
	if err == nil {
		err = secretfile.Write(path, append(data, '\n'))
	}
	if err != nil {
		return fmt.Errorf("writing the keys of devices' tokens: %w", err)
	}
	return nil
}

// with is the keyring with one key more, which signs.
func (r keyring) with(now time.Time) (keyring, error) {
	if len(r.Keys) >= maxKeys {
		return r, fmt.Errorf("%w: there are %d keys; remove old ones first", ErrConflict, maxKeys)
	}
	seed := make([]byte, ed25519.SeedSize)
	_, _ = rand.Read(seed) // which cannot fail
	return keyring{append(slices.Clone(r.Keys), storedKey{randomID(), now.UTC().Truncate(time.Second), seed})}, nil
}

// has reports whether there is a key.
func (r keyring) has(id string) bool {
	return slices.ContainsFunc(r.Keys, func(k storedKey) bool { return k.ID == id })
}

// public is a key that verifies; nil if there is none of that ID.
func (r keyring) public(id string) ed25519.PublicKey {
	for i := range r.Keys {
		if r.Keys[i].ID == id {
			return r.Keys[i].private().Public().(ed25519.PublicKey)
		}
	}
	return nil
}

func (r keyring) list() []Key {
	keys := make([]Key, 0, len(r.Keys))
	for i, k := range r.Keys {
		keys = append(keys, Key{k.ID, k.Created, i == len(r.Keys)-1})
	}
	return keys
}
