package ledger_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fleetscore/fleetscore/ledger"
)

// hold opens a ledger, says so, and keeps it until its input ends.
func hold(path string) error {
	l, err := ledger.Open(context.Background(), path)
	if err != nil {
		return err
	}
	fmt.Println("open")
	if _, err := io.Copy(io.Discard, os.Stdin); err != nil {
		return err
	}
	return l.Close()
}

// holder is a process that has a ledger open, and what keeps it from closing it.
func holder(t *testing.T, path string, args ...string) (*exec.Cmd, io.Closer) {
	t.Helper()
	cmd := child(t, "hold", path, args...)
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if line, err := bufio.NewReader(out).ReadString('\n'); err != nil || line != "open\n" {
		t.Fatalf("the child said %q: %v", line, err)
	}
	return cmd, in
}

// TestLockedByProcess checks that the ledger of a process is refused to others,
// by its name, and free once it has ended: by itself, or killed.
func TestLockedByProcess(t *testing.T) {
	folder := t.TempDir()
	path := filepath.Join(folder, "ledger.db")
	link := filepath.Join(folder, "link.db")
	for _, killed := range []bool{true, false, true} {
		cmd, in := holder(t, path, "up", "--config", "my \x1b[31mfleet.yaml")
		if err := os.Symlink(path, link); err != nil && !errors.Is(err, os.ErrExist) {
			t.Fatal(err)
		}
		for _, name := range []string{path, folder + "/./ledger.db", link} {
			_, err := ledger.Open(t.Context(), name)
			if !errors.Is(err, ledger.ErrLocked) {
				t.Fatalf("the error is %v", err)
			}
			for _, part := range []string{name, fmt.Sprintf("process %d ", cmd.Process.Pid), filepath.Base(os.Args[0]), " up --config ", `fleet.yaml"`} {
				if !strings.Contains(err.Error(), part) {
					t.Errorf("%q is missing in: %v", part, err)
				}
			}
			if strings.ContainsAny(err.Error(), "\x1b\n") {
				t.Errorf("what a process is called reaches the terminal: %q", err)
			}
		}
		if killed {
			if err := cmd.Process.Kill(); err != nil {
				t.Fatal(err)
			}
		} else if err := in.Close(); err != nil {
			t.Fatal(err)
		}
		if err := cmd.Wait(); (err != nil) != killed {
			t.Fatalf("the child ended with %v", err)
		}
		l, err := ledger.Open(t.Context(), link)
		if err != nil {
			t.Fatal(err)
		}
		if err := l.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// TestLockOfNobody checks that a lock file is not a lock, whatever is in it.
func TestLockOfNobody(t *testing.T) {
	for _, text := range []string{"", "1\nhost\ncommand\n", "\x00\xff", strings.Repeat("x", 1<<20)} {
		path := filepath.Join(t.TempDir(), "ledger.db")
		if err := os.WriteFile(path+".lock", []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		l, err := ledger.Open(t.Context(), path)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path+".lock", []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := ledger.Open(t.Context(), path); !errors.Is(err, ledger.ErrLocked) || len(err.Error()) > 4096 {
			t.Errorf("the error is %.5000v", err)
		}
		if err := l.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// race waits for the end of its input, opens a ledger if nobody has it, and holds
// it until it has said so.
func race(path string) error {
	if _, err := io.Copy(io.Discard, os.Stdin); err != nil {
		return err
	}
	l, err := ledger.Open(context.Background(), path)
	if errors.Is(err, ledger.ErrLocked) {
		return nil
	}
	if err != nil {
		return err
	}
	fmt.Println("open")
	fmt.Println("close") // in time before the lock is given up
	return l.Close()
}

// TestProcessesRace has several processes open a new ledger at the same time: one
// at a time has it, and nothing else can go wrong.
func TestProcessesRace(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ledger.db")
	log, err := os.OpenFile(path+".log", os.O_CREATE|os.O_RDWR|os.O_APPEND, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	var processes []*exec.Cmd
	var start []io.Closer
	for range 6 {
		cmd := child(t, "race", path)
		cmd.Stdout = log
		in, err := cmd.StdinPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		processes, start = append(processes, cmd), append(start, in)
	}
	for _, in := range start {
		in.Close()
	}
	for _, cmd := range processes {
		if err := cmd.Wait(); err != nil {
			t.Error(err)
		}
	}
	text, err := os.ReadFile(path + ".log")
	if err != nil {
		t.Fatal(err)
	}
	if n := bytes.Count(text, []byte("open\nclose\n")); n == 0 || n*len("open\nclose\n") != len(text) {
		t.Errorf("two had it at once: %q", text)
	}
}
