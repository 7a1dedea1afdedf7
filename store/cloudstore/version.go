package cloudstore

import (
	"time"

	"cloud.google.com/go/storage"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	azblobblob "github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blob"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"gocloud.dev/blob"
)

// version is one version of an object. The zero version is whatever is there.
type version struct {
	size       int64
	modTime    time.Time
	etag       string
	generation int64 // Google's; 0: none
}

func versionOf(a *blob.Attributes) version {
	v := version{size: a.Size, modTime: a.ModTime, etag: a.ETag}
	var attrs storage.ObjectAttrs
	if a.As(&attrs) {
		v.generation = attrs.Generation
	}
	return v
}

// options make a request one for this version, as it is stored.
func (v version) options() *blob.ReaderOptions {
	return &blob.ReaderOptions{BeforeRead: func(as func(any) bool) error {
		var in *s3.GetObjectInput
		var stream *azblob.DownloadStreamOptions
		var object **storage.ObjectHandle
		switch {
		case as(&object):
			// Google would decompress what is marked as compressed.
			*object = (*object).ReadCompressed(true)
			if v.generation != 0 {
				*object = (*object).Generation(v.generation)
			}
		case v.etag == "":
		case as(&in):
			in.IfMatch = &v.etag
		case as(&stream):
			match := azcore.ETag(v.etag)
			stream.AccessConditions = &azblobblob.AccessConditions{ModifiedAccessConditions: &azblobblob.ModifiedAccessConditions{IfMatch: &match}}
		}
		return nil
	}}
}

// matches looks at an answer too, for servers that know no conditions. Google
// does, and its times are of two kinds.
func (v version) matches(r *blob.Reader) bool {
	modTime := v.modTime
	if r.ModTime().Nanosecond() == 0 {
		modTime = modTime.Truncate(time.Second) // as headers have it
	}
	return r.Size() == v.size && (v.generation != 0 || r.ModTime().Equal(modTime))
}
