package cloudstore

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"gocloud.dev/blob"
	_ "gocloud.dev/blob/azureblob" // registers azblob://
	_ "gocloud.dev/blob/gcsblob"   // registers gs://
	_ "gocloud.dev/blob/s3blob"    // registers s3://

	"github.com/fleetscore/fleetscore/store"
)

// Schemes are the kinds of URLs that Open takes.
func Schemes() []string { return []string{"azblob", "s3", "gs"} }

// patience is how long a store may take to answer for the first time. Clients
// would try for minutes to reach a host that is not there.
const patience = 30 * time.Second

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
	shown := (&url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path}).String()
	prefix := strings.Trim(u.Path, "/")
	if prefix != "" {
		if err := store.CheckKey(prefix); err != nil {
			return nil, fmt.Errorf("%s: the path: %w", shown, err)
		}
	}
	u.Path, u.RawPath = "", ""
	ctx, stop := context.WithTimeoutCause(ctx, patience, fmt.Errorf("no answer within %v", patience))
	defer stop()
	bucket, err := blob.OpenBucket(ctx, u.String())
	if err != nil {
		return nil, explain(ctx, shown, err)
	}
	s := wrap(bucket, prefix, shown, u.Scheme)
	if err := s.reach(ctx); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
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

func wrap(bucket *blob.Bucket, prefix, shown, scheme string) *Store {
	if prefix != "" {
		bucket = blob.PrefixedBucket(bucket, prefix+"/")
	}
	return &Store{bucket: bucket, url: shown, scheme: scheme}
}

// reach asks for something that every store answers.
func (s *Store) reach(ctx context.Context) error {
	ok, err := s.bucket.IsAccessible(ctx)
	switch {
	case err != nil:
		return explain(ctx, s.url, err)
	case !ok:
		return fmt.Errorf("%s: there is no such %s, or these credentials may not see it", s.url, s.noun())
	}
	return nil
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
	case !slices.Contains(Schemes(), u.Scheme):
		return nil, fmt.Errorf("stores of the kind %s:// are not supported; those that are: a path, file://, azblob://, s3://, gs://", u.Scheme)
	case u.Host == "":
		return nil, fmt.Errorf("%s://: the name of the bucket is missing; the form is %s://BUCKET/PATH", u.Scheme, u.Scheme)
	case u.User != nil:
		return nil, errors.New("a URL with a user or a password in it: credentials belong into the environment or a profile; see docs/storage.md")
	case u.Fragment != "":
		return nil, fmt.Errorf("%s://%s: a # in the path is written %%23", u.Scheme, u.Host)
	}
	for name := range u.Query() {
		if slices.Contains(secrets, strings.ToLower(name)) {
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
func (s *Store) Close() error { return s.bucket.Close() }

// String is the URL, without its query.
func (s *Store) String() string { return s.url }
