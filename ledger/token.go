package ledger

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// Token is who is let in, and to what. Of its secret the ledger has the SHA-256.
type Token struct {
	ID      string
	Name    string // no other token has it that is not revoked
	Role    string
	Hash    [32]byte
	Devices []string // patterns, of tokens of devices
	Maker   string   // the name of the token that made it
	Created time.Time
	Expires time.Time // zero: never
	Revoked time.Time // zero: it is not
	Used    time.Time // the last time, roughly; zero: never
}

const tokenColumns = "id, name, role, hash, devices, maker, created, expires, revoked, used" //nolint:gosec // columns

func scanToken(t *Token) []any {
	return []any{&t.ID, &t.Name, &t.Role, hashColumn{&t.Hash}, jsonColumn{&t.Devices}, &t.Maker, timeColumn{&t.Created}, timeColumn{&t.Expires}, timeColumn{&t.Revoked}, timeColumn{&t.Used}}
}

// hashColumn reads a hash of hexadecimal digits.
type hashColumn struct{ to *[32]byte }

// Scan implements sql.Scanner.
func (c hashColumn) Scan(value any) error {
	text, ok := value.(string)
	if !ok {
		return fmt.Errorf("a %T where a hash should be", value)
	}
	hash, err := hex.DecodeString(text)
	if err != nil || len(hash) != len(c.to) {
		return fmt.Errorf("%.80q is no SHA-256", text)
	}
	copy(c.to[:], hash)
	return nil
}

// AddToken adds a token. ErrExists if one of its ID, or one that is not revoked of
// its name, is there.
func (l *Ledger) AddToken(ctx context.Context, t Token) error {
	err := errors.Join(checkName("ID of the token", t.ID), checkName("token", t.Name))
	var devices any
	if err == nil && len(t.Devices) > 0 {
		var text []byte
		if text, err = json.Marshal(t.Devices); err == nil {
			devices, err = string(text), checkExact(string(text), maxValue)
		}
	}
	if err == nil {
		err = l.write(ctx, func(tx session) error {
			has, err := tx.has(ctx, "SELECT 1 FROM tokens WHERE id = ? OR (name = ? AND revoked IS NULL)", t.ID, t.Name)
			if err == nil && has {
				err = ErrExists
			}
			if err != nil {
				return err
			}
			_, err = tx.exec(ctx, "INSERT INTO tokens ("+tokenColumns+") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
				t.ID, t.Name, clip(t.Role), hex.EncodeToString(t.Hash[:]), devices, clip(t.Maker), stored(t.Created), stored(t.Expires), stored(t.Revoked), stored(t.Used))
			return err
		})
	}
	if err != nil {
		return fmt.Errorf("adding token %.80q: %w", t.Name, err)
	}
	return nil
}

// Tokens lists all tokens, those that are revoked too, by when they were made.
func (l *Ledger) Tokens(ctx context.Context) ([]Token, error) {
	tokens, err := rows(ctx, l.read(), scanToken, "SELECT "+tokenColumns+" FROM tokens ORDER BY created, id")
	if err != nil {
		return nil, fmt.Errorf("reading tokens: %w", l.explain(err))
	}
	return tokens, nil
}

// RevokeToken notes that a token is not let in any more; when it was revoked first
// stays. ErrNotFound if there is none of that ID.
func (l *Ledger) RevokeToken(ctx context.Context, id string, at time.Time) error {
	err := l.write(ctx, func(tx session) error {
		return tx.one(ctx, "UPDATE tokens SET revoked = COALESCE(revoked, ?) WHERE id = ?", at.UnixMicro(), id)
	})
	if err != nil {
		return fmt.Errorf("revoking token %.80q: %w", id, err)
	}
	return nil
}

// UseTokens notes when tokens were used, by ID.
func (l *Ledger) UseTokens(ctx context.Context, used map[string]time.Time) error {
	err := l.write(ctx, func(tx session) error {
		for id, at := range used {
			if _, err := tx.exec(ctx, "UPDATE tokens SET used = ? WHERE id = ? AND (used IS NULL OR used < ?)", at.UnixMicro(), id, at.UnixMicro()); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("noting the use of tokens: %w", err)
	}
	return nil
}
