package client

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"
)

// Bounds of a Client.
const (
	dialTimeout = 5 * time.Second
	maxAnswer   = 256 << 20
	maxProblem  = 1 << 20
	apiBase     = "/api/v1"
)

// requestTimeout is how long an answer may take that is no stream.
const requestTimeout = 3 * time.Minute

// Client speaks to one service. It may be used by many goroutines at once.
type Client struct {
	base  string // URL without a slash at its end
	token string
	http  *http.Client
}

// New returns a Client of the service at a URL. The token may be empty: on the
// service's own machine that is enough to read.
func New(baseURL, token string) (*Client, error) { return NewTLS(baseURL, token, nil) }

// NewTLS is New with what is trusted, and shown; nil: what the system trusts.
func NewTLS(baseURL, token string, trust *tls.Config) (*Client, error) {
	u, err := url.Parse(baseURL)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return nil, fmt.Errorf("%q is not the address of a service; one looks like http://127.0.0.1:8321", baseURL)
	}
	if token != "" && u.Scheme == "http" && !loopback(u.Hostname()) {
		return nil, fmt.Errorf("the token would cross the network unencrypted: use https for %s", u.Host)
	}
	transport := &http.Transport{
		DialContext: (&net.Dialer{Timeout: dialTimeout}).DialContext, TLSHandshakeTimeout: dialTimeout, TLSClientConfig: trust,
		MaxIdleConnsPerHost: 4, IdleConnTimeout: 30 * time.Second, ForceAttemptHTTP2: true,
	}
	return &Client{base: strings.TrimSuffix(u.String(), "/"), token: strings.TrimSpace(token), http: &http.Client{
		Transport: transport,
		// A redirect would take the token elsewhere; the API has none.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}, nil
}

// URL is the address of the service.
func (c *Client) URL() string { return c.base }

// Close ends connections that wait for the next request.
func (c *Client) Close() { c.http.CloseIdleConnections() }

func loopback(host string) bool {
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && ip.Unmap().IsLoopback()
}

// open sends a request, and gives its answer if that is a success.
func (c *Client) open(ctx context.Context, method, path string, query url.Values, body any, header http.Header) (*http.Response, error) {
	target := c.base + path
	if len(query) > 0 {
		target += "?" + query.Encode()
	}
	var sent io.Reader
	if body != nil {
		data, err := json.Marshal(body)
		if err != nil {
			return nil, fmt.Errorf("writing the request: %w", err)
		}
		sent = bytes.NewReader(data)
	}
	req, err := http.NewRequestWithContext(ctx, method, target, sent)
	if err != nil {
		return nil, fmt.Errorf("making the request: %w", err)
	}
	for name, values := range header {
		req.Header[name] = values
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if c.token != "" {
		req.Header.Set("Authorization", "Bearer "+c.token)
	}
	res, err := c.http.Do(req)
	if err != nil {
		return nil, c.unanswered(ctx, err)
	}
	if res.StatusCode/100 != 2 {
		defer res.Body.Close()
		return nil, problem(res)
	}
	return res, nil
}

// unanswered is the error of a request without an answer.
func (c *Client) unanswered(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if refused(err) {
		return fmt.Errorf("%w at %s; start one with `fleetscore up`", ErrNotRunning, c.base)
	}
	var inner *url.Error
	if errors.As(err, &inner) {
		err = inner.Err // which does not say the address again
	}
	return fmt.Errorf("asking %s: %w", c.base, err)
}

// call sends a request, and reads an answer that is JSON.
func call[T any](ctx context.Context, c *Client, method, path string, query url.Values, body any) (*T, error) {
	ctx, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	res, err := c.open(ctx, method, path, query, body, nil)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	data, err := io.ReadAll(io.LimitReader(res.Body, maxAnswer+1))
	if err != nil {
		return nil, c.unanswered(ctx, err)
	}
	if len(data) > maxAnswer {
		return nil, fmt.Errorf("the answer of %s is larger than %d bytes; ask for less at a time", c.base, maxAnswer)
	}
	answer := new(T)
	if err := json.Unmarshal(data, answer); err != nil {
		return nil, fmt.Errorf("the answer of %s%s cannot be read, perhaps that is no fleetscore: %w", c.base, path, err)
	}
	return answer, nil
}

func get[T any](ctx context.Context, c *Client, path string, query url.Values) (*T, error) {
	return call[T](ctx, c, http.MethodGet, path, query, nil)
}

func post[T any](ctx context.Context, c *Client, path string, body any) (*T, error) {
	return call[T](ctx, c, http.MethodPost, path, nil, body)
}

// at is a path of the API, its parts made safe.
func at(parts ...string) string {
	for i := range parts {
		parts[i] = url.PathEscape(parts[i])
	}
	return apiBase + "/" + strings.Join(parts, "/")
}
