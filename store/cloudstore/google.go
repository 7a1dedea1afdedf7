package cloudstore

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"strconv"

	"cloud.google.com/go/storage"
	"gocloud.dev/blob"
	"gocloud.dev/blob/gcsblob"
	"gocloud.dev/gcp"
	"golang.org/x/oauth2"
	"golang.org/x/oauth2/google"
	"google.golang.org/api/option"
)

// attempts is how often a request to Google is made; its client would go on for ever.
const attempts = 5

// openGoogle opens a bucket. ctx is kept, to renew tokens. The opener of
// gocloud.dev keeps that of its first caller, and where there are no credentials
// prints so and goes on.
func openGoogle(ctx context.Context, u *url.URL) (*blob.Bucket, error) {
	query := u.Query()
	anonymous := os.Getenv("STORAGE_EMULATOR_HOST") != ""
	if text := query.Get("anonymous"); text != "" {
		wanted, err := strconv.ParseBool(text)
		if err != nil {
			return nil, fmt.Errorf("anonymous is true or false: %w", err)
		}
		anonymous = anonymous || wanted
	}
	query.Del("anonymous")
	opener := &gcsblob.URLOpener{Client: gcp.NewAnonymousHTTPClient(newTransport())}
	if anonymous {
		if query.Has("grpc") || query.Has("zonal") {
			query.Set("anonymous", "true")
		}
	} else if err := identify(ctx, opener, query.Get("universe_domain")); err != nil {
		return nil, err
	}
	plain := *u
	plain.RawQuery = query.Encode()
	bucket, err := opener.OpenBucketURL(ctx, &plain)
	if err != nil {
		return nil, err
	}
	var client *storage.Client
	if bucket.As(&client) {
		// All that is done here can be done again.
		client.SetRetry(storage.WithMaxAttempts(attempts), storage.WithPolicy(storage.RetryAlways))
	}
	return bucket, nil
}

// identify gives opener the credentials that are found.
func identify(ctx context.Context, opener *gcsblob.URLOpener, domain string) error {
	ctx = context.WithValue(ctx, oauth2.HTTPClient, &http.Client{Transport: newTransport()})
	found, err := gcp.DefaultCredentialsWithParams(ctx, google.CredentialsParams{UniverseDomain: domain})
	if err != nil {
		return err
	}
	if domain, err = found.GetUniverseDomain(); err != nil {
		return err
	}
	opener.Options.ClientOptions = append(opener.Options.ClientOptions, option.WithUniverseDomain(domain))
	opener.TokenSource = gcp.CredentialsTokenSource(found)
	opener.Client, err = gcp.NewHTTPClient(newTransport(), opener.TokenSource)
	return err
}
