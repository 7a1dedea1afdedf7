package web_test

import (
	"io"
	"net/http"
	"testing"

	"github.com/fleetscore/fleetscore/web"
)

// Who stands by listens, and says so to whatever is asked, the page included.
func TestStandby(t *testing.T) {
	s := web.NewStandby(web.Config{Listen: "127.0.0.1:0"})
	if err := s.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	defer s.Stop()
	for _, path := range []string{"/", "/jobs/x", "/api/v1/jobs", "/readyz"} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.URL()+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(res.Body)
		_ = res.Body.Close()
		if err != nil || res.StatusCode != http.StatusServiceUnavailable {
			t.Errorf("%s: %v, %d: %s", path, err, res.StatusCode, body)
		}
	}
}
