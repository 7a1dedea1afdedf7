package jetstream

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"

	"github.com/fleetscore/fleetscore/stream"
	"github.com/fleetscore/fleetscore/stream/streamtest"
)

// TestMain is the process that tests kill, if it is told so.
func TestMain(m *testing.M) {
	dir, ok := os.LookupEnv("STREAM_TEST_LOAD")
	if !ok {
		os.Exit(m.Run())
	}
	var round int
	fmt.Sscan(os.Getenv("STREAM_TEST_ROUND"), &round)
	l, err := Open(context.Background(), Config{Dir: dir, Partitions: streamtest.Partitions})
	if err == nil {
		err = streamtest.Load(context.Background(), l, round, os.Stdout)
	}
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}

// TestKill kills a process that appends, again and again over one log. What it
// acknowledged is there, and what its readers saw.
func TestKill(t *testing.T) {
	dir := t.TempDir()
	acknowledged := streamtest.Acknowledged{}
	for round := range 5 {
		cmd := exec.CommandContext(t.Context(), os.Args[0])
		cmd.Env = append(os.Environ(), "STREAM_TEST_LOAD="+dir, fmt.Sprint("STREAM_TEST_ROUND=", round))
		cmd.Stderr = os.Stderr
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(out)
		lines.Split(wholeLines)
		for n, kill := 0, 50+rand.IntN(500); lines.Scan(); n++ {
			if n == kill {
				cmd.Process.Kill()
			}
			if err := acknowledged.Add(lines.Text()); err != nil {
				t.Fatal(err)
			}
		}
		if err := cmd.Wait(); err == nil || err.Error() != "signal: killed" {
			t.Fatal(err)
		}
		check(t, dir, acknowledged)
	}
}

// wholeLines leaves out a last line that was cut.
func wholeLines(data []byte, atEOF bool) (int, []byte, error) {
	for i, b := range data {
		if b == '\n' {
			return i + 1, data[:i+1], nil
		}
	}
	if atEOF {
		return len(data), nil, nil
	}
	return 0, nil, nil
}

func check(t *testing.T, dir string, acknowledged streamtest.Acknowledged) {
	t.Helper()
	l := openTest(t, streamtest.Place{Dir: dir}).(*Log)
	defer l.Close()
	acknowledged.Check(t, l)
}

// TestPowerCut makes folders as a power cut may leave them: of each file what had
// been synced when an entry was acknowledged, of what came later nothing, a part or
// anything at all, and of the server's own files, which it does not sync, any
// version or none.
func TestPowerCut(t *testing.T) {
	p := powerCut{dir: t.TempDir(), acknowledged: streamtest.Acknowledged{}}
	l := openTest(t, streamtest.Place{Dir: p.dir}).(*Log)
	p.load(t, l, 30)
	files := l.files.dir
	index := filepath.Join(files, "index.db")
	l.Close()
	stale := read(t, index)
	l = openTest(t, streamtest.Place{Dir: p.dir}).(*Log)
	defer l.Close()
	p.load(t, l, 30)
	synced, acknowledged := sizes(t, files), maps.Clone(p.acknowledged)
	p.load(t, l, 50)
	for partition, s := range state(t, l) {
		if err := l.Trim(t.Context(), partition, position(4, partition)); err != nil || s.Last == 0 {
			t.Fatal(err, s)
		}
	}
	image := t.TempDir()
	if err := os.CopyFS(image, os.DirFS(p.dir)); err != nil {
		t.Fatal(err)
	}
	newer := read(t, index)
	all, everything := sizes(t, files), p.acknowledged
	for name, content := range map[string][]byte{"newer": newer, "stale": stale, "none": nil} {
		for tail, cut := range map[string]func(int64) []byte{
			"lost":    func(int64) []byte { return nil },
			"zeros":   func(n int64) []byte { return make([]byte, n) },
			"garbage": garbage,
			"torn":    nil,
			"kept":    nil,
		} {
			t.Run(name+" index, tail "+tail, func(t *testing.T) {
				dir := t.TempDir()
				if err := os.CopyFS(dir, os.DirFS(image)); err != nil {
					t.Fatal(err)
				}
				msgs := filepath.Join(dir, files[len(p.dir):])
				put(t, filepath.Join(msgs, "index.db"), content)
				want := acknowledged
				torn := false // where one file ends too soon, there is no later one
				for _, block := range slices.SortedFunc(maps.Keys(all), byNumber) {
					name := filepath.Join(msgs, block)
					body := read(t, name)
					from, size := synced[block], all[block]
					switch {
					case tail == "kept":
						want = everything
					case torn || from == 0 && tail == "lost":
						body = nil
					case tail == "torn":
						body = body[:from+rand.Int64N(size-from+1)]
						torn = int64(len(body)) < size
					default:
						body = append(body[:from], cut(size-from)...)
					}
					put(t, name, body)
				}
				after := powerCut{dir: dir, step: -1, acknowledged: maps.Clone(want)}
				l := openTest(t, streamtest.Place{Dir: dir}).(*Log)
				want.Check(t, l)
				after.load(t, l, 20)
				l.Close()
				check(t, dir, after.acknowledged)
			})
		}
	}
}

type powerCut struct {
	dir          string
	writer, step int
	acknowledged streamtest.Acknowledged
}

// load appends to all partitions, and proves of each file that it is synced. A step
// of -1 is that of another writer.
func (p *powerCut) load(t *testing.T, l *Log, n int) {
	t.Helper()
	if p.step < 0 {
		p.writer, p.step = p.writer+1, 0
	}
	for range n {
		var messages []stream.Message
		for partition := range streamtest.Partitions {
			body := append(fmt.Appendf(nil, "%d %d\n", p.writer, p.step), make([]byte, 30_000+p.step%1000)...)
			messages = append(messages, stream.Message{Partition: partition, Body: body})
		}
		if err := l.Append(t.Context(), messages); err != nil {
			t.Fatal(err)
		}
		p.step++
		p.acknowledged[p.writer] = p.step
		wantSynced(t, l.files.dir)
	}
}

// byNumber compares names of files, 9.blk and 10.blk.
func byNumber(a, b string) int {
	return cmp.Or(cmp.Compare(len(a), len(b)), cmp.Compare(a, b))
}

func state(t *testing.T, l *Log) []stream.State {
	t.Helper()
	s, err := l.State(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func garbage(n int64) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(rand.Uint32())
	}
	return b
}

// sizes are those of a stream's files.
func sizes(t *testing.T, dir string) map[string]int64 {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(dir, "*.blk"))
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]int64{}
	for _, name := range names {
		info, err := os.Stat(name)
		if err != nil {
			t.Fatal(err)
		}
		out[filepath.Base(name)] = info.Size()
	}
	return out
}

func read(t *testing.T, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// put writes a file, or removes it if content is nil.
func put(t *testing.T, name string, content []byte) {
	t.Helper()
	err := os.Remove(name)
	if content != nil {
		err = errors.Join(os.WriteFile(name, content, 0o644), syncPath(name))
	}
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
}
