// Package containers gives tests real containers: podman with a storage of its own that has
// an image with Python, and a registry. install.sh makes them.
package containers

import (
	"bytes"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// Image has Debian's Python 3, at /usr/bin/python3, with scikit-learn, joblib, pandas and pyarrow.
const Image = "localhost/fleetscore/python:test"

// Setenv sets the environment of the test so that podman has the image.
func Setenv(t *testing.T) {
	t.Helper()
	folder := os.Getenv("FLEETSCORE_CONTAINERS")
	if folder == "" {
		t.Fatal("FLEETSCORE_CONTAINERS names no folder of containers; run these tests with make runtimes")
	}
	for name, file := range map[string]string{"CONTAINERS_CONF": "containers.conf", "CONTAINERS_STORAGE_CONF": "storage.conf"} {
		path := filepath.Join(folder, file)
		if _, err := os.Stat(path); err != nil {
			t.Fatal(err)
		}
		t.Setenv(name, path)
	}
}

// Who may use a registry that asks.
const (
	User     = "fleet"
	Password = "pumps-and-valves"
	// users is what htpasswd makes of it.
	users = "fleet:$2y$05$7PrkduSSO6Ut.XOulkzEOOMq62lSu.Y57Q8l4AKd9TiLyYESlfUKi"
)

// patience is how long a registry may take to answer.
const patience = time.Minute

// Registry starts a registry without TLS on loopback, which asks who one is if closed. It
// ends with the test. The environment of the test is set so that podman takes it without TLS.
func Registry(t *testing.T, closed bool) (address string) {
	t.Helper()
	folder := t.TempDir()
	address = freeAddress(t)
	config := "version: 0.1\nlog:\n  level: error\nstorage:\n  filesystem:\n    rootdirectory: " + filepath.Join(folder, "data") + "\nhttp:\n  addr: " + address + "\n"
	if closed {
		Write(t, filepath.Join(folder, "users"), users+"\n")
		config += "auth:\n  htpasswd:\n    realm: fleet\n    path: " + filepath.Join(folder, "users") + "\n"
	}
	Write(t, filepath.Join(folder, "config.yml"), config)
	Write(t, filepath.Join(folder, "registries.conf"), "[[registry]]\nlocation = \""+address+"\"\ninsecure = true\n")
	t.Setenv("CONTAINERS_REGISTRIES_CONF", filepath.Join(folder, "registries.conf"))

	var said bytes.Buffer
	cmd := exec.Command("docker-registry", "serve", filepath.Join(folder, "config.yml"))
	cmd.Env = []string{"HOME=" + folder} // it would take REGISTRY_AUTH_FILE for a setting of its own
	cmd.Stdout, cmd.Stderr = &said, &said
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		<-ended
	})
	limit := time.After(patience)
	for {
		if answer, err := http.Get("http://" + address + "/v2/"); err == nil {
			answer.Body.Close()
			return address
		}
		select {
		case err := <-ended:
			ended <- err
			t.Fatalf("the registry ended: %v\n%s", err, said.String())
		case <-limit:
			t.Fatal("the registry does not answer")
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// freeAddress is an address of loopback where nobody listened a moment ago.
func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// Write writes a file.
func Write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
