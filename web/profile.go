package web

import (
	"fmt"
	"net/http"
	"net/http/pprof"
	"slices"
	"strconv"
	"strings"
	"time"
)

// profilePath is what the addresses of profiles begin with.
const profilePath = "/debug/pprof/"

// mostProfile is how long a profile may take: less than an answer may.
const mostProfile = time.Minute

// profiles are those that show what is now; the others are taken over a time.
func profiles() []string {
	return []string{"allocs", "block", "goroutine", "heap", "mutex", "threadcreate"}
}

// profiling registers the profiles of this process, for administrators. They are
// no part of the API: pprof says what they are.
func (s *Server) profiling(mux *http.ServeMux) {
	mux.HandleFunc("GET "+profilePath+"{name...}", func(w http.ResponseWriter, r *http.Request) {
		if p := s.profileFor(r); p != nil {
			if p.Status == http.StatusUnauthorized {
				w.Header().Set("WWW-Authenticate", `Bearer realm="fleetscore"`)
			}
			p.write(w)
			return
		}
		switch name := r.PathValue("name"); name {
		case "":
			pprof.Index(w, r)
		case "profile":
			s.cfg.Log.Info("a profile is taken", "of", name, "for", r.FormValue("seconds"))
			pprof.Profile(w, r)
		case "trace":
			s.cfg.Log.Info("a profile is taken", "of", name, "for", r.FormValue("seconds"))
			pprof.Trace(w, r)
		default:
			pprof.Handler(name).ServeHTTP(w, r)
		}
	})
}

// profileFor says why a request gets no profile.
func (s *Server) profileFor(r *http.Request) *Problem {
	if _, _, basic := r.BasicAuth(); basic {
		// A browser sends a password for any page that asks.
		return newProblem(http.StatusUnauthorized, CodeUnauthorized, "a profile needs a token as Authorization: Bearer …", "")
	}
	if _, p := s.door.admit(r, Admin); p != nil {
		return p
	}
	name := r.PathValue("name")
	timed := name == "profile" || name == "trace"
	if name != "" && !timed && !slices.Contains(profiles(), name) {
		return newProblem(http.StatusNotFound, CodeNotFound, fmt.Sprintf("there is no profile %.40q", name), "there are profile, trace, "+strings.Join(profiles(), ", "))
	}
	text := r.URL.Query().Get("seconds")
	if text == "" {
		return nil
	}
	most := int(mostProfile.Seconds())
	if n, err := strconv.Atoi(text); err != nil || n < 1 || n > most {
		return newProblem(http.StatusUnprocessableEntity, CodeInvalid, fmt.Sprintf("seconds must be a whole number from 1 to %d, not %.20q", most, text), "")
	}
	return nil
}
