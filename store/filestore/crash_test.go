//go:build unix

package filestore

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/fleetscore/fleetscore/store"
)

// childRole in the environment makes the test binary one of the processes that
// the tests below start; its argument is the store's folder.
const childRole = "FILESTORE_TEST_CHILD"

func TestMain(m *testing.M) {
	role, dir, isChild := strings.Cut(os.Getenv(childRole), " ")
	if !isChild {
		os.Exit(m.Run())
	}
	s, err := Open(dir, Options{})
	if err == nil {
		switch role {
		case "write":
			err = writeForever(s)
		case "claim":
			err = claimAll(s)
		case "limited":
			err = putLimited(s)
		}
	}
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}

func child(t *testing.T, role, dir string) *exec.Cmd {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), exe)
	cmd.Env = append(os.Environ(), childRole+"="+role+" "+dir)
	cmd.Stderr = os.Stderr
	return cmd
}

// body is an object of writeForever: what it must be follows from its key and
// its first line.
func body(key string, version int) []byte {
	line := fmt.Sprintf("%s %d\n", key, version)
	size := version % 1000 * 7919 % 60_000
	return bytes.Repeat([]byte(line), 1+size/len(line))
}

// writeForever writes rising versions of objects, and a line for each that is
// stored.
func writeForever(s *Store) error {
	for version := int(time.Now().UnixMicro()); ; version++ {
		var objects []store.Object
		for i := range 1 + version%30 {
			key := fmt.Sprintf("batch/%d/%d", i%3, i)
			objects = append(objects, store.Object{Key: key, Body: body(key, version)})
		}
		if errs := s.PutAll(context.Background(), objects); errs != nil {
			return errors.Join(errs...)
		}
		for _, o := range objects {
			fmt.Println(o.Key, version)
		}
		for i := range 5 {
			key := fmt.Sprintf("put/%d", i)
			if err := s.Put(context.Background(), key, bytes.NewReader(body(key, version))); err != nil {
				return err
			}
			fmt.Println(key, version)
		}
		key := fmt.Sprintf("once/%d", version)
		if err := s.PutIfAbsent(context.Background(), key, bytes.NewReader(body(key, version))); err != nil {
			return err
		}
		fmt.Println(key, version)
	}
}

// TestKilled kills a writing process at random instants. Whatever is there is
// whole, and nothing is older than what the process was told is stored.
func TestKilled(t *testing.T) {
	dir := t.TempDir()
	left := 0
	stored := map[string]int{}
	for range 40 {
		killWriter(t, dir, stored)
		for _, name := range files(t, dir) {
			if temp.MatchString(name) {
				left++
			}
		}
		s := open(t, dir)
		for info, err := range s.List(t.Context(), "") {
			if err != nil {
				t.Fatal(err)
			}
			got := get(t, s, info.Key)
			line, _, _ := strings.Cut(got, "\n")
			_, digits, _ := strings.Cut(line, " ")
			version, err := strconv.Atoi(digits)
			if err != nil || got != string(body(info.Key, version)) || len(got) != int(info.Size) {
				t.Fatalf("%s is torn: %d bytes, %.50q", info.Key, len(got), got)
			}
			if version < stored[info.Key] {
				t.Errorf("%s has version %d, and %d was stored", info.Key, version, stored[info.Key])
			}
			delete(stored, info.Key)
		}
		if len(stored) > 0 {
			t.Fatalf("lost after having been stored: %v", stored)
		}
	}
	if left == 0 {
		t.Error("no process was killed while it wrote")
	}
	if _, err := open(t, dir).Sweep(t.Context(), time.Now()); err != nil {
		t.Error(err)
	}
	if names := strings.Join(files(t, dir), " "); temp.MatchString(names) {
		t.Errorf("Sweep left %s", names)
	}
}

