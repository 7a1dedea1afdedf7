package web

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/fleetscore/fleetscore/credential"
	"github.com/fleetscore/fleetscore/ledger"
	"github.com/fleetscore/fleetscore/store"
)

// The codes of problems. They do not change.
const (
	CodeInvalid      = "invalid"
	CodeUnauthorized = "unauthorized"
	CodeForbidden    = "forbidden"
	CodeBadHost      = "bad_host"
	CodeBadOrigin    = "bad_origin"
	CodeNotFound     = "not_found"
	CodeNoMethod     = "method_not_allowed"
	CodeConflict     = "conflict"
	CodeTooLarge     = "too_large"
	CodeMediaType    = "unsupported_media_type"
	CodeTimeout      = "timeout"
	CodeUnavailable  = "unavailable"
	CodeTooMany      = "too_many_requests"
	CodeDamaged      = "damaged" // an object of the store that counts is gone, or not as it was written
	CodeInternal     = "internal"
)

// Problem is an error as the API tells it: problem+json, RFC 9457.
type Problem struct {
	Title   string   `json:"title" doc:"what the status means"`
	Status  int      `json:"status" doc:"the HTTP status"`
	Code    string   `json:"code" enum:"invalid,unauthorized,forbidden,bad_host,bad_origin,not_found,method_not_allowed,conflict,too_large,unsupported_media_type,timeout,unavailable,too_many_requests,damaged,internal" doc:"what it is, for programs"`
	Detail  string   `json:"detail" doc:"what was wrong, for people"`
	Hint    string   `json:"hint,omitempty" doc:"what to do"`
	Request string   `json:"request,omitempty" doc:"the number of the request in the service's log"`
	Errors  []Detail `json:"errors,omitempty" nullable:"false" doc:"what of the request was wrong"`

	retry string // seconds
}

// Detail is one thing that is wrong with a request.
type Detail struct {
	Location string `json:"location,omitempty" doc:"where, such as query.limit or body.interval.from"`
	Message  string `json:"message"`
}

// Error makes a Problem an error.
func (p *Problem) Error() string { return p.Detail }

// GetStatus is for huma.
func (p *Problem) GetStatus() int { return p.Status }

// GetHeaders is for huma.
func (p *Problem) GetHeaders() http.Header {
	if p.retry == "" {
		return nil
	}
	return http.Header{"Retry-After": {p.retry}}
}

// ContentType is for huma.
func (p *Problem) ContentType(string) string { return problemType }

const problemType = "application/problem+json"

func newProblem(status int, code, detail, hint string) *Problem {
	return &Problem{Title: http.StatusText(status), Status: status, Code: code, Detail: detail, Hint: hint}
}

// missing is that there is none.
func missing(detail, hint string) *Problem {
	return newProblem(http.StatusNotFound, CodeNotFound, detail, hint)
}

// invalid is a problem of one parameter.
func invalid(location string, err error) *Problem {
	p := newProblem(http.StatusUnprocessableEntity, CodeInvalid, location+": "+err.Error(), "")
	p.Errors = []Detail{{location, err.Error()}}
	return p
}

// Refuse is the problem of a request that is not valid, with all that is wrong.
func Refuse(detail string, wrong []Detail) *Problem {
	p := newProblem(http.StatusUnprocessableEntity, CodeInvalid, detail, "")
	p.Errors = wrong
	return p
}

// Damaged is the problem of an object in the store, and what to do about it.
func Damaged(detail, hint string) *Problem {
	return newProblem(http.StatusInternalServerError, CodeDamaged, detail, hint)
}

// codeOf is the code of what huma or net/http refused.
func codeOf(status int) string {
	switch status {
	case http.StatusUnauthorized:
		return CodeUnauthorized
	case http.StatusForbidden:
		return CodeForbidden
	case http.StatusNotFound:
		return CodeNotFound
	case http.StatusMethodNotAllowed:
		return CodeNoMethod
	case http.StatusConflict:
		return CodeConflict
	case http.StatusRequestEntityTooLarge:
		return CodeTooLarge
	case http.StatusUnsupportedMediaType:
		return CodeMediaType
	case http.StatusRequestTimeout, http.StatusGatewayTimeout:
		return CodeTimeout
	case http.StatusServiceUnavailable:
		return CodeUnavailable
	case http.StatusInternalServerError:
		return CodeInternal
	}
	return CodeInvalid
}

