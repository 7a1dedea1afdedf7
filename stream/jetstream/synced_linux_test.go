package jetstream

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"
)

// wantSynced fails the test if the kernel has to write anything of a stream's files.
// Linux before 6.5 does not tell.
func wantSynced(t *testing.T, dir string) {
	t.Helper()
	for name := range sizes(t, dir) {
		f, err := os.Open(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		var s unix.Cachestat_t
		err = unix.Cachestat(uint(f.Fd()), &unix.CachestatRange{}, &s, 0)
		f.Close()
		if errors.Is(err, unix.ENOSYS) {
			return
		}
		if err != nil || s.Dirty+s.Writeback > 0 {
			t.Fatalf("of %s are not synced: %d pages dirty, %d being written (%v)", name, s.Dirty, s.Writeback, err)
		}
	}
}
