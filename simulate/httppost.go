package simulate

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// deliver sends a batch until all of it is settled, or the context ends.
func (p *post) deliver(ctx context.Context, batch []Message) error {
	body, err := p.encode(batch)
	if err != nil {
		return err
	}
	for tries := uint32(1); ; tries++ {
		p.tally.sending(len(batch), tries)
		a, err := p.once(ctx, body)
		now := time.Now()
		switch {
		case err == nil && a.again == nil:
			p.settle(batch, tries, now, &a)
			p.wait.reset()
			return nil
		case err == nil && len(batch) > 1 && (a.tooLarge || a.untold && tries%mostUntold == 0):
			// Halves are sent for the first time, as far as they are concerned.
			p.tally.Sent.Add(-int64(len(batch)))
			half := len(batch) / 2
			if err := p.deliver(ctx, batch[:half]); err != nil {
				return err
			}
			return p.deliver(ctx, batch[half:])
		case err == nil:
			err = a.again
		}
		p.tally.troubled(err)
		if errors.Is(err, ErrRefused) || ctx.Err() != nil {
			p.giveUp(batch, tries, now)
			return err
		}
		if err := p.wait.wait(ctx, a.after); err != nil {
			p.giveUp(batch, tries, time.Now())
			return err
		}
	}
}

// mostUntold is how often a batch is sent again of which it is not known what was
// taken, before it is cut in halves.
const mostUntold = 3

func (p *post) giveUp(batch []Message, tries uint32, now time.Time) {
	for i := range batch {
		p.tally.settle(&batch[i], Unanswered, tries, now)
	}
}

// settle takes what the service has answered to a batch.
func (p *post) settle(batch []Message, tries uint32, now time.Time, a *answer) {
	bad := make(map[int]string, len(a.lines))
	for _, l := range a.lines {
		bad[l.Line] = l.Error
	}
	for i := range batch {
		reason, rejected := bad[i+1]
		switch {
		case a.rejected != "":
			p.tally.rejected(&batch[i], tries, now, a.rejected)
		case rejected:
			p.tally.rejected(&batch[i], tries, now, reason)
		default:
			p.tally.settle(&batch[i], Acknowledged, tries, now)
		}
	}
}

// answer is what a service says to a batch.
type answer struct {
	lines    []badLine // that were not taken; the others were
	rejected string    // why none was taken, nor ever will be
	again    error     // why it must be sent again
	tooLarge bool
	untold   bool // some were taken, and it does not say which
	after    time.Duration
}

// badLine is a line of a batch, from 1 on, and what is wrong with it.
type badLine struct {
	Line  int    `json:"line"`
	Error string `json:"detail"`
}

// maxAnswer is how much of an answer is read.
const maxAnswer = 1 << 20

// once sends a body.
func (p *post) once(ctx context.Context, body []byte) (a answer, err error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, p.url, bytes.NewReader(body))
	if err != nil {
		return a, err
	}
	request.Header.Set("Content-Type", "application/x-ndjson")
	if p.config.Gzip {
		request.Header.Set("Content-Encoding", "gzip")
	}
	if p.config.Token != "" {
		request.Header.Set("Authorization", "Bearer "+p.config.Token)
	}
	response, err := p.client.Do(request)
	if err != nil {
		return a, err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer))
	if err != nil { // it may have said that some were not taken
		return a, err
	}
	return judge(response, text), nil
}

// judge says what an answer means.
func judge(r *http.Response, text []byte) (a answer) {
	said := fmt.Errorf("the service says %s: %.200s", r.Status, strings.TrimSpace(string(text)))
	switch code := r.StatusCode; {
	case code < 300:
		var body struct {
			Rejected int       `json:"rejected"`
			Errors   []badLine `json:"errors"`
		}
		if json.Unmarshal(text, &body) == nil {
			a.lines = slices.DeleteFunc(body.Errors, func(l badLine) bool { return l.Line == 0 })
			// It tells the first ones only, and nothing of those over the rate of a device.
			if body.Rejected > len(a.lines) {
				a.again, a.untold = said, true
			}
		}
	case code == http.StatusUnauthorized || code == http.StatusForbidden || code == http.StatusNotFound:
		a.again = fmt.Errorf("%w: %w", ErrRefused, said)
	case code == http.StatusRequestEntityTooLarge:
		a.again, a.tooLarge = said, true
	case code == http.StatusTooManyRequests || code == http.StatusRequestTimeout || code >= 500:
		a.again, a.after = said, retryAfter(r.Header.Get("Retry-After"))
	default:
		a.rejected = said.Error()
	}
	return a
}

// retryAfter reads the header of that name, up to a minute.
func retryAfter(text string) time.Duration {
	var d time.Duration
	if seconds, err := strconv.Atoi(text); err == nil {
		d = time.Duration(min(seconds, 60)) * time.Second
	} else if at, err := http.ParseTime(text); err == nil {
		d = time.Until(at)
	}
	return min(max(d, 0), time.Minute)
}