// fromModel is huma's error as a Problem. What was sent is not sent back.
func fromModel(m *huma.ErrorModel) *Problem {
	p := newProblem(m.Status, codeOf(m.Status), m.Detail, "")
	for _, e := range m.Errors {
		if e != nil {
			p.Errors = append(p.Errors, Detail{e.Location, e.Message})
		}
	}
	if len(p.Errors) > 0 && p.Code == CodeInvalid {
		p.Detail = p.Errors[0].Message
		if at := p.Errors[0].Location; at != "" {
			p.Detail = at + ": " + p.Detail
		}
		p.Hint = "docs/api.md and /openapi.json say what is allowed"
	}
	return p
}

// retryAfter is when it may be worth trying again what the ledger or the store was not
// there for.
const retryAfter = 5 * time.Second

// problemOf is what the API says of err. It is false if err is not for others to
// read: then it must be logged.
func problemOf(err error) (p *Problem, told bool) {
	if errors.As(err, &p) {
		return p, true
	}
	text := err.Error()
	switch {
	case errors.Is(err, ErrNotFound), errors.Is(err, ledger.ErrNotFound), errors.Is(err, store.ErrNotFound):
		return newProblem(http.StatusNotFound, CodeNotFound, text, "see what there is: fleetscore job list, run list, stream status"), true
	case errors.Is(err, store.ErrNoObject):
		return newProblem(http.StatusUnprocessableEntity, CodeInvalid, text, "nothing of it is read: whoever keeps the store can put a file there"), true
	case errors.Is(err, credential.ErrNone):
		return newProblem(http.StatusNotFound, CodeNotFound, text, "fleetscore token list says what there is"), true
	case errors.Is(err, ErrConflict), errors.Is(err, credential.ErrConflict), errors.Is(err, ledger.ErrActive), errors.Is(err, ledger.ErrFinal):
		return newProblem(http.StatusConflict, CodeConflict, text, "try again when that has changed"), true
	case errors.Is(err, ErrInvalid), errors.Is(err, credential.ErrInvalid):
		return newProblem(http.StatusUnprocessableEntity, CodeInvalid, text, ""), true
	case errors.Is(err, ErrUnavailable):
		return newProblem(http.StatusServiceUnavailable, CodeUnavailable, text, "try again in a moment; /readyz says what does not answer").after(retryAfter), true
	case errors.Is(err, ledger.ErrAway): // the text has the address of the database
		return newProblem(http.StatusServiceUnavailable, CodeUnavailable, "the database of the ledger does not answer",
			"try again in a moment; a change may have been made all the same, so look before you repeat it; fleetscore doctor says what is wrong").after(retryAfter), true
	case errors.Is(err, ledger.ErrLost):
		return newProblem(http.StatusServiceUnavailable, CodeUnavailable, "this service is not the active one any more", "ask the one that has taken over, or try again").after(retryAfter), true
	case errors.Is(err, ledger.ErrNoBackup):
		return newProblem(http.StatusConflict, CodeConflict, text, "docs/security.md tells of backups"), true
	case errors.Is(err, context.DeadlineExceeded):
		return newProblem(http.StatusGatewayTimeout, CodeTimeout, "it took too long", "try again, or ask for less"), false
	case errors.Is(err, context.Canceled):
		return newProblem(http.StatusServiceUnavailable, CodeUnavailable, "the service is stopping", "try again in a moment"), true
	}
	return newProblem(http.StatusInternalServerError, CodeInternal, "something went wrong inside", "the service's log has it, under the number of this request"), false
}

// write answers a request that huma does not see.
func (p *Problem) write(w http.ResponseWriter) {
	w.Header().Set("Content-Type", problemType)
	w.Header().Del("Content-Length")
	if p.retry != "" {
		w.Header().Set("Retry-After", p.retry)
	}
	w.WriteHeader(p.Status)
	_ = json.NewEncoder(w).Encode(p) // the client may be gone
}
