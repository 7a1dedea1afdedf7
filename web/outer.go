package web

import (
	"errors"
	"net/http"
	"runtime/debug"
	"strconv"
	"strings"
)

// outer is what every request passes first.
func (s *Server) outer(mux *http.ServeMux) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		rec := &recorder{ResponseWriter: w}
		defer s.finish(rec, r)
		secure(w.Header())
		if p := s.guard.check(r); p != nil {
			p.write(rec)
			return
		}
		if r.URL.Path != readingsPath { // which bounds its own
			r.Body = http.MaxBytesReader(rec, r.Body, 2*maxBody)
		}
		if h, pattern := mux.Handler(r); pattern == "" {
			s.nowhere(h, rec, r)
			return
		}
		mux.ServeHTTP(rec, r)
	})
}

// finish counts a request, and catches what went wrong in it.
func (s *Server) finish(rec *recorder, r *http.Request) {
	if bug := recover(); bug != nil {
		if err, ok := bug.(error); ok && errors.Is(err, http.ErrAbortHandler) {
			panic(bug)
		}
		s.cfg.Log.Error("a request failed", "method", r.Method, "path", r.URL.Path, "error", bug, "stack", string(debug.Stack()))
		if rec.status != 0 {
			panic(http.ErrAbortHandler) // the answer is under way; let it be seen that it is not whole
		}
		newProblem(http.StatusInternalServerError, CodeInternal, "something went wrong inside", "the service's log has it").write(rec)
	}
	route := r.Pattern
	if route == "" {
		route = "none"
	}
	s.metrics.requests.WithLabelValues(route, strconv.Itoa(max(rec.status, http.StatusOK))).Inc()
}

// nowhere answers what the mux has no handler for, as it would, in our form; a browser
// with the page, which says so.
func (s *Server) nowhere(h http.Handler, w http.ResponseWriter, r *http.Request) {
	probe := &recorder{ResponseWriter: silent{header: http.Header{}}}
	h.ServeHTTP(probe, r)
	if probe.status == http.StatusMethodNotAllowed {
		w.Header().Set("Allow", probe.Header().Get("Allow"))
		newProblem(probe.status, CodeNoMethod, r.Method+" is not possible here", "possible: "+probe.Header().Get("Allow")).write(w)
		return
	}
	if r.Method == http.MethodGet && strings.Contains(r.Header.Get("Accept"), "text/html") && !forPrograms(r.URL.Path) {
		s.front.serve(w, r, http.StatusNotFound)
		return
	}
	newProblem(http.StatusNotFound, CodeNotFound, "there is nothing at this address", "/openapi.json lists what there is").write(w)
}

// recorder remembers the status of an answer.
type recorder struct {
	http.ResponseWriter
	status int
}

// WriteHeader is for net/http.
func (r *recorder) WriteHeader(status int) {
	if r.status == 0 {
		r.status = status
	}
	r.ResponseWriter.WriteHeader(status)
}

// Write is for net/http.
func (r *recorder) Write(data []byte) (int, error) {
	if r.status == 0 {
		r.status = http.StatusOK
	}
	return r.ResponseWriter.Write(data)
}

// Unwrap is for http.ResponseController.
func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }

// silent throws an answer away.
type silent struct{ header http.Header }

func (s silent) Header() http.Header            { return s.header }
func (s silent) Write(data []byte) (int, error) { return len(data), nil }
func (s silent) WriteHeader(int)                {}
