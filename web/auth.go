package web

import (
	"context"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
)

// door decides who may do what.
type door struct {
	tokens *Tokens
	open   bool // reading needs no token
}

// admit gives the name of who sent a request if it may do what needs a role. The
// name is empty if there was no token, and none is needed.
func (d door) admit(r *http.Request, needed Role) (who string, p *Problem) {
	secret, given := secretOf(r)
	if needed == Nobody {
		return "", nil
	}
	if !given {
		if needed == Viewer && d.open {
			return "", nil
		}
		return "", newProblem(http.StatusUnauthorized, CodeUnauthorized, "this needs a token with the role "+needed.String(),
			"send it as Authorization: Bearer …; fleetscore up has written one to the file token among its data")
	}
	token, ok := d.tokens.Find(secret)
	if !ok {
		return "", newProblem(http.StatusUnauthorized, CodeUnauthorized, "this token is not known", "fleetscore up has written one to the file token among its data")
	}
	if token.Role < needed {
		return "", newProblem(http.StatusForbidden, CodeForbidden, "token "+token.Name+" has the role "+token.Role.String()+"; this needs "+needed.String(), "")
	}
	return token.Name, nil
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

// whoKey is the key of the name of who sent a request, in its context.
type whoKey struct{}

func who(ctx context.Context) string {
	name, _ := ctx.Value(whoKey{}).(string)
	return name
}

// admitted is the middleware of operations.
func (d door) admitted(needed Role) func(huma.Context, func(huma.Context)) {
	return func(ctx huma.Context, next func(huma.Context)) {
		r, w := humago.Unwrap(ctx)
		name, p := d.admit(r, needed)
		if p != nil {
			if p.Status == http.StatusUnauthorized {
				w.Header().Set("WWW-Authenticate", `Bearer realm="fleetscore"`)
			}
			p.write(w)
			return
		}
		next(huma.WithValue(ctx, whoKey{}, name))
	}
}

// admittedPage is the same for pages.
func (d door) admittedPage(next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if _, p := d.admit(r, Viewer); p != nil {
			w.Header().Set("WWW-Authenticate", `Basic realm="fleetscore", charset="UTF-8"`) // a browser asks for it
			p.write(w)
			return
		}
		next(w, r)
	}
}
