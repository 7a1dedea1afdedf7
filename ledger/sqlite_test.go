package ledger

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/fleetscore/fleetscore/fleet"
)

func openAt(t *testing.T, path string) *Ledger {
	t.Helper()
	l, err := Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	})
	return l
}

// filled makes a ledger of some size, and closes it.
func filled(t *testing.T, path string) {
	t.Helper()
	l := openAt(t, path)
	fillRun(t, l, 2000)
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
}

func fillRun(t testing.TB, l *Ledger, n int) []Attempt {
	t.Helper()
	from := time.Unix(0, 0)
	r := Run{ID: "r", Job: "a", Interval: fleet.NewInterval(from, from.Add(time.Hour)), Origin: Manual, Created: from}
	if err := l.AddRun(t.Context(), r); err != nil {
		t.Fatal(err)
	}
	attempts := make([]Attempt, n)
	for i := range attempts {
		attempts[i] = Attempt{
			Task: fleet.Task{Run: "r", Index: i, Attempt: 1}, State: fleet.TaskDone, Node: "local-1", Cost: 0.25, Queued: time.Now(), Started: time.Now(), Finished: time.Now(),
			Seconds: fleet.Seconds{Start: 0.001, Read: 0.02, Score: 0.3, Write: 0.004}, Counts: fleet.Counts{Sensors: 30, Scored: 30, Readings: 1800, Predictions: 1800},
			Progress: fleet.Progress{Sensors: 30, Rows: 1800},
		}
	}
	if err := l.SaveAttempts(t.Context(), attempts); err != nil {
		t.Fatal(err)
	}
	return attempts
}

// TestBadFiles opens what is no ledger, or none that this program can use. The
// error says what it is and what to do, and the file stays as it was.
func TestBadFiles(t *testing.T) {
	for name, c := range map[string]struct {
		make func(t *testing.T, path string)
		is   error
		says []string
	}{
		"text":      {func(t *testing.T, path string) { write(t, path, []byte(strings.Repeat("not a database\n", 1000))) }, ErrDamaged, []string{"backup", "recover", "move it away"}},
		"truncated": {func(t *testing.T, path string) { change(t, path, func(b []byte) []byte { return b[:len(b)/2] }) }, ErrDamaged, []string{"backup"}},
		"header": {func(t *testing.T, path string) {
			change(t, path, func(b []byte) []byte { copy(b[10:], "\xff\xff\xff\xff"); return b })
		}, ErrDamaged, []string{"backup"}},
		"schema": {func(t *testing.T, path string) {
			change(t, path, func(b []byte) []byte { copy(b[100:], bytes.Repeat([]byte{0xa5}, 3000)); return b })
		}, ErrDamaged, []string{"backup"}},
		"newer": {func(t *testing.T, path string) {
			filled(t, path)
			execute(t, path, "INSERT INTO ledger_version (version_id, is_applied) VALUES (9999, TRUE)")
		}, ErrNewer, []string{"9999", "newer program"}},
		"foreign": {func(t *testing.T, path string) { execute(t, path, "CREATE TABLE notes (text TEXT)") }, ErrForeign, []string{"another path"}},
		"marked": {func(t *testing.T, path string) {
			execute(t, path, "PRAGMA application_id = 12345")
		}, ErrForeign, []string{"another path"}},
		"folder": {func(t *testing.T, path string) {
			if err := os.Mkdir(path, 0o700); err != nil {
				t.Fatal(err)
			}
		}, nil, []string{"not a file"}},
		"dangling": {func(t *testing.T, path string) {
			if err := os.Symlink(path+".none", path); err != nil {
				t.Fatal(err)
			}
		}, nil, []string{"link"}},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "ledger.db")
			c.make(t, path)
			before, _ := os.ReadFile(path)
			for range 2 { // the lock is free again
				l, err := Open(t.Context(), path)
				if err == nil {
					l.Close()
					t.Fatal("it is opened")
				}
				if c.is != nil && !errors.Is(err, c.is) || errors.Is(err, ErrLocked) {
					t.Errorf("the error is %v", err)
				}
				for _, text := range append(c.says, path) {
					if !strings.Contains(err.Error(), text) {
						t.Errorf("%q is missing in: %v", text, err)
					}
				}
			}
			if after, _ := os.ReadFile(path); c.is != ErrNewer && !bytes.Equal(before, after) {
				t.Error("the file was changed")
			}
		})
	}
	for _, path := range []string{"", "a\x00b", "/dev/null"} {
		if l, err := Open(t.Context(), path); err == nil {
			l.Close()
			t.Errorf("%q is opened", path)
		}
	}
}

func write(t *testing.T, path string, data []byte) {
	t.Helper()
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
}

// change spoils a ledger.
func change(t *testing.T, path string, how func([]byte) []byte) {
	t.Helper()
	filled(t, path)
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	write(t, path, how(data))
}

func execute(t *testing.T, path, query string) {
	t.Helper()
	db, err := connect(path, map[string][]string{})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.ExecContext(t.Context(), query); err != nil {
		t.Fatal(err)
	}
}

