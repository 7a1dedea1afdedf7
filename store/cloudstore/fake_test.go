package cloudstore

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"encoding/pem"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"gocloud.dev/blob"
	"gocloud.dev/blob/gcsblob"
	"gocloud.dev/blob/memblob"

	"github.com/fleetscore/fleetscore/store"
)

// fakeS3 is a server of the S3 protocol, with TLS, that answers as handle does but for
// lists, which are empty. made counts its connections.
func fakeS3(t *testing.T, handle http.HandlerFunc) (s *Store, made *atomic.Int64) {
	t.Helper()
	made = new(atomic.Int64)
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Has("list-type") {
			_, _ = io.WriteString(w, `<ListBucketResult><KeyCount>0</KeyCount></ListBucketResult>`)
			return
		}
		handle(w, r)
	}))
	server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			made.Add(1)
		}
	}
	server.StartTLS()
	t.Cleanup(server.Close)
	certificate := filepath.Join(t.TempDir(), "ca.pem")
	block := &pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw}
	if err := os.WriteFile(certificate, pem.EncodeToMemory(block), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("AWS_CA_BUNDLE", certificate)
	t.Setenv("AWS_ACCESS_KEY_ID", "a")
	t.Setenv("AWS_SECRET_ACCESS_KEY", rand.Text())
	s, err := Open(t.Context(), "s3://bucket?region=us-east-1&use_path_style=true&endpoint="+server.URL)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s, made
}

// TestConnections: requests that are under way at a time each have a connection, and
// those that follow use them again.
func TestConnections(t *testing.T) {
	s, made := fakeS3(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "a model") })
	for range 8 {
		var gets sync.WaitGroup
		for range putsAtOnce {
			gets.Go(func() {
				if data, err := s.Get(t.Context(), "a", nil); err != nil || string(data) != "a model" {
					t.Errorf("%q, %v", data, err)
				}
			})
		}
		gets.Wait()
	}
	if made.Load() > 2*putsAtOnce {
		t.Errorf("%d connections for %d requests at a time", made.Load(), putsAtOnce)
	}
}

// TestBroken: a connection that breaks in the middle of an object is tried again, and not for ever.
func TestBroken(t *testing.T) {
	whole := bytes.Repeat([]byte("0123456789"), 1000)
	var requests, broken atomic.Int64
	s, _ := fakeS3(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("ETag", `"1"`)
		w.Header().Set("Content-Length", "10000")
		if r.Method == http.MethodHead {
			return
		}
		requests.Add(1)
		if broken.Add(-1) >= 0 {
			_, _ = w.Write(whole[:5000])
			panic(http.ErrAbortHandler)
		}
		_, _ = w.Write(whole)
	})
	read := map[string]func() ([]byte, error){
		"Get": func() ([]byte, error) { return s.Get(t.Context(), "a", nil) },
		"Open": func() ([]byte, error) {
			f, err := s.Open(t.Context(), "a")
			if err != nil {
				return nil, err
			}
			defer f.Close()
			return io.ReadAll(io.NewSectionReader(f, 0, f.Info().Size))
		},
	}
	for name, read := range read {
		broken.Store(bodyTries - 1)
		if data, err := read(); err != nil || !bytes.Equal(data, whole) {
			t.Errorf("%s: %d bytes, %v", name, len(data), err)
		}
		requests.Store(0)
		broken.Store(1 << 60)
		if _, err := read(); !errors.Is(err, io.ErrUnexpectedEOF) || requests.Load() != bodyTries {
			t.Errorf("%s: %v after %d requests", name, err, requests.Load())
		}
	}
}

