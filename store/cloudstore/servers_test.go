//go:build clouds

package cloudstore

import (
	"fmt"
	"strings"
	"testing"

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
	_, err := Open(t.Context(), "s3://bucket?region=us-east-1&endpoint=http://127.0.0.1:1&use_path_style=true")
	if err == nil || !strings.Contains(err.Error(), "can it be reached from here?") {
		t.Error(err)
	}
}