// TestDamagedLater finds the damage when it is read.
func TestDamagedLater(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ledger.db")
	change(t, path, func(b []byte) []byte {
		at := len(b) / 2 // among the attempts
		copy(b[at:], bytes.Repeat([]byte{0xa5}, 64<<10))
		return b
	})
	l := openAt(t, path)
	_, err := l.Attempts(t.Context(), AttemptFilter{Run: "r"})
	if !errors.Is(err, ErrDamaged) || !strings.Contains(err.Error(), path) {
		t.Errorf("the error is %v", err)
	}
}

// TestNames opens files whose names mean something in an address.
func TestNames(t *testing.T) {
	folder := t.TempDir()
	for _, name := range []string{"a?mode=memory", "a%20b", "a#b", "温度 '\"&=;", "new/folder/ledger.db", ":memory:"} {
		path := filepath.Join(folder, name)
		filled(t, path)
		if info, err := os.Stat(path); err != nil || info.Size() < 10_000 {
			t.Errorf("%q: %v, %v", name, info, err)
		}
		if _, err := openAt(t, path).Run(t.Context(), "r"); err != nil {
			t.Error(err)
		}
	}
}

// TestDiskFull checks that what does not fit is not there in part, and that work
// goes on once there is room.
func TestDiskFull(t *testing.T) {
	l := openAt(t, filepath.Join(t.TempDir(), "ledger.db"))
	attempts := fillRun(t, l, 10)
	set := func(pages int) {
		t.Helper()
		var now int
		if err := l.writer.QueryRowContext(t.Context(), "PRAGMA max_page_count = "+map[bool]string{true: "1", false: "1000000"}[pages == 0]).Scan(&now); err != nil {
			t.Fatal(err)
		}
	}
	set(0) // no more than there are
	for i := range attempts {
		attempts[i].Detail = strings.Repeat("x", 4000)
	}
	err := l.SaveAttempts(t.Context(), attempts)
	if err == nil || !strings.Contains(err.Error(), "make room") {
		t.Fatalf("the error is %v", err)
	}
	got, err := l.Attempts(t.Context(), AttemptFilter{Run: "r"})
	if err != nil || len(got) != 10 {
		t.Fatalf("%d attempts, %v", len(got), err)
	}
	for _, a := range got {
		if a.Detail != "" {
			t.Errorf("attempt %s was written", a.Task)
		}
	}
	set(1)
	if err := l.SaveAttempts(t.Context(), attempts); err != nil {
		t.Fatal(err)
	}
}

// TestDurable looks at what the promises rest on.
func TestDurable(t *testing.T) {
	l := openAt(t, filepath.Join(t.TempDir(), "ledger.db"))
	for pragma, want := range map[string]string{"journal_mode": "wal", "synchronous": "2", "application_id": "1179407171", "busy_timeout": "10000"} {
		var got string
		if err := l.writer.QueryRowContext(t.Context(), "PRAGMA "+pragma).Scan(&got); err != nil || got != want {
			t.Errorf("%s is %s, not %s: %v", pragma, got, want, err)
		}
	}
	if _, err := l.reader.ExecContext(t.Context(), "DELETE FROM runs"); err == nil {
		t.Error("readers can write")
	}
}

// TestPlans checks that no query that is made often reads a whole table.
func TestPlans(t *testing.T) {
	l := openAt(t, filepath.Join(t.TempDir(), "ledger.db"))
	for _, query := range []string{
		"SELECT id FROM runs WHERE " + isActive + " ORDER BY id",
		"SELECT id FROM runs WHERE job = 'a' ORDER BY id DESC LIMIT 10",
		"SELECT id FROM runs WHERE job = 'a' AND interval_from = 1 AND interval_to = 2 AND origin = 'schedule'",
		"SELECT id FROM runs WHERE created < 5 AND NOT (" + isActive + ") ORDER BY created, id LIMIT 10",
		"SELECT task FROM attempts WHERE run = 'r' AND (generation, task, attempt) > (1, 2, 3) ORDER BY generation, task, attempt LIMIT 5",
		nodesQuery,
	} {
		plan, err := rows(t.Context(), l.read(), func(line *[4]any) []any { return []any{&line[0], &line[1], &line[2], &line[3]} }, "EXPLAIN QUERY PLAN "+strings.ReplaceAll(query, "?", "5"))
		if err != nil {
			t.Fatal(err)
		}
		for _, line := range plan {
			text, _ := line[3].(string)
			if strings.HasPrefix(text, "SCAN") && !strings.Contains(text, "USING INDEX runs_active") && !strings.Contains(text, "USING INDEX nodes_alive") {
				t.Errorf("%s: %s", query, text)
			}
		}
	}
}

func BenchmarkSaveAttempts(b *testing.B) {
	l, err := Open(b.Context(), filepath.Join(b.TempDir(), "ledger.db"))
	if err != nil {
		b.Fatal(err)
	}
	defer l.Close()
	attempts := fillRun(b, l, 3375)
	generation := 0
	for b.Loop() {
		generation++
		for i := range attempts {
			attempts[i].Generation = generation
		}
		if err := l.SaveAttempts(b.Context(), attempts); err != nil {
			b.Fatal(err)
		}
	}
}
