package notify

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// Bounds of an answer.
const (
	maxAnswer       = 4 << 10 // bytes of its body that are read
	maxAnswerHeader = 16 << 10
	maxAfter        = 6 * time.Hour // of Retry-After
)

// WebhookConfig is how a webhook is reached.
type WebhookConfig struct {
	URL          string
	Template     string // "cloudevents" or "", "slack", "teams"
	Secret       Secret // nil: messages are not signed
	AllowPrivate bool
	Version      string // of this program
	// RootCAs and so on are the system's unless a test has its own.
	TLS *tls.Config
	Now func() time.Time // nil: time.Now
}

// webhook sends events by HTTP.
type webhook struct {
	cfg    WebhookConfig
	url    *url.URL
	render renderer
	client *http.Client
}

// NewWebhook returns a destination that posts events to a URL. Redirects are not
// followed, and no proxy is used.
func NewWebhook(cfg WebhookConfig) (Destination, error) {
	u, err := parseURL(cfg.URL, cfg.AllowPrivate, webSchemes())
	if err != nil {
		return nil, err
	}
	render, err := rendererOf(cfg.Template)
	if err != nil {
		return nil, err
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	cfg.URL = u.String()
	return &webhook{cfg: cfg, url: u, render: render, client: &http.Client{
		Transport: &http.Transport{
			DialContext: guard{cfg.AllowPrivate}.dialer().DialContext, TLSClientConfig: cfg.TLS, TLSHandshakeTimeout: dialTimeout,
			MaxResponseHeaderBytes: maxAnswerHeader, MaxConnsPerHost: parallel, MaxIdleConnsPerHost: parallel, IdleConnTimeout: time.Minute,
			ForceAttemptHTTP2: true, DisableCompression: true,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}, nil
}

// Where implements Destination.
func (w *webhook) Where() string {
	kind := w.cfg.Template
	if kind == "" {
		kind = CloudEvents
	}
	return "webhook (" + kind + ") " + w.url.Host
}

// Close implements Destination.
func (w *webhook) Close() { w.client.CloseIdleConnections() }

// Send implements Destination.
func (w *webhook) Send(ctx context.Context, e *Event, body []byte) error {
	contentType, body, err := w.render(e, body)
	if err != nil {
		return &Refusal{Text: err.Error(), Final: true}
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, w.cfg.URL, bytes.NewReader(body))
	if err != nil {
		return errors.New("the request cannot be made") // the error would show the URL
	}
	req.Header.Set("Content-Type", contentType)
	req.Header.Set("User-Agent", "fleetscore/"+w.cfg.Version)
	w.cfg.Secret.sign(req.Header, e.ID, w.cfg.Now(), body)
	res, err := w.client.Do(req)
	if err != nil {
		return w.unanswered(ctx, err)
	}
	defer res.Body.Close()
	answer, _ := io.ReadAll(io.LimitReader(res.Body, maxAnswer)) // what it says is for people only
	return w.judge(res, answer)
}

// unanswered is the error of a request without an answer, less its URL.
func (w *webhook) unanswered(ctx context.Context, err error) error {
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return errors.New("it did not answer in time")
	}
	var outer *url.Error
	if errors.As(err, &outer) {
		err = outer.Err
	}
	return fmt.Errorf("reaching %s: %w", w.url.Host, err)
}

// judge says what an answer means.
func (w *webhook) judge(res *http.Response, answer []byte) error {
	if res.StatusCode/100 == 2 {
		return nil
	}
	r := &Refusal{Text: "it answered " + res.Status}
	if text := plain(string(answer), 200); text != "" {
		r.Text += ": " + text
	}
	switch {
	case res.StatusCode == http.StatusGone:
		r.Final = true
		r.Text += " (it wants no more of these; take it out of the settings)"
	case res.StatusCode == http.StatusRequestEntityTooLarge:
		r.Final = true
	case res.StatusCode/100 == 3:
		r.Text = fmt.Sprintf("it answered %s, to another address; redirects are not followed: give the final URL", res.Status)
	case res.StatusCode == http.StatusTooManyRequests || res.StatusCode == http.StatusServiceUnavailable:
		r.After = retryAfter(res.Header.Get("Retry-After"), w.cfg.Now())
	}
	return r
}

// retryAfter reads the header of that name: seconds, or a date. It is bounded.
func retryAfter(text string, now time.Time) time.Duration {
	text = strings.TrimSpace(text)
	if n, err := strconv.ParseUint(text, 10, 32); err == nil {
		return min(time.Duration(n)*time.Second, maxAfter)
	}
	if at, err := http.ParseTime(text); err == nil {
		return max(0, min(at.Sub(now), maxAfter))
	}
	return 0
}
