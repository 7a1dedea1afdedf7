package servers

import (
	"fmt"
	"net/http"
	"os/exec"
	"strings"
	"testing"
)

// GCS starts a server of Google Cloud Storage's protocol.
func GCS(t *testing.T) *Server {
	t.Helper()
	port := freePort(t)
	address := "127.0.0.1:" + port
	start(t, exec.Command(installed(t, "bin", "fake-gcs-server"), "-scheme", "http", "-host", "127.0.0.1", "-port", port,
		"-backend", "memory", "-public-host", address, "-external-url", "http://"+address, "-log-level", "error"), port)
	return &Server{
		address: address, virtual: true,
		Env: map[string]string{"STORAGE_EMULATOR_HOST": address},
		URL: func(bucket string) string { return fmt.Sprintf("gs://%s?anonymous=true", bucket) },
		Make: func(t *testing.T, bucket string) {
			t.Helper()
			request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+address+"/storage/v1/b?project=fleet",
				strings.NewReader(fmt.Sprintf(`{"name":%q}`, bucket)))
			if err != nil {
				t.Fatal(err)
			}
			request.Header.Set("Content-Type", "application/json")
			answer, err := http.DefaultClient.Do(request)
			if err != nil {
				t.Fatal(err)
			}
			defer answer.Body.Close()
			if answer.StatusCode != http.StatusOK {
				t.Fatal(answer.Status)
			}
		},
	}
}
