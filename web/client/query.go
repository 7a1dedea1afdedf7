package client

import (
	"net/url"
	"strconv"
	"strings"
	"time"
)

// query is the query of a request. What is zero is left out.
type query url.Values

func (q query) text(name, value string) {
	if value != "" {
		url.Values(q).Set(name, value)
	}
}

func (q query) texts(name string, values []string) { q.text(name, strings.Join(values, ",")) }

func (q query) number(name string, value int64) {
	if value != 0 {
		q.text(name, strconv.FormatInt(value, 10))
	}
}

func (q query) time(name string, value time.Time) {
	if !value.IsZero() {
		q.text(name, value.UTC().Format(time.RFC3339))
	}
}
