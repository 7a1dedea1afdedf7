package ledger

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"
)

// TestBackup copies a ledger while it is written, and puts the copy in its place.
func TestBackup(t *testing.T) {
	ctx := t.Context()
	dir := t.TempDir()
	path, copied := filepath.Join(dir, "ledger.db"), filepath.Join(dir, "copy.db")
	l := openAt(t, path)
	fillRun(t, l, 3000)
	if err := l.SetSetting(ctx, "k", "before"); err != nil {
		t.Fatal(err)
	}
	var writing sync.WaitGroup
	stop := make(chan struct{})
	writing.Go(func() { // pairs of changes: a copy has both of a pair, or neither
		for n := 0; ; n++ {
			select {
			case <-stop:
				return
			default:
			}
			if err := l.Note(ctx, Entry{Time: time.Now(), Action: "a"}); err != nil {
				t.Error(err)
			}
		}
	})
	if err := os.WriteFile(copied, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := l.Backup(ctx, copied); err != nil {
		t.Fatal(err)
	}
	close(stop)
	writing.Wait()
	if info, err := os.Stat(copied); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info, err)
	}
	c, err := Inspect(ctx, copied)
	if err != nil || c.Runs != 1 || c.Newest != "r" || c.Settings["k"] != "before" {
		t.Errorf("the copy has %+v, %v", c, err)
	}
	if err := l.Backup(ctx, copied); err == nil {
		t.Error("a copy is written over")
	}
	if err := l.SetSetting(ctx, "k", "after"); err != nil {
		t.Fatal(err)
	}
	at := time.Unix(0, 0)
	if _, err := Restore(ctx, copied, path, at); !errors.Is(err, ErrLocked) {
		t.Errorf("restoring what is open: %v", err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	aside, err := Restore(ctx, copied, path, at)
	if err != nil || aside != path+".before-19700101T000000" {
		t.Fatalf("%q, %v", aside, err)
	}
	again, err := Restore(ctx, copied, path, at) // within the same second
	if err != nil || again != aside+"-2" {
		t.Fatalf("%q, %v", again, err)
	}
	for file, want := range map[string]string{path: "before", aside: "after", again: "before"} {
		l := openAt(t, file)
		if got, _, err := l.Setting(ctx, "k"); err != nil || got != want {
			t.Errorf("%s has %q, %v", file, got, err)
		}
		if err := l.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// TestSealed damages a copy wherever that can be: no byte can be another one, and none
// can be gone. Without its seal, as older versions made it, a copy is taken.
func TestSealed(t *testing.T) {
	ctx := t.Context()
	dir := t.TempDir()
	path, copied := filepath.Join(dir, "ledger.db"), filepath.Join(dir, "copy.db")
	l := openAt(t, path)
	fillRun(t, l, 500)
	if err := errors.Join(l.Backup(ctx, copied), l.Close()); err != nil {
		t.Fatal(err)
	}
	whole, err := os.ReadFile(copied)
	if err != nil {
		t.Fatal(err)
	}
	bare := len(whole) - sealSize
	if c, err := Inspect(ctx, copied); err != nil || !bytes.Contains(whole[bare:], []byte(c.SHA256)) || len(c.SHA256) != 64 {
		t.Errorf("the copy has %+v, %v", c, err)
	}
	bad := filepath.Join(dir, "bad.db")
	refused := func(what string, at int, data []byte) {
		t.Helper()
		write(t, bad, data)
		if _, err := Restore(ctx, bad, path, time.Now()); !errors.Is(err, ErrDamaged) {
			t.Errorf("%s %d of %d: %v", what, at, len(whole), err)
		}
	}
	for n := range 300 {
		at := rand.IntN(len(whole))
		if n < sealSize { // and each of the seal
			at = bare + n
		}
		data := bytes.Clone(whole)
		data[at] ^= 1 << rand.IntN(8)
		refused("changed at", at, data)
		if cut := rand.IntN(len(whole)); cut != bare && cut > 0 {
			refused("cut at", cut, whole[:cut])
		}
	}
	refused("longer than", len(whole), append(bytes.Clone(whole), 'x'))
	write(t, bad, whole[:bare])
	if c, err := Inspect(ctx, bad); err != nil || c.SHA256 != "" || c.Runs != 1 {
		t.Errorf("without its seal it has %+v, %v", c, err)
	}
	for _, from := range []string{bad, copied} {
		if _, err := Restore(ctx, from, path, time.Now()); err != nil {
			t.Error(err)
		}
		if now, err := os.ReadFile(path); err != nil || !bytes.Equal(now, whole[:bare]) {
			t.Errorf("from %s something else was restored", from)
		}
	}
}

// TestRestoreBad restores over a damaged ledger, and refuses a damaged copy.
func TestRestoreBad(t *testing.T) {
	ctx := t.Context()
	dir := t.TempDir()
	path, copied := filepath.Join(dir, "ledger.db"), filepath.Join(dir, "copy.db")
	filled(t, copied)
	sound, err := os.ReadFile(copied)
	if err != nil {
		t.Fatal(err)
	}
	write(t, path, bytes.Repeat([]byte("damage"), 5000))
	write(t, path+"-wal", []byte("a log that must not be played"))
	if _, err := Restore(ctx, copied, path, time.Now()); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(path + "-wal"); err == nil {
		t.Error("the log of what was there is left for the copy")
	}
	l := openAt(t, path)
	if err := l.Check(ctx); err != nil {
		t.Error(err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	half := bytes.Clone(sound)
	copy(half[len(half)/2:], make([]byte, 20_000))
	for name, c := range map[string]struct {
		data []byte
		is   error
	}{"empty": {nil, ErrForeign}, "text": {[]byte("hello"), ErrDamaged}, "truncated": {sound[:len(sound)/2], ErrDamaged}, "zeros": {half, ErrDamaged}} {
		bad := filepath.Join(dir, "bad")
		write(t, bad, c.data)
		if _, err := Restore(ctx, bad, path, time.Now()); !errors.Is(err, c.is) {
			t.Errorf("%s: %v", name, err)
		}
		if now, err := os.ReadFile(path); err != nil || !bytes.Equal(now, whole) {
			t.Errorf("%s: the ledger has changed", name)
		}
	}
	execute(t, copied, "INSERT INTO ledger_version (version_id, is_applied) VALUES (9999, TRUE)")
	if _, err := Restore(ctx, copied, path, time.Now()); !errors.Is(err, ErrNewer) {
		t.Errorf("newer: %v", err)
	}
}
