package credential

import (
	"crypto/sha256"
	"crypto/subtle"
	"fmt"
)

// Fixed is a token that is given, such as by the environment.
type Fixed struct {
	Name   string // who it is, in the audit trail
	Role   Role
	Secret string
	// Chosen says that a person may have chosen the secret, so that it is not looked
	// at for an address that guesses.
	Chosen bool
}

// fixed is a Fixed of which the secret is forgotten.
type fixed struct {
	who    Identity
	hash   [32]byte
	chosen bool
}

// The lengths of a secret that is given.
const (
	minFixed = 20
	maxFixed = 512
)

// Check says what cannot be used.
func (f Fixed) Check() error {
	switch {
	case f.Name == "":
		return fmt.Errorf("a token needs a name: the audit trail has it")
	case f.Role < Viewer || f.Role > Admin:
		return fmt.Errorf("token %.80q: %s is not the role of such a token", f.Name, f.Role)
	case len(f.Secret) < minFixed || len(f.Secret) > maxFixed:
		return fmt.Errorf("token %.80q: its secret has %d characters; %d to %d are allowed", f.Name, len(f.Secret), minFixed, maxFixed)
	}
	for _, c := range []byte(f.Secret) {
		if c <= ' ' || c > '~' {
			return fmt.Errorf("token %.80q: its secret has a character that is not printable ASCII", f.Name)
		}
	}
	return nil
}

func (f Fixed) forget() fixed {
	return fixed{Identity{Name: f.Name, Role: f.Role}, sha256.Sum256([]byte(f.Secret)), f.Chosen}
}

// findFixed looks at all that are given, however many match.
func (k *Keeper) findFixed(hash [32]byte, guessing bool) (Identity, error) {
	at := -1
	for i := range k.fixed {
		at = subtle.ConstantTimeSelect(subtle.ConstantTimeCompare(hash[:], k.fixed[i].hash[:]), i, at)
	}
	if at < 0 || guessing && k.fixed[at].chosen {
		return Identity{}, ErrUnknown
	}
	return k.fixed[at].who, nil
}
