package web

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"fmt"
	"sync/atomic"
)

// Token lets in whoever knows the secret of which it has the SHA-256.
type Token struct {
	Name string // who it is, in the audit trail
	Role Role
	Hash [sha256.Size]byte
}

// The lengths of a secret.
const (
	minSecret = 20
	maxSecret = 512
)

// NewToken makes a secret and its token.
func NewToken(name string, role Role) (secret string, t Token) {
	secret = "fleetscore_" + rand.Text()
	return secret, Token{Name: name, Role: role, Hash: sha256.Sum256([]byte(secret))}
}

// TokenOf is the token of a secret that was made before.
func TokenOf(name string, role Role, secret string) (Token, error) {
	switch {
	case name == "":
		return Token{}, fmt.Errorf("a token needs a name: the audit trail has it")
	case role < Viewer || role > Admin:
		return Token{}, fmt.Errorf("token %.80q: %s is not the role of a token", name, role)
	case len(secret) < minSecret || len(secret) > maxSecret:
		return Token{}, fmt.Errorf("token %.80q: its secret has %d characters; %d to %d are allowed", name, len(secret), minSecret, maxSecret)
	}
	for _, c := range []byte(secret) {
		if c <= ' ' || c > '~' {
			return Token{}, fmt.Errorf("token %.80q: its secret has a character that is not printable ASCII", name)
		}
	}
	return Token{Name: name, Role: role, Hash: sha256.Sum256([]byte(secret))}, nil
}

// Tokens are those that are let in. They may be used by many goroutines at once.
type Tokens struct{ all atomic.Pointer[[]Token] }

// NewTokens has the tokens of a list.
func NewTokens(list ...Token) *Tokens {
	t := &Tokens{}
	t.Set(list...)
	return t
}

// Set replaces all tokens.
func (t *Tokens) Set(list ...Token) {
	list = append([]Token(nil), list...)
	t.all.Store(&list)
}

// Len is how many there are.
func (t *Tokens) Len() int {
	if t == nil {
		return 0
	}
	return len(*t.all.Load())
}

// Find is the token of a secret. How long it takes says nothing about the secret
// or the tokens, but for how many there are.
func (t *Tokens) Find(secret string) (found Token, ok bool) {
	if t.Len() == 0 || len(secret) > maxSecret {
		return Token{}, false
	}
	hash := sha256.Sum256([]byte(secret))
	at := -1
	list := *t.all.Load()
	for i := range list {
		at = subtle.ConstantTimeSelect(subtle.ConstantTimeCompare(hash[:], list[i].Hash[:]), i, at)
	}
	if at < 0 {
		return Token{}, false
	}
	return list[at], true
}
