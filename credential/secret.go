package credential

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"strings"
)

// prefix begins a secret, so that scanners of leaked secrets can find it.
const prefix = "fsk_"

const (
	idLength     = 12 // characters, of 60 bits
	secretLength = 52 // characters, of 256 bits
	maxSecret    = 4096
)

var encoding = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)

// randomID is an ID that nobody has had.
func randomID() string {
	var raw [8]byte
	_, _ = rand.Read(raw[:]) // which cannot fail
	return encoding.EncodeToString(raw[:])[:idLength]
}

// newSecret makes a secret, and its ID and hash.
func newSecret() (secret, id string, hash [32]byte) {
	var raw [32]byte
	_, _ = rand.Read(raw[:]) // which cannot fail
	id = randomID()
	secret = prefix + id + "_" + encoding.EncodeToString(raw[:])
	return secret, id, sha256.Sum256([]byte(secret))
}

// NewSecret makes a secret for a token that no ledger has.
func NewSecret() string {
	secret, _, _ := newSecret()
	return secret
}

// parseSecret finds the ID in a secret; false if it is none of that form.
func parseSecret(secret string) (id string, ok bool) {
	rest, ok := strings.CutPrefix(secret, prefix)
	if !ok || len(rest) != idLength+1+secretLength || rest[idLength] != '_' {
		return "", false
	}
	return rest[:idLength], true
}
