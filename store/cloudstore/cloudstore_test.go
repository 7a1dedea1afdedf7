package cloudstore

import (
	"context"
	"strings"
	"testing"

	"go.uber.org/goleak"
	"gocloud.dev/blob/memblob"

	"github.com/fleetscore/fleetscore/store"
	"github.com/fleetscore/fleetscore/store/storetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// TestMemory runs the suite over a bucket in memory: what is ours, without a cloud.
func TestMemory(t *testing.T) {
	storetest.Run(t, func(t *testing.T) store.Store {
		s := &Store{url: "mem://test", scheme: "mem"}
		s.hold(memblob.OpenBucket(nil), "")
		t.Cleanup(func() { _ = s.Close() })
		return s
	})
}

// TestRefused: URLs that cannot be used, or must not; no secret is repeated.
func TestRefused(t *testing.T) {
	for url, want := range map[string]string{
		"ftp://host/x":                              "not supported",
		"s3://":                                     "name of the bucket is missing",
		"s3:///models":                              "name of the bucket is missing",
		"s3://AKIA:hunter2@bucket/x":                "a user or a password",
		"azblob://models?sig=hunter2":               "is a secret",
		"azblob://models?SAS_TOKEN=hunter2":         "is a secret",
		"gs://models?access_id=hunter2":             "is a secret",
		"s3://bucket/a/../b":                        "the path",
		"s3://bucket/a//b":                          "the path",
		"s3://bucket/x#y":                           "%23",
		"s3://buck\x7fet/hunter2":                   "cannot be read",
		"s3://bucket/x?region=eu&no_such_param=yes": "no_such_param",
	} {
		_, err := Open(context.Background(), url)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", url, err, want)
		}
		if err != nil && strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%q: the error repeats the secret: %v", url, err)
		}
	}
}
