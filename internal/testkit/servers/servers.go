package servers

import (
	"bytes"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// A Server is a running server.
type Server struct {
	// Env is the environment by which clients find it and prove who they are.
	Env map[string]string
	// URL is that of a bucket.
	URL func(bucket string) string
	// Make makes a bucket.
	Make func(t *testing.T, bucket string)

	address string // at which it listens
	// virtual is whether it knows its buckets by the host that requests name.
	virtual bool
}

// Setenv sets the environment of the test to that of the server.
func (s *Server) Setenv(t *testing.T) {
	for name, value := range s.Env {
		t.Setenv(name, value)
	}
}

// installed is the path of something in the folder of servers.
func installed(t *testing.T, elem ...string) string {
	t.Helper()
	folder := os.Getenv("FLEETSCORE_SERVERS")
	if folder == "" {
		t.Fatal("FLEETSCORE_SERVERS names no folder of servers; run these tests with make clouds")
	}
	path := filepath.Join(append([]string{folder}, elem...)...)
	if _, err := os.Stat(path); err != nil {
		t.Fatal(err)
	}
	return path
}

// freePort is a port of loopback that nobody listened on a moment ago.
func freePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, port, err := net.SplitHostPort(l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	return port
}

// patience is how long a server may take to listen.
const patience = time.Minute

// start runs a server until the test ends, and waits until it listens on port.
func start(t *testing.T, cmd *exec.Cmd, port string) {
	t.Helper()
	var output bytes.Buffer
	cmd.Stdout, cmd.Stderr = &output, &output
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		<-ended
	})
	retry := time.NewTicker(20 * time.Millisecond)
	defer retry.Stop()
	for deadline := time.After(patience); ; {
		conn, err := net.Dial("tcp", net.JoinHostPort("127.0.0.1", port))
		if err == nil {
			conn.Close()
			return
		}
		select {
		case err := <-ended:
			ended <- err
			t.Fatalf("%s ended: %v\n%s", filepath.Base(cmd.Path), err, output.String())
		case <-deadline:
			t.Fatal(fmt.Errorf("%s does not listen: %w", filepath.Base(cmd.Path), err))
		case <-retry.C:
		}
	}
}
