package filestore_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/fleetscore/fleetscore/store"
	"github.com/fleetscore/fleetscore/store/filestore"
)

// TestVersion: a file that is replaced by one of its size and time is another.
func TestVersion(t *testing.T) {
	dir := t.TempDir()
	s, err := filestore.Open(dir, filestore.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	listed := func() (info store.Info) {
		for i, err := range s.List(t.Context(), "") {
			if err != nil || i.Key != "model" {
				t.Fatal(i, err)
			}
			info = i
		}
		return info
	}
	path := filepath.Join(dir, "model")
	write := func(path, text string) {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(path, "one")
	was := listed()
	if again := listed(); was.Version == 0 || again != was {
		t.Errorf("it is %+v, and then %+v", was, again)
	}
	write(path+".new", "two")
	if err := os.Rename(path+".new", path); err != nil {
		t.Fatal(err)
	}
	if err := os.Chtimes(path, was.ModTime, was.ModTime); err != nil {
		t.Fatal(err)
	}
	if now := listed(); now.Size != was.Size || !now.ModTime.Equal(was.ModTime) || now.Version == was.Version {
		t.Errorf("what replaced %+v is %+v", was, now)
	}
}
