package web

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/fleetscore/fleetscore/credential"
	"github.com/fleetscore/fleetscore/ledger"
)

// Token is who is let in, and to what.
type Token struct {
	ID      string    `json:"id"`
	Name    string    `json:"name" doc:"who it is, in the audit trail"`
	Role    string    `json:"role" enum:"viewer,operator,admin,device"`
	Devices []string  `json:"devices,omitempty" doc:"patterns of the devices that a token of the role device is for"`
	Maker   string    `json:"maker" doc:"the name of the token that made it"`
	Created time.Time `json:"created"`
	Expires time.Time `json:"expires,omitzero" doc:"not there: never"`
	Revoked time.Time `json:"revoked,omitzero"`
	Used    time.Time `json:"used,omitzero" doc:"the last time, to a minute or so"`
}

// TokenList is all tokens, by when they were made.
type TokenList struct {
	Tokens []Token `json:"tokens" nullable:"false"`
}

// TokenOrder is what is wanted of a token.
type TokenOrder struct {
	Name    string    `json:"name" maxLength:"64" pattern:"^[A-Za-z0-9][A-Za-z0-9._-]*$"`
	Role    string    `json:"role" enum:"viewer,operator,admin,device"`
	Devices []string  `json:"devices,omitempty" maxItems:"32" doc:"of the role device: patterns, in which * is any text and ? one character"`
	Expires time.Time `json:"expires,omitzero" doc:"not there: never"`
}

// MadeToken is a token that was made, and its secret, which is told this once.
type MadeToken struct {
	Token  Token  `json:"token"`
	Secret string `json:"secret"`
}

type createTokenInput struct{ Body TokenOrder }

type tokenInput struct {
	Token string `path:"token" maxLength:"64" doc:"its ID or name"`
}

func (s *Server) tokenOperations(api huma.API) {
	register(s, api, operation{id: "list-tokens", at: "GET " + base + "/tokens", tag: "tokens", role: Admin, summary: "The tokens, without their secrets",
		about: "Of tokens of devices that were signed there is no list."},
		func(context.Context, *struct{}) (TokenList, error) { return viewTokens(s.cfg.Credentials.List()), nil })
	register(s, api, operation{id: "create-token", at: "POST " + base + "/tokens", tag: "tokens", role: Admin, status: 201, conflicts: true, summary: "Make a token",
		about: "The secret is told this once; only its hash is kept."}, s.createToken)
	register(s, api, operation{id: "revoke-token", at: "POST " + base + "/tokens/{token}/revoke", tag: "tokens", role: Admin, conflicts: true, summary: "Let a token in no more",
		about: "Streams and connections that it opened end."}, s.revokeToken)
}

func viewToken(t ledger.Token) Token {
	return Token{ID: t.ID, Name: t.Name, Role: t.Role, Devices: t.Devices, Maker: t.Maker, Created: t.Created, Expires: t.Expires, Revoked: t.Revoked, Used: t.Used}
}

func viewTokens(tokens []ledger.Token) TokenList {
	list := TokenList{Tokens: make([]Token, 0, len(tokens))}
	for _, t := range tokens {
		list.Tokens = append(list.Tokens, viewToken(t))
	}
	return list
}

func (s *Server) createToken(ctx context.Context, in *createTokenInput) (MadeToken, error) {
	role, err := credential.ParseRole(in.Body.Role)
	if err != nil {
		return MadeToken{}, invalid("body.role", err)
	}
	secret, t, err := s.cfg.Credentials.Create(ctx, credential.Order{Name: in.Body.Name, Role: role, Devices: in.Body.Devices, Expires: in.Body.Expires, Maker: callerOf(ctx).Name})
	if err != nil {
		return MadeToken{}, err
	}
	s.note(ctx, "token.create", t.Name, fmt.Sprintf("ID %s, role %s%s%s", t.ID, t.Role, ofDevices(t.Devices), until(t.Expires)))
	return MadeToken{viewToken(t), secret}, nil
}

func ofDevices(patterns []string) string {
	if len(patterns) == 0 {
		return ""
	}
	return fmt.Sprintf(", devices %q", patterns)
}

func until(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return ", until " + t.UTC().Format(time.RFC3339)
}

func (s *Server) revokeToken(ctx context.Context, in *tokenInput) (Token, error) {
	if strings.HasPrefix(in.Token, "fsk_") {
		return Token{}, invalid("path.token", fmt.Errorf("that is a secret; give the token's ID, which follows fsk_, or its name"))
	}
	t, err := s.cfg.Credentials.Revoke(ctx, in.Token)
	if err != nil {
		return Token{}, err
	}
	s.note(ctx, "token.revoke", t.Name, "ID "+t.ID)
	return viewToken(t), nil
}
