package cloudstore

import (
	"context"
	"iter"
	"slices"
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
		"s3://b?endpoint=http://u:hunter2@[::1]:1":  "is a secret",
		"azblob://models?domain=u:hunter2@[::1]:1":  "is a secret",
		"s3://bucket?secretkey=hunter2":             "unknown query parameter",
		"azblob://m?storage_account=a&cdn=hunter2":  "invalid syntax",
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

// TestObjects: what others have written under names that cannot be keys is told, but
// for what stands for a folder.
func TestObjects(t *testing.T) {
	s := &Store{}
	s.hold(memblob.OpenBucket(nil), "")
	t.Cleanup(func() { _ = s.Close() })
	for _, key := range []string{"a/b.csv", "a//b.csv", "a/../c.csv", "a/folder/", "a/x\n.csv"} {
		if err := s.bucket.WriteAll(t.Context(), key, nil, nil); err != nil {
			t.Fatal(err)
		}
	}
	for what, c := range map[string]struct {
		list func(context.Context, string) iter.Seq2[store.Info, error]
		want []string
	}{
		"List":    {s.List, []string{"a/b.csv"}},
		"Objects": {s.Objects, []string{"a/../c.csv", "a//b.csv", "a/b.csv", "a/x\n.csv"}},
	} {
		var got []string
		for info, err := range c.list(t.Context(), "a/") {
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, info.Key)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s gives %q, want %q", what, got, c.want)
		}
	}
}
