package filestore

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"syscall"
	"testing"
)

// TestReadFolderDirectly: all entries come, of more records than are read at a
// time, with the types that the folder itself knows.
func TestReadFolderDirectly(t *testing.T) {
	dir := t.TempDir()
	want := map[string]fs.FileMode{"folder": fs.ModeDir, "link": fs.ModeIrregular, "pipe": fs.ModeIrregular}
	for i := range 2 * recordBytes / 200 {
		name := fmt.Sprintf("%03d-%s", i, strings.Repeat("x", 200))
		write(t, dir+"/a/"+name, "x")
		want[name] = 0
	}
	write(t, dir+"/a/folder/in", "x")
	link(t, "folder", dir+"/a/link")
	if err := syscall.Mkfifo(dir+"/a/pipe", 0o644); err != nil {
		t.Fatal(err)
	}
	link(t, dir, dir+"/out")

	s := open(t, dir)
	root, err := s.existing()
	if err != nil {
		t.Fatal(err)
	}
	for _, folder := range []string{"out/", "a/pipe", "nowhere/", "../"} {
		if s.direct.readFolder(t.Context(), root, folder, make([]byte, recordBytes)) != nil {
			t.Errorf("%s was opened", folder)
		}
	}
	for d, err := range s.direct.readFolder(t.Context(), root, "a/", make([]byte, recordBytes)) {
		if err != nil {
			t.Fatal(err)
		}
		if mode, ok := want[d.Name()]; !ok || d.Type() != mode || d.IsDir() != mode.IsDir() {
			t.Errorf("%s is of type %v, want %v", d.Name(), d.Type(), mode)
		}
		delete(want, d.Name())
		if info, err := d.Info(); err != nil || info.Name() != d.Name() {
			t.Errorf("Info of %s: %v", d.Name(), err)
		}
	}
	if len(want) > 0 {
		t.Errorf("%d entries did not come", len(want))
	}
}

// TestKeysEnd: the loop may end early, and ends with its context.
func TestKeysEnd(t *testing.T) {
	s := open(t, t.TempDir())
	put(t, s, "a/x", "x")
	put(t, s, "b", "x")
	ctx, cancel := context.WithCancel(t.Context())
	for range s.Keys(ctx, "") {
		break
	}
	cancel()
	var last error
	for _, last = range s.Keys(ctx, "") {
	}
	if !errors.Is(last, context.Canceled) {
		t.Errorf("error %v", last)
	}
}
