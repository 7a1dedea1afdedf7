//go:build clouds

package cloudstore

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"

	"gocloud.dev/blob"

	"github.com/fleetscore/fleetscore/internal/testkit/servers"
	"github.com/fleetscore/fleetscore/store"
	"github.com/fleetscore/fleetscore/store/storetest"
)

func TestAzure(t *testing.T) { testServer(t, servers.Azure(t)) }

func TestS3(t *testing.T) { testServer(t, servers.S3(t)) }

func TestGCS(t *testing.T) { testServer(t, servers.GCS(t)) }

// testServer runs the suite with a bucket for each store.
func testServer(t *testing.T, server *servers.Server) {
	server.Setenv(t)
	n := 0
	storetest.Run(t, func(t *testing.T) store.Store {
		n++
		bucket := fmt.Sprintf("bucket-%d", n)
		server.Make(t, bucket)
		s, err := Open(t.Context(), server.URL(bucket))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = s.Close() })
		return s
	})
}

// TestPrefix runs the suite below a path of one bucket.
func TestPrefix(t *testing.T) {
	server := servers.GCS(t)
	server.Setenv(t)
	server.Make(t, "bucket")
	bucket, query, _ := strings.Cut(server.URL("bucket"), "?")
	n := 0
	storetest.Run(t, func(t *testing.T) store.Store {
		n++
		s, err := Open(t.Context(), fmt.Sprintf("%s/%d/?%s", bucket, n, query))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = s.Close() })
		return s
	})
}

// TestUnreachable: an address at which nobody listens is told so, soon.
func TestUnreachable(t *testing.T) {
	t.Setenv("AWS_ACCESS_KEY_ID", "a")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "b")
	t.Setenv("AZURE_STORAGE_ACCOUNT", "a")
	t.Setenv("AZURE_STORAGE_KEY", "aGVsbG8=")
	t.Setenv("STORAGE_EMULATOR_HOST", "127.0.0.1:1")
	var opens sync.WaitGroup
	for _, url := range []string{
		"s3://bucket?region=us-east-1&endpoint=http://127.0.0.1:1&use_path_style=true",
		"azblob://bucket?protocol=http&domain=127.0.0.1:1",
		"gs://bucket",
	} {
		opens.Go(func() {
			_, err := Open(t.Context(), url)
			if err == nil || !strings.Contains(err.Error(), adviseAddress) || !strings.Contains(err.Error(), "connection refused") {
				t.Errorf("%s: %v", url, err)
			}
		})
	}
	opens.Wait()
}

// TestEncoded: what is marked as compressed is read as it is stored.
func TestEncoded(t *testing.T) {
	for _, server := range []*servers.Server{servers.Azure(t), servers.S3(t), servers.GCS(t)} {
		server.Setenv(t)
		server.Make(t, "bucket")
		s, err := Open(t.Context(), server.URL("bucket"))
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		var stored bytes.Buffer
		w := gzip.NewWriter(&stored)
		_, _ = io.WriteString(w, strings.Repeat("ts,device,tag,value\n", 1000))
		_ = w.Close()
		if err := s.bucket.Upload(t.Context(), "a", bytes.NewReader(stored.Bytes()),
			&blob.WriterOptions{ContentType: "text/csv", ContentEncoding: "gzip"}); err != nil {
			t.Fatal(err)
		}
		if got, err := s.Get(t.Context(), "a", nil); err != nil || !bytes.Equal(got, stored.Bytes()) {
			t.Errorf("%s: Get is %d bytes, %v; want %d", s.scheme, len(got), err, stored.Len())
		}
		f, err := s.Open(t.Context(), "a")
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(io.NewSectionReader(f, 0, f.Info().Size))
		if err = errors.Join(err, f.Close()); err != nil || !bytes.Equal(got, stored.Bytes()) {
			t.Errorf("%s: the file is %d bytes, %v; want %d", s.scheme, len(got), err, stored.Len())
		}
	}
}
