package client

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"syscall"

	"github.com/fleetscore/fleetscore/web"
)

// ErrNotRunning is that nobody answers.
var ErrNotRunning = errors.New("no fleetscore")

// Error is what the service says is wrong.
type Error struct{ web.Problem }

// Error is for people: what was wrong, and what to do.
func (e *Error) Error() string {
	text := e.Detail
	for _, d := range e.Errors {
		if d.Location != "" && !strings.Contains(text, d.Message) {
			text += "; " + d.Location + ": " + d.Message
		}
	}
	if e.Request != "" {
		text += " (request " + e.Request + ")"
	}
	if e.Hint != "" {
		text += "; " + e.Hint
	}
	return text
}

// IsNotFound reports that there is none, as the service says.
func IsNotFound(err error) bool { return hasCode(err, web.CodeNotFound) }

// IsConflict reports that something is not possible as things stand.
func IsConflict(err error) bool { return hasCode(err, web.CodeConflict) }

func hasCode(err error, code string) bool {
	var e *Error
	return errors.As(err, &e) && e.Code == code
}

// problem is the error in an answer.
func problem(res *http.Response) error {
	data, err := io.ReadAll(io.LimitReader(res.Body, maxProblem))
	e := &Error{}
	if err != nil || !strings.HasPrefix(res.Header.Get("Content-Type"), "application/problem+json") || json.Unmarshal(data, &e.Problem) != nil || e.Detail == "" {
		return fmt.Errorf("%s answers %s, which is not how fleetscore does; is it another service?", res.Request.URL.Host, res.Status)
	}
	return e
}

// refused reports that there is nobody who listens.
func refused(err error) bool {
	var dial *net.OpError
	return errors.Is(err, syscall.ECONNREFUSED) || errors.As(err, &dial) && dial.Op == "dial" && dial.Timeout()
}
