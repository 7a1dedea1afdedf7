package ingest

import (
	"encoding/json"
	"net/http"
	"strconv"

	"github.com/fleetscore/fleetscore/ingest/decode"
)

// answer is what a request came to.
type answer struct {
	Accepted int            `json:"accepted"`
	Rejected int            `json:"rejected"`
	Errors   []decode.Fault `json:"errors,omitempty"`
}

func (a *answer) write(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(a) // the client may be gone
}

// nothing is the problem of a request of which nothing was accepted; nil if there
// was nothing.
func (a *answer) nothing(over, forbidden int) *problem {
	var p *problem
	switch {
	case a.Rejected == 0:
		return nil
	case a.Rejected == forbidden:
		p = newProblem(http.StatusForbidden, "forbidden", a.Errors[0].Detail, "ask who runs this service for a token with a pattern of its name")
	case a.Rejected == over:
		p = newProblem(http.StatusTooManyRequests, "busy", a.Errors[0].Detail, "send less, or ask who runs this service for a higher rate").after(1)
	default:
		p = newProblem(http.StatusBadRequest, "invalid", "nothing was accepted: "+a.Errors[0].Error(), `a reading is {"device": "pump-7", "tag": "temperature", "ts": "2026-11-23T13:00:05Z", "value": 71.3}`)
	}
	p.answer = a
	return p
}

// problem is an error as the API tells it: problem+json, RFC 9457.
type problem struct {
	Title  string `json:"title"`
	Status int    `json:"status"`
	Code   string `json:"code"`
	Detail string `json:"detail"`
	Hint   string `json:"hint,omitempty"`
	*answer

	header http.Header
}

func newProblem(status int, code, detail, hint string) *problem {
	return &problem{Title: http.StatusText(status), Status: status, Code: code, Detail: detail, Hint: hint, header: http.Header{}}
}

// with adds a header.
func (p *problem) with(name, value string) *problem {
	p.header.Set(name, value)
	return p
}

// after says in how many seconds to try again.
func (p *problem) after(seconds int) *problem {
	return p.with("Retry-After", strconv.Itoa(seconds))
}

func (p *problem) write(w http.ResponseWriter) {
	for name, values := range p.header {
		w.Header()[name] = values
	}
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(p.Status)
	_ = json.NewEncoder(w).Encode(p) // the client may be gone
}
