package simulate

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/klauspost/compress/gzip"
)

// HTTPConfig is how to send by HTTP.
type HTTPConfig struct {
	// URL is the service's, such as http://127.0.0.1:8321.
	URL string
	// Token is sent as a bearer's, unless it is empty.
	Token string
	Gzip  bool
	// Batch is how many messages go in one request at most; 1,000 if it is 0.
	Batch int
	// Connections is how many requests there are at once; 4 if it is 0.
	Connections int
	// Wait is the least before something is sent again, and grows; 100 ms if it is 0.
	Wait time.Duration
	// Timeout is for one request; 1 minute if it is 0.
	Timeout time.Duration
}

// ErrRefused is that the service does not let us send: no try would change that.
var ErrRefused = errors.New("the service refuses the sender")

// HTTP sends batches of NDJSON to POST /api/v1/readings. A batch is sent again until
// it is acknowledged, or rejected.
type HTTP struct {
	*lanes
	config HTTPConfig
	url    string
	client *http.Client
	tally  *Tally
}

// NewHTTP is a sender to a service, which need not be there yet.
func NewHTTP(c HTTPConfig, tally *Tally) (*HTTP, error) {
	u, err := url.Parse(c.URL)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return nil, fmt.Errorf("%q is not an address such as http://127.0.0.1:8321", c.URL)
	}
	if u.User != nil {
		return nil, errors.New("the address has a password: give a token, by FLEETSCORE_TOKEN")
	}
	c.Batch = orDefault(c.Batch, 1000)
	c.Connections = orDefault(c.Connections, 4)
	c.Wait = orDefault(c.Wait, 100*time.Millisecond)
	c.Timeout = orDefault(c.Timeout, time.Minute)
	transport := &http.Transport{Proxy: http.ProxyFromEnvironment, MaxIdleConnsPerHost: c.Connections, IdleConnTimeout: time.Minute}
	h := &HTTP{
		config: c, url: u.JoinPath("/api/v1/readings").String(), tally: tally,
		client: &http.Client{Transport: transport, Timeout: c.Timeout},
	}
	h.lanes = newLanes(c.Connections, c.Batch, tally.notSent, h.serve)
	return h, nil
}

func orDefault[T comparable](v, otherwise T) T {
	var zero T
	if v == zero {
		return otherwise
	}
	return v
}

// Close waits as lanes do, and closes connections.
func (h *HTTP) Close(ctx context.Context) error {
	defer h.client.CloseIdleConnections()
	return h.lanes.Close(ctx)
}

// serve sends what one connection is given.
func (h *HTTP) serve(ctx context.Context, _ int, queue <-chan []Message) error {
	p := post{HTTP: h, wait: backoff{least: h.config.Wait, most: 50 * h.config.Wait}}
	batch := make([]Message, 0, h.config.Batch)
	for part := range queue {
		batch = append(batch[:0], part...)
		for more := true; more && len(batch) < h.config.Batch; {
			select {
			case part, more = <-queue:
				if room := h.config.Batch - len(batch); len(part) > room {
					if err := p.deliver(ctx, append(batch, part[:room]...)); err != nil {
						return err
					}
					batch, part = batch[:0], part[room:]
				}
				batch = append(batch, part...)
			default:
				more = false
			}
		}
		if err := p.deliver(ctx, batch); err != nil {
			return err
		}
	}
	return nil
}

// post is one connection's way of sending, with the memory for it.
type post struct {
	*HTTP
	wait   backoff
	body   []byte
	packed bytes.Buffer
	gzip   *gzip.Writer
}

// encode makes a request's body of messages.
func (p *post) encode(batch []Message) ([]byte, error) {
	p.body = p.body[:0]
	for i := range batch {
		p.body = appendLine(p.body, &batch[i].Reading)
	}
	if !p.config.Gzip {
		return p.body, nil
	}
	p.packed.Reset()
	if p.gzip == nil {
		p.gzip, _ = gzip.NewWriterLevel(&p.packed, gzip.BestSpeed)
	} else {
		p.gzip.Reset(&p.packed)
	}
	if _, err := p.gzip.Write(p.body); err != nil {
		return nil, fmt.Errorf("compressing readings: %w", err)
	}
	if err := p.gzip.Close(); err != nil {
		return nil, fmt.Errorf("compressing readings: %w", err)
	}
	return p.packed.Bytes(), nil
}
