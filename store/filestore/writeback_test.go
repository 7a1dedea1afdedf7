package filestore

import (
	"bytes"
	"os"
	"testing"
)

// TestEagerFile: all bytes are written, and no more than writeBackBytes and a
// write wait for the end.
func TestEagerFile(t *testing.T) {
	f, err := os.Create(t.TempDir() + "/f")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	eager := &eagerFile{file: f}
	var want bytes.Buffer
	for i := range 40 {
		piece := bytes.Repeat([]byte{byte(i)}, writeBackBytes/7+i)
		want.Write(piece)
		if n, err := eager.Write(piece); n != len(piece) || err != nil {
			t.Fatalf("%d bytes of %d: %v", n, len(piece), err)
		}
		if left := eager.written - eager.begun; eager.written != int64(want.Len()) || left >= writeBackBytes {
			t.Fatalf("%d bytes of %d are left for the end", left, eager.written)
		}
	}
	if got, err := os.ReadFile(f.Name()); !bytes.Equal(got, want.Bytes()) {
		t.Errorf("%d bytes, not those %d that were written; %v", len(got), want.Len(), err)
	}
	f.Close()
	if _, err := eager.Write([]byte("x")); err == nil {
		t.Error("a closed file was written to")
	}
}
