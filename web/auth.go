package web

import (
	"context"
	"errors"
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/fleetscore/fleetscore/credential"
)

// door decides who may do what.
type door struct {
	tokens *credential.Keeper
	open   bool // to read, and to send readings, no token is needed
	proxy  bool // requests come through a proxy, which says from where

	sessions *sessions
}

const tokenHint = "fleetscore up has written one to the file token among its data; fleetscore token create makes others" //nolint:gosec // none is in it

// admit says who sent a request if it may do what needs a role. Nobody has a name if
// there was no token, and none is needed.
func (d door) admit(r *http.Request, needed Role) (who credential.Identity, p *Problem) {
	if needed == Nobody {
		return who, nil
	}
	secret, given := secretOf(r)
	if !given {
		if who, p := d.signedIn(r, needed); p != nil || who.Name != "" {
			return who, p
		}
	}
	if !given {
		if d.open && (needed == Viewer || needed == Device) {
			return who, nil
		}
		return who, newProblem(http.StatusUnauthorized, CodeUnauthorized, "this needs a token with the role "+needed.String(), "send it as Authorization: Bearer …; "+tokenHint)
	}
	if who, p = d.find(secret, r); p != nil {
		return who, p
	}
	return who, enough(who, needed)
}

// find says whose a secret is.
func (d door) find(secret string, r *http.Request) (who credential.Identity, p *Problem) {
	who, err := d.tokens.Find(secret, address(d.from(r)))
	var many credential.TooMany
	switch {
	case errors.As(err, &many):
		return who, newProblem(http.StatusTooManyRequests, CodeTooMany, err.Error(), "").after(many.After)
	case err != nil:
		return who, newProblem(http.StatusUnauthorized, CodeUnauthorized, err.Error(), tokenHint)
	}
	return who, nil
}

func enough(who credential.Identity, needed Role) *Problem {
	if who.Role.Allows(needed) {
		return nil
	}
	return newProblem(http.StatusForbidden, CodeForbidden, "token "+who.Name+" has the role "+who.Role.String()+"; this needs "+needed.String(), "")
}

// signedIn says whose session a request belongs to; nobody has no name. A session
// whose token has ended is none.
func (d door) signedIn(r *http.Request, needed Role) (who credential.Identity, p *Problem) {
	secret, found := d.sessions.secret(r)
	if !found {
		return who, nil
	}
	if p := forged(r); p != nil {
		return who, p
	}
	who, p = d.find(secret, r)
	switch {
	case p != nil && p.Status == http.StatusUnauthorized:
		d.sessions.end(r)
		return credential.Identity{}, nil
	case p != nil:
		return who, p
	}
	return who, enough(who, needed)
}

// after says when to try again.
func (p *Problem) after(wait time.Duration) *Problem {
	p.retry = strconv.Itoa(max(1, int(math.Ceil(wait.Seconds()))))
	return p
}

// secretOf is the secret that a request bears. A browser can send one only as a
// password, and then does so for any page that asks; so that is for reading only.
func secretOf(r *http.Request) (secret string, given bool) {
	header := r.Header.Get("Authorization")
	if header == "" {
		return "", false
	}
	scheme, rest, _ := strings.Cut(header, " ")
	switch {
	case strings.EqualFold(scheme, "Bearer"):
		return strings.TrimSpace(rest), true
	case r.Method == http.MethodGet || r.Method == http.MethodHead:
		if _, password, ok := r.BasicAuth(); ok {
			return password, true
		}
	}
	return "", true // something that is no token of ours
}

// caller is who sent a request, and from where.
type caller struct {
	credential.Identity
	from string
}

// callerKey is the key of the caller in the context of a request.
type callerKey struct{}

func callerOf(ctx context.Context) caller {
	c, _ := ctx.Value(callerKey{}).(caller)
	return c
}

// admitted is the middleware of operations.
func (d door) admitted(needed Role) func(huma.Context, func(huma.Context)) {
	return func(ctx huma.Context, next func(huma.Context)) {
		r, w := humago.Unwrap(ctx)
		who, p := d.admit(r, needed)
		if p != nil {
			p.ask(w, `Bearer realm="fleetscore"`)
			return
		}
		next(huma.WithValue(ctx, callerKey{}, caller{who, d.from(r)}))
	}
}

// ask answers with a problem, and says how to send a token if that is what is wrong.
func (p *Problem) ask(w http.ResponseWriter, challenge string) {
	if p.Status == http.StatusUnauthorized {
		w.Header().Set("WWW-Authenticate", challenge)
	}
	p.write(w)
}
