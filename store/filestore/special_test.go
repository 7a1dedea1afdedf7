//go:build unix

package filestore

import (
	"errors"
	"net"
	"strings"
	"syscall"
	"testing"

	"github.com/fleetscore/fleetscore/store"
)

// TestSpecialFiles would hang if a pipe were opened as a file is.
func TestSpecialFiles(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir) // a socket's path must be short
	if err := syscall.Mkfifo("pipe", 0o644); err != nil {
		t.Fatal(err)
	}
	socket, err := net.Listen("unix", "socket")
	if err != nil {
		t.Fatal(err)
	}
	defer socket.Close()
	write(t, dir+"/a", "x")

	s := open(t, dir)
	for _, key := range []string{"pipe", "socket"} {
		_, getErr := s.Get(t.Context(), key, nil)
		_, rangeErr := s.GetRange(t.Context(), key, 0, -1)
		_, statErr := s.Stat(t.Context(), key)
		for _, err := range []error{getErr, rangeErr, statErr} {
			if err == nil || errors.Is(err, store.ErrNotFound) || !strings.Contains(err.Error(), key) {
				t.Errorf("reading a %s: %v", key, err)
			}
		}
		if got := list(t, s, key+"/"); got != nil {
			t.Errorf("List below a %s: %q", key, got)
		}
		if err := s.Put(t.Context(), key+"/x", strings.NewReader("x")); !errors.Is(err, store.ErrInvalidKey) {
			t.Errorf("Put below a %s: %v", key, err)
		}
	}
	if got := list(t, s, ""); len(got) != 1 || got[0] != "a" {
		t.Errorf("List: %q", got)
	}
	put(t, s, "pipe", "no longer a pipe")
	if got := get(t, s, "pipe"); got != "no longer a pipe" {
		t.Errorf("Get: %q", got)
	}

	if err := syscall.Mkfifo("folder", 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := Open("folder", Options{}); err == nil {
		t.Error("a pipe was opened as the store's folder")
	}
}
