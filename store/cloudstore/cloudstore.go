package cloudstore

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"slices"
	"strings"
	"time"

	"gocloud.dev/blob"

	"github.com/fleetscore/fleetscore/store"
)

// openers are the kinds of URLs that Open takes.
var openers = map[string]func(context.Context, *url.URL) (*blob.Bucket, error){
	"azblob": openAzure,
	"s3":     openS3,
	"gs":     openGoogle,
}

// patience is how long a store may take to answer for the first time. Clients
// would try for minutes to reach a host that is not there.
const patience = 30 * time.Second

const noAnswer = "no answer"

// Store is a store in a bucket. Any number of goroutines may use it.
type Store struct {
	bucket *blob.Bucket
	url    string // for messages; without its query
	scheme string
}

var (
	_ store.Store       = (*Store)(nil)
	_ store.BatchWriter = (*Store)(nil)
)

// Open opens the store that a URL names, and makes sure that it can be reached.
func Open(ctx context.Context, location string) (*Store, error) {
	u, err := parse(location)
	if err != nil {
		return nil, err
	}
	s := &Store{url: (&url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path}).String(), scheme: u.Scheme}
	prefix := strings.Trim(u.Path, "/")
	if prefix != "" {
		if err := store.CheckKey(prefix); err != nil {
			return nil, fmt.Errorf("%s: the path: %w", s.url, err)
		}
	}
	u.Path, u.RawPath = "", ""
	query := u.Query()
	waiting, stop := context.WithTimeoutCause(ctx, patience, fmt.Errorf("%s within %v", noAnswer, patience))
	defer stop()
	opened := make(chan error, 1)
	// Some clients renew their tokens with the context that they are opened with, and
	// do not look at it while they look for credentials.
	go func() { opened <- s.open(context.WithoutCancel(ctx), waiting, u, prefix) }()
	select {
	case err = <-opened:
	case <-waiting.Done():
		err = context.Cause(waiting)
		go func() {
			<-opened //nolint:errcheck // it failed, or is of no use any more
			_ = s.Close()
		}()
		return nil, s.explain(waiting, err)
	}
	if err != nil {
		return nil, errors.Join(s.explain(waiting, hide(err, query)), s.Close())
	}
	return s, nil
}

// open opens the bucket with one context and tries it with another.
func (s *Store) open(lasting, waiting context.Context, u *url.URL, prefix string) error {
	bucket, err := openers[u.Scheme](lasting, u)
	if err != nil {
		return err
	}
	s.hold(bucket, prefix)
	_, _, err = s.bucket.ListPage(waiting, blob.FirstPageToken, 1, nil)
	if err == io.EOF { // of an empty bucket
		err = nil
	}
	return err
}

// Split takes a URL apart: the bucket's, with the query, and the key or prefix in it.
func Split(location string) (bucket, key string, err error) {
	u, err := parse(location)
	if err != nil {
		return "", "", err
	}
	key = strings.Trim(u.Path, "/")
	u.Path, u.RawPath = "", ""
	return u.String(), key, nil
}

// hold makes the objects below prefix those of the store.
func (s *Store) hold(bucket *blob.Bucket, prefix string) {
	if prefix != "" {
		bucket = blob.PrefixedBucket(bucket, prefix+"/")
	}
	s.bucket = bucket
}

// noun is what the cloud calls a bucket.
func (s *Store) noun() string {
	if s.scheme == "azblob" {
		return "container"
	}
	return "bucket"
}

// parse reads a URL and refuses one that holds a secret.
func parse(location string) (*url.URL, error) {
	scheme, _, _ := strings.Cut(location, ":")
	u, err := url.Parse(location)
	if err != nil {
		// The error would show the URL, whatever it holds.
		return nil, fmt.Errorf("a %s URL that cannot be read; its form is %s://BUCKET/PATH", scheme, scheme)
	}
	switch {
	case openers[u.Scheme] == nil:
		return nil, fmt.Errorf("stores of the kind %s:// are not supported; those that are: a path, file://, azblob://, s3://, gs://", u.Scheme)
	case u.Host == "":
		return nil, fmt.Errorf("%s://: the name of the bucket is missing; the form is %s://BUCKET/PATH", u.Scheme, u.Scheme)
	case u.User != nil:
		return nil, errors.New("a URL with a user or a password in it: credentials belong into the environment or a profile; see docs/storage.md")
	case u.Fragment != "":
		return nil, fmt.Errorf("%s://%s: a # in the path is written %%23", u.Scheme, u.Host)
	}
	for name, values := range u.Query() {
		// An endpoint may have a user and a password in it, too.
		user := slices.ContainsFunc(values, func(value string) bool { return strings.Contains(value, "@") })
		if user || slices.Contains(secrets, strings.ToLower(name)) {
			return nil, fmt.Errorf("%s://%s: %s in a URL is a secret that others can read; credentials belong into the environment or a profile; see docs/storage.md",
				u.Scheme, u.Host, name)
		}
	}
	return u, nil
}

// secrets are parameters that hold credentials, in lower case.
var secrets = []string{"sig", "sv", "sas", "sas_token", "key", "account_key", "access_key", "secret", "secret_key", "password", "token",
	"session_token", "private_key", "private_key_path", "access_id", "aws_access_key_id", "aws_secret_access_key", "x-amz-signature"}

// Close lets go of the store's connections.
func (s *Store) Close() error {
	if s.bucket == nil {
		return nil
	}
	return s.bucket.Close()
}

// String is the URL, without its query.
func (s *Store) String() string { return s.url }