// killWriter runs a writing process for a moment, and notes what it said is
// stored.
func killWriter(t *testing.T, dir string, stored map[string]int) {
	t.Helper()
	cmd := child(t, "write", dir)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	killed := false
	for lines.Scan() {
		if !killed {
			killed = true
			time.AfterFunc(rand.N(15*time.Millisecond), func() { cmd.Process.Kill() })
		}
		var key string
		var version int
		if _, err := fmt.Sscan(lines.Text(), &key, &version); err != nil {
			t.Fatalf("the writer said %q: %v", lines.Text(), err)
		}
		stored[key] = version
	}
	if err := cmd.Wait(); !killed || err == nil || err.Error() != "signal: killed" {
		t.Fatalf("the writer ended by itself: %v", err)
	}
}

const claims = 150

// claimAll waits for the end of its input and then tries to be the first for
// every key. It prints those it won.
func claimAll(s *Store) error {
	if _, err := io.Copy(io.Discard, os.Stdin); err != nil {
		return err
	}
	for i := range claims {
		key := fmt.Sprintf("commits/%d", i)
		err := s.PutIfAbsent(context.Background(), key, strings.NewReader(fmt.Sprint(os.Getpid())))
		switch {
		case err == nil:
			fmt.Println(key, os.Getpid())
		case !errors.Is(err, store.ErrExists):
			return err
		}
	}
	os.Exit(0)
	return nil
}

// TestProcessesClaim has several processes claim the same keys.
func TestProcessesClaim(t *testing.T) {
	dir := t.TempDir()
	var (
		processes []*exec.Cmd
		start     []io.Closer
		outputs   [4]bytes.Buffer
	)
	for i := range outputs {
		cmd := child(t, "claim", dir)
		cmd.Stdout = &outputs[i]
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
	winners := map[string]string{}
	for i, cmd := range processes {
		if err := cmd.Wait(); err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(outputs[i].String()) {
			key, pid, _ := strings.Cut(strings.TrimSpace(line), " ")
			if other, ok := winners[key]; ok {
				t.Errorf("%s was won by both %s and %s", key, other, pid)
			}
			winners[key] = pid
		}
	}
	s := open(t, dir)
	for key, pid := range winners {
		if got := get(t, s, key); got != pid {
			t.Errorf("%s was won by %s and is from %s", key, pid, got)
		}
	}
	if len(winners) != claims || len(files(t, dir)) != claims {
		t.Errorf("%d of %d keys were won, and there are %d files", len(winners), claims, len(files(t, dir)))
	}
}

const limit = 64 << 10

// putLimited is not allowed files of more than limit bytes, so that the kernel
// ends writing in the middle, as a full disk does.
func putLimited(s *Store) error {
	signal.Ignore(syscall.SIGXFSZ)
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: limit, Max: limit}); err != nil {
		return err
	}
	large := make([]byte, 3*limit)
	errs := []error{
		s.Put(context.Background(), "old", bytes.NewReader(large)),
		s.Put(context.Background(), "new", bytes.NewReader(large)),
		s.PutIfAbsent(context.Background(), "new", bytes.NewReader(large)),
	}
	errs = append(errs, s.PutAll(context.Background(), []store.Object{{Key: "old", Body: large}, {Key: "small", Body: large[:limit]}})...)
	for _, err := range errs {
		fmt.Println(errors.Is(err, syscall.EFBIG), err)
	}
	os.Exit(0)
	return nil
}

func TestDiskFull(t *testing.T) {
	dir := t.TempDir()
	write(t, dir+"/old", "old")
	out, err := child(t, "limited", dir).Output()
	if err != nil {
		t.Fatal(err)
	}
	const want = `true putting old: file too large
true putting new: file too large
true putting new: file too large
true putting old: file too large
false <nil>
`
	if string(out) != want {
		t.Errorf("got\n%swant\n%s", out, want)
	}
	if got := strings.Join(files(t, dir), " "); got != "old small" {
		t.Errorf("left are %s", got)
	}
	if got, err := os.ReadFile(filepath.Join(dir, "old")); string(got) != "old" {
		t.Errorf("the old object is now %d bytes, %v", len(got), err)
	}
}
