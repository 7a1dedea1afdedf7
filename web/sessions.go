package web

import (
	"crypto/rand"
	"crypto/sha256"
	"net/http"
	"sync"
	"time"
)

// Bounds of the sessions of browsers.
const (
	sessionIdle  = 12 * time.Hour // without a request
	sessionWhole = 7 * 24 * time.Hour
	maxSessions  = 4096
)

// csrfHeader is what a change by a session needs. A page of another origin cannot
// send it without asking first, and nobody answers such a question.
const csrfHeader = "X-Fleetscore-Csrf"

// sessions are the browsers that have signed in. They are in memory only: a browser
// never holds the token, and after a restart it signs in anew.
type sessions struct {
	now    func() time.Time
	cookie string // its name; ports of one host share cookies, so it has the port in it

	mu sync.Mutex
	of map[[32]byte]*session // by the hash of the cookie
}

// session is a browser that has signed in with a token.
type session struct {
	secret      string // of the token, looked up anew with every request
	began, used time.Time
}

func newSessions(now func() time.Time) *sessions {
	return &sessions{now: now, of: map[[32]byte]*session{}}
}

// begin makes a session of a token; the one that has been away the longest gives way.
func (s *sessions) begin(secret string) (cookie string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	var oldest [32]byte
	for key, one := range s.of {
		if s.over(one, now) {
			delete(s.of, key)
		} else if first, ok := s.of[oldest]; !ok || one.used.Before(first.used) {
			oldest = key
		}
	}
	if len(s.of) >= maxSessions {
		delete(s.of, oldest)
	}
	cookie = rand.Text()
	s.of[sha256.Sum256([]byte(cookie))] = &session{secret, now, now}
	return cookie
}

func (s *sessions) over(one *session, now time.Time) bool {
	return now.Sub(one.used) >= sessionIdle || now.Sub(one.began) >= sessionWhole
}

// secret is that of the token of the session that a request belongs to.
func (s *sessions) secret(r *http.Request) (secret string, found bool) {
	key, ok := s.key(r)
	if !ok {
		return "", false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	one, now := s.of[key], s.now()
	if one == nil || s.over(one, now) {
		delete(s.of, key)
		return "", false
	}
	one.used = now
	return one.secret, true
}

// has reports whether a request belongs to a session.
func (s *sessions) has(r *http.Request) bool {
	_, found := s.secret(r)
	return found
}

// end forgets the session that a request belongs to.
func (s *sessions) end(r *http.Request) {
	if key, ok := s.key(r); ok {
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.of, key)
	}
}

func (s *sessions) key(r *http.Request) (key [32]byte, ok bool) {
	cookie, err := r.Cookie(s.cookie)
	if err != nil {
		return key, false
	}
	return sha256.Sum256([]byte(cookie.Value)), true
}

// forged says why a change by a session is refused: it may come from a page that is
// not ours. What the guard has let pass is of our origin, or of no browser.
func forged(r *http.Request) *Problem {
	if r.Method == http.MethodGet || r.Method == http.MethodHead {
		return nil
	}
	if r.Header.Get(csrfHeader) == "" || r.Header.Get("Origin") == "" && r.Header.Get("Sec-Fetch-Site") != "same-origin" {
		return newProblem(http.StatusForbidden, CodeBadOrigin, "a change by a browser's session needs the header "+csrfHeader+" and an Origin",
			"programs send their token as Authorization: Bearer …")
	}
	return nil
}
