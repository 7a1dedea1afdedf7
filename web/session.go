package web

import (
	"context"
	"fmt"
	"net/http"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
)

// Session is who a browser has signed in as.
type Session struct {
	Name string `json:"name,omitempty" doc:"of the token; not there: nobody has signed in"`
	Role string `json:"role" enum:"nobody,viewer,operator,admin" doc:"what it may do; of nobody who has signed in it is viewer where reading needs no token"`
}

// SignIn is a token that is shown once.
type SignIn struct {
	Token string `json:"token" minLength:"1" maxLength:"4096"`
}

// requestInput keeps the request, of which cookies and headers are wanted.
type requestInput struct{ r *http.Request }

// Resolve implements huma.Resolver.
func (in *requestInput) Resolve(ctx huma.Context) []error {
	in.r, _ = humago.Unwrap(ctx)
	return nil
}

type sessionInput struct{ requestInput }

type signInInput struct {
	requestInput
	Body SignIn
}

type sessionOutput struct {
	Cookie http.Cookie `header:"Set-Cookie"`
	Body   Session
}

func (s *Server) sessionOperations(api huma.API) {
	register(s, api, operation{id: "get-session", at: "GET " + base + "/session", tag: "tokens", role: Nobody, summary: "Who has signed in"},
		func(_ context.Context, in *sessionInput) (Session, error) { return s.session(in.r), nil })
	registerSession(s, api, operation{id: "sign-in", at: "POST " + base + "/session", tag: "tokens", role: Nobody, summary: "Sign in with a token, at a browser",
		about: "The answer sets a cookie, HttpOnly and SameSite=Strict, that does what its token may until the token ends. It needs the header " + csrfHeader + ", as every change by cookie does."}, s.signIn)
	registerSession(s, api, operation{id: "sign-out", at: "DELETE " + base + "/session", tag: "tokens", role: Nobody, summary: "End the session of a browser"}, s.signOut)
}

// registerSession adds an operation that sets the cookie.
func registerSession[I any](s *Server, api huma.API, o operation, do func(context.Context, *I) (*sessionOutput, *Problem)) {
	huma.Register(api, o.huma(s, api.OpenAPI().Components.Schemas), func(ctx context.Context, in *I) (*sessionOutput, error) {
		out, p := do(ctx, in)
		if p != nil {
			return nil, p
		}
		return out, nil
	})
}

// session is who a request may be taken for.
func (s *Server) session(r *http.Request) Session {
	who, p := s.door.admit(r, Viewer)
	switch {
	case p != nil:
		return Session{Role: Nobody.String()}
	case who.Name == "":
		return Session{Role: Viewer.String()}
	}
	return Session{Name: who.Name, Role: who.Role.String()}
}

func (s *Server) signIn(ctx context.Context, in *signInInput) (*sessionOutput, *Problem) {
	if p := forged(in.r); p != nil {
		return nil, p
	}
	who, p := s.door.find(in.Body.Token, in.r)
	if p != nil {
		return nil, p
	}
	if !who.Role.Allows(Viewer) {
		return nil, newProblem(http.StatusForbidden, CodeForbidden, fmt.Sprintf("token %s is a %s's, which sends readings and sees nothing", who.Name, who.Role), "use a token of the role viewer, operator or admin")
	}
	s.sessions.end(in.r)
	cookie := s.cookie(s.sessions.begin(in.Body.Token)) //nolint:gosec // cookie says when it is Secure
	cookie.MaxAge = int(sessionWhole.Seconds())
	s.note(context.WithValue(ctx, callerKey{}, caller{who, s.door.from(in.r)}), "session.begin", who.Name, "role "+who.Role.String())
	return &sessionOutput{cookie, Session{Name: who.Name, Role: who.Role.String()}}, nil
}

func (s *Server) signOut(_ context.Context, in *sessionInput) (*sessionOutput, *Problem) {
	if p := forged(in.r); p != nil && s.sessions.has(in.r) {
		return nil, p
	}
	s.sessions.end(in.r)
	gone := s.cookie("") //nolint:gosec // cookie says when it is Secure
	gone.MaxAge = -1
	body := Session{Role: Nobody.String()}
	if s.door.open {
		body.Role = Viewer.String()
	}
	return &sessionOutput{gone, body}, nil
}

func (s *Server) cookie(value string) http.Cookie {
	return http.Cookie{Name: s.sessions.cookie, Value: value, Path: "/", HttpOnly: true, SameSite: http.SameSiteStrictMode, Secure: s.cfg.TLS != nil || s.cfg.Proxy} //nolint:gosec // Secure wherever there is TLS; on a loopback address there may be none
}
