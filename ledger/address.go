package ledger

import (
	"errors"
	"fmt"
	"hash/fnv"
	"net/url"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
)

// IsURL reports whether a ledger is in a database server, and not in a file.
func IsURL(place string) bool {
	return strings.HasPrefix(place, "postgres://") || strings.HasPrefix(place, "postgresql://")
}

// CheckURL says what is wrong with the URL of a database, without connecting.
func CheckURL(place string) error {
	if !IsURL(place) {
		return errors.New("is no URL such as postgres://user@host/database")
	}
	_, err := parsePostgres(place)
	return err
}

// secrets are what a URL may have beside the password in its user.
func secrets() []string { return []string{"password", "sslpassword"} }

// HasSecret reports whether a URL has a password in it.
func HasSecret(place string) bool {
	u, err := url.Parse(place)
	if err != nil {
		return strings.Contains(place, "@") // better too careful
	}
	if _, has := u.User.Password(); has {
		return true
	}
	for _, name := range secrets() {
		if u.Query().Has(name) {
			return true
		}
	}
	return false
}

// Shown is where a ledger is, without the password that a URL may have.
func Shown(place string) string {
	if !IsURL(place) {
		return place
	}
	u, err := url.Parse(place)
	if err != nil {
		return "the database"
	}
	if u.User != nil {
		u.User = url.User(u.User.Username())
	}
	query := u.Query()
	for _, name := range secrets() {
		query.Del(name)
	}
	u.RawQuery = query.Encode()
	return u.String()
}

const connectTimeout = 3 * time.Second

// parsePostgres reads a URL and the environment of PostgreSQL's own tools (PGHOST,
// PGPASSWORD, …). What it says of a URL has nothing of it: it may be a secret.
func parsePostgres(place string) (*pgx.ConnConfig, error) {
	u, err := url.Parse(place)
	if err != nil {
		return nil, errors.New("is no URL: a character in it is not one of a URL's; % and others are written %25 and the like")
	}
	config, err := pgx.ParseConfig(place)
	if err != nil {
		return nil, fmt.Errorf("cannot be understood%s; PostgreSQL's documentation has its form under connection URIs", whatOf(err))
	}
	if u.Query().Get("connect_timeout") == "" {
		config.ConnectTimeout = connectTimeout
	}
	if config.RuntimeParams["application_name"] == "" {
		config.RuntimeParams["application_name"] = "fleetscore"
	}
	config.DialFunc = dial
	config.OnNotice = nil
	return config, nil
}

// whatOf is the reason of an error that also has a URL, if it is one that has not.
func whatOf(err error) string {
	inner := errors.Unwrap(err)
	if inner == nil || strings.Contains(inner.Error(), "://") {
		return ""
	}
	return ": " + inner.Error()
}

// lockKey is that of the advisory lock of a ledger in a schema.
func lockKey(schema string) int64 {
	h := fnv.New64a()
	_, _ = h.Write([]byte("fleetscore ledger " + schema))
	return int64(h.Sum64())
}
