package tlsfile

import (
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// What cannot be used is told with the name of the file.
func TestBadFiles(t *testing.T) {
	dir := t.TempDir()
	junk := filepath.Join(dir, "junk.pem")
	if err := os.WriteFile(junk, []byte("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	none := filepath.Join(dir, "none.pem")
	for _, f := range []Files{{Cert: none, Key: none}, {Cert: junk, Key: junk}, {Cert: dir, Key: dir}} {
		if _, err := Open(f, slog.Default()); err == nil || !strings.Contains(err.Error(), f.Cert) {
			t.Errorf("%+v: %v", f, err)
		}
	}
	for _, path := range []string{none, junk, dir, os.Args[0]} {
		if _, err := ReadLeaf(path); err == nil || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: %v", path, err)
		}
	}
}
