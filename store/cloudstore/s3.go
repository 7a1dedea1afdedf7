package cloudstore

import (
	"context"
	"fmt"
	"net/url"

	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/smithy-go/logging"
	"gocloud.dev/blob"
	"gocloud.dev/blob/s3blob"
)

// openS3 opens a bucket with the client that gocloud.dev makes for the URL, but
// for its connections.
func openS3(ctx context.Context, u *url.URL) (*blob.Bucket, error) {
	var opener s3blob.URLOpener
	bucket, err := opener.OpenBucketURL(ctx, u) // sets opener.Options
	if err != nil {
		return nil, err
	}
	var client *s3.Client
	if !bucket.As(&client) {
		return nil, fmt.Errorf("the client of %s:// is of an unknown kind", u.Scheme)
	}
	options := client.Options()
	if web, ok := options.HTTPClient.(*awshttp.BuildableClient); ok {
		options.HTTPClient = web.WithTransportOptions(tune)
	}
	options.Logger = logging.Nop{} // it would have a line for every object without a checksum
	return s3blob.OpenBucket(ctx, s3.New(options), u.Host, &opener.Options)
}