// TestConflict: S3 ends one of two conditional writes with a fault of its own.
func TestConflict(t *testing.T) {
	s, _ := fakeS3(t, func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		if r.Method == http.MethodPut {
			w.WriteHeader(http.StatusConflict)
			_, _ = io.WriteString(w, `<Error><Code>ConditionalRequestConflict</Code></Error>`)
		} else if strings.HasSuffix(r.URL.Path, "/none") {
			w.WriteHeader(http.StatusNotFound)
		}
	})
	if err := s.PutIfAbsent(t.Context(), "there", strings.NewReader("x")); !errors.Is(err, store.ErrExists) {
		t.Errorf("the other one won: %v", err)
	}
	if err := s.PutIfAbsent(t.Context(), "none", strings.NewReader("x")); err == nil || errors.Is(err, store.ErrExists) {
		t.Errorf("nobody won: %v", err)
	}
}

// TestForbidden: what Google refuses is not taken for what is not there.
func TestForbidden(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/o") {
			_, _ = io.WriteString(w, `{"kind":"storage#objects"}`)
			return
		}
		w.WriteHeader(http.StatusForbidden)
		_, _ = io.WriteString(w, `{"error":{"code":403,"message":"storage.objects.get denied"}}`)
	}))
	defer server.Close()
	t.Setenv("STORAGE_EMULATOR_HOST", strings.TrimPrefix(server.URL, "http://"))
	s, err := Open(t.Context(), "gs://bucket")
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	_, getErr := s.Get(t.Context(), "a", nil)
	_, statErr := s.Stat(t.Context(), "a")
	for _, err := range []error{getErr, statErr} {
		if err == nil || errors.Is(err, store.ErrNotFound) || !strings.Contains(err.Error(), adviseRefused) {
			t.Errorf("refused: %v", err)
		}
	}
}

// TestTokens: Google's tokens are renewed after the context has ended with which the store was opened.
func TestTokens(t *testing.T) {
	var tokens atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/token" {
			tokens.Add(1)
			w.Header().Set("Content-Type", "application/json")
			_, _ = io.WriteString(w, `{"access_token":"t","token_type":"Bearer","expires_in":1}`)
		}
	}))
	defer server.Close()
	text, err := json.Marshal(map[string]string{
		"type": "authorized_user", "client_id": "c", "client_secret": rand.Text(), "refresh_token": "r", "token_uri": server.URL + "/token",
	})
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "credentials.json")
	if err := os.WriteFile(file, text, 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("GOOGLE_APPLICATION_CREDENTIALS", file)
	var client http.Client
	openers["tokens"] = func(ctx context.Context, _ *url.URL) (*blob.Bucket, error) {
		var opener gcsblob.URLOpener
		if err := identify(ctx, &opener, ""); err != nil {
			return nil, err
		}
		client.Transport = opener.Client.Transport
		return memblob.OpenBucket(nil), nil
	}
	defer delete(openers, "tokens")
	ctx, stop := context.WithCancel(t.Context())
	s, err := Open(ctx, "tokens://bucket")
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	stop()
	for range 2 {
		answer, err := client.Get(server.URL)
		if err != nil {
			t.Fatal(err)
		}
		_ = answer.Body.Close()
	}
	if tokens.Load() != 2 {
		t.Errorf("%d tokens for two requests", tokens.Load())
	}
}

// TestSilent: a server that does not answer is given up at once when the context ends.
func TestSilent(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	address := listener.Addr().String()
	t.Setenv("AWS_ACCESS_KEY_ID", "a")
	t.Setenv("AWS_SECRET_ACCESS_KEY", rand.Text())
	t.Setenv("AZURE_STORAGE_ACCOUNT", "a")
	t.Setenv("AZURE_STORAGE_KEY", "aGVsbG8=")
	t.Setenv("STORAGE_EMULATOR_HOST", address)
	for _, url := range []string{
		"s3://bucket?region=us-east-1&use_path_style=true&endpoint=http://" + address,
		"azblob://bucket?protocol=http&domain=" + address,
		"gs://bucket",
	} {
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			defer conn.Close()
			_, _ = conn.Read(make([]byte, 1)) // the request is on its way
			stop()
			_, _ = io.Copy(io.Discard, conn) // until the client gives up
		}()
		if _, err := Open(ctx, url); !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v", url, err)
		}
		<-ended
		stop()
	}
}
