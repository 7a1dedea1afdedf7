//go:build postgres

package ledger_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/fleetscore/fleetscore/internal/testkit/postgres"
	"github.com/fleetscore/fleetscore/ledger"
	"github.com/fleetscore/fleetscore/ledger/ledgertest"
)

func TestPostgres(t *testing.T) {
	server := postgres.Start(t)
	ledgertest.Run(t, func(t *testing.T) ledgertest.Database {
		url := server.Schema(t)
		return func(ctx context.Context) (*ledger.Ledger, error) { return ledger.Open(ctx, url) }
	})
}

// long is how often something is done in the short form of a test, and in the soak.
func long(short, soak int) int {
	if os.Getenv("FLEETSCORE_SOAK") != "" {
		return soak
	}
	return short
}

// TestPostgresKilled is TestKilled.
func TestPostgresKilled(t *testing.T) {
	killWriters(t, postgres.Start(t).Schema(t), long(8, 500))
}

// TestPostgresLocked checks that who is refused is told by whom.
func TestPostgresLocked(t *testing.T) {
	url := postgres.Start(t).Schema(t)
	cmd, in := holder(t, url, "up", "--config", "fleet.yaml")
	_, err := ledger.Open(t.Context(), url)
	if !errors.Is(err, ledger.ErrLocked) || !strings.Contains(err.Error(), fmt.Sprintf("process %d on ", cmd.Process.Pid)) ||
		!strings.Contains(err.Error(), filepath.Base(os.Args[0])+" up --config fleet.yaml") {
		t.Errorf("the error is %v", err)
	}
	in.Close()
	if err := cmd.Wait(); err != nil {
		t.Fatal(err)
	}
	l, err := ledger.Open(t.Context(), url) // at once
	if err != nil {
		t.Fatal(err)
	}
	l.Close()
}

// TestPostgresServerKilled kills the server again and again under two writers of one
// ledger. One writes and the other waits; who has lost the ledger to the other ends,
// and is started again. Each interval is fired once, and what was said to be done is.
func TestPostgresServerKilled(t *testing.T) {
	server := postgres.Start(t)
	url := server.Schema(t)
	said := &saying{last: done{-1, 0}, more: make(chan struct{}, 1)}
	stop := make(chan struct{})
	ended := make(chan int, 2)
	for range 2 {
		go func() { ended <- writeOn(t, url, said, stop) }()
	}
	for range long(6, 300) {
		<-time.After(rand.N(1500 * time.Millisecond))
		server.Kill()
		if rand.IntN(2) == 0 {
			<-time.After(rand.N(500 * time.Millisecond))
		}
		said.forget()
		server.Up()
		select {
		case <-said.more: // it goes on
		case <-time.After(30 * time.Second):
			t.Fatal("nobody writes any more")
		}
	}
	close(stop)
	lost := <-ended + <-ended
	checkKilled(t, url, said.last)
	t.Logf("%d intervals, taken over from a living process %d times", said.last.interval+1, lost)
}

// saying is how far writers have said that they are.
type saying struct {
	mu   sync.Mutex
	last done
	more chan struct{} // something was said
}

func (s *saying) hear(d done) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if d.interval > s.last.interval || d.interval == s.last.interval && d.step > s.last.step {
		s.last = d
		select {
		case s.more <- struct{}{}:
		default:
		}
	}
}

// forget has more be of what is said from now on.
func (s *saying) forget() {
	select {
	case <-s.more:
	default:
	}
}

// writeOn has a child write, and another when it has lost the ledger, until it is to
// stop. It returns how often that was.
func writeOn(t *testing.T, url string, said *saying, stop <-chan struct{}) (lost int) {
	for {
		cmd := child(t, "write", url)
		var why strings.Builder
		cmd.Stderr = &why
		out, err := cmd.StdoutPipe()
		if err == nil {
			err = cmd.Start()
		}
		if err != nil {
			t.Error(err)
			return lost
		}
		finished := make(chan struct{})
		go func() {
			select {
			case <-stop:
				_ = cmd.Process.Kill()
			case <-finished:
			}
		}()
		for lines := bufio.NewScanner(out); lines.Scan(); {
			var d done
			if _, err := fmt.Sscanf(lines.Text(), "%d/%d", &d.interval, &d.step); err != nil {
				t.Errorf("the writer said %q", lines.Text())
			}
			said.hear(d)
		}
		_ = cmd.Wait()
		close(finished)
		select {
		case <-stop:
			return lost
		default:
		}
		if !strings.Contains(why.String(), ledger.ErrLost.Error()) && !strings.Contains(why.String(), ledger.ErrAway.Error()) {
			t.Errorf("a writer ended: %s", why.String())
			return lost
		}
		lost++
	}
}

// TestPostgresStopped stops the process that has a ledger: another takes over, and
// the first, when it wakes up, can write nothing any more.
func TestPostgresStopped(t *testing.T) {
	url := postgres.Start(t).Schema(t)
	cmd := child(t, "write", url)
	var why strings.Builder
	cmd.Stderr = &why
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	lines.Scan()
	if err := cmd.Process.Signal(syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	begin := time.Now()
	l, err := opened(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	t.Logf("taken over from a process that is stopped after %v", time.Since(begin))
	before, err := l.Runs(t.Context(), ledger.RunFilter{})
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Process.Signal(syscall.SIGCONT); err != nil {
		t.Fatal(err)
	}
	for lines.Scan() { // what it had said before it was stopped
	}
	if err := cmd.Wait(); err == nil || !strings.Contains(why.String(), "the ledger was lost to process "+strconv.Itoa(os.Getpid())) {
		t.Errorf("it ended with %v: %s", err, why.String())
	}
	after, err := l.Runs(t.Context(), ledger.RunFilter{})
	if err != nil || len(after) != len(before) || after[0].TasksDone != before[0].TasksDone {
		t.Errorf("it had %d runs when it was stopped, and has %d: %v", len(before), len(after), err)
	}
}

// TestPostgresCut cuts the network of the process that has a ledger. It knows that it
// may have lost the ledger before another can have it.
func TestPostgresCut(t *testing.T) {
	server := postgres.Start(t)
	url := server.Schema(t)
	wire := newWire(t, server.Socket())
	first, err := ledger.Open(t.Context(), wire.url(url))
	if err != nil {
		t.Fatal(err)
	}
	defer first.Close()
	if err := first.SetSetting(t.Context(), "k", "first"); err != nil {
		t.Fatal(err)
	}
	// A short cut: it goes on, and nothing is done twice.
	wire.cut()
	time.AfterFunc(time.Second, wire.mend)
	if err := first.SetSetting(t.Context(), "k", "second"); err != nil {
		t.Fatal(err)
	}
	if err := first.Held(); err != nil {
		t.Error(err)
	}
	wire.cut()
	begin := time.Now()
	var second *ledger.Ledger
	for second == nil {
		held := first.Held()
		second, err = ledger.Open(t.Context(), url)
		if err != nil && !errors.Is(err, ledger.ErrLocked) {
			t.Fatal(err)
		}
		if second != nil && first.Held() == nil {
			t.Errorf("both have it; a moment before the first had: %v", held)
		}
	}
	defer second.Close()
	t.Logf("taken over from a process whose network was cut after %v", time.Since(begin))
	if err := second.SetSetting(t.Context(), "k", "third"); err != nil {
		t.Fatal(err)
	}
	wire.mend()
	select {
	case <-first.Lost():
	case <-time.After(30 * time.Second):
		t.Fatal("the first does not learn that it has lost")
	}
	if err := first.SetSetting(t.Context(), "k", "fourth"); !errors.Is(err, ledger.ErrLost) {
		t.Errorf("the error is %v", err)
	}
	if value, _, err := second.Setting(t.Context(), "k"); value != "third" || err != nil {
		t.Errorf("the setting is %s: %v", value, err)
	}
}

// TestPostgresHung has the server say nothing, as one that is stopped. Nobody waits for
// ever, however many do; afterwards all goes on, and the ledger was not lost.
func TestPostgresHung(t *testing.T) {
	server := postgres.Start(t)
	wire := newWire(t, server.Socket())
	l, err := ledger.Open(t.Context(), wire.url(server.Schema(t)))
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if err := l.SetSetting(t.Context(), "k", "before"); err != nil {
		t.Fatal(err)
	}
	wire.cut()
	const each = 30 // more than there are connections
	all := make(chan error, 2*each)
	for range each {
		go func() { all <- l.SetSetting(context.Background(), "k", "meanwhile") }()
		go func() {
			_, err := l.Jobs(context.Background())
			all <- err
		}()
	}
	limit := time.After(time.Minute)
	begun := time.Now()
	for range 2 * each {
		select {
		case err := <-all:
			if !errors.Is(err, ledger.ErrAway) {
				t.Errorf("the error is %v", err)
			}
		case <-limit:
			t.Fatal("some wait for a server that says nothing, and do not end")
		}
	}
	t.Logf("%d calls were told after %v at most", 2*each, time.Since(begun).Round(time.Second/10))
	wire.mend()
	for limit := time.Now().Add(time.Minute); l.Held() != nil; <-time.After(50 * time.Millisecond) {
		if time.Now().After(limit) {
			t.Fatal("it does not go on: ", l.Held())
		}
	}
	if err := l.SetSetting(t.Context(), "k", "after"); err != nil {
		t.Error(err)
	}
	if value, _, err := l.Setting(t.Context(), "k"); value != "after" || err != nil {
		t.Errorf("the setting is %s: %v", value, err)
	}
}

// TestPostgresExamine looks at databases as fleetscore doctor does: it tells what is
// there, and leaves it as it was.
func TestPostgresExamine(t *testing.T) {
	server := postgres.Start(t)
	look := func(url string) ledger.Server {
		t.Helper()
		s, err := ledger.Examine(t.Context(), url)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	url := server.Schema(t)
	for range 2 { // the first has made nothing
		if s := look(url); s.Version != 0 || s.Knows < 6 || !s.MayMake || s.Holder != "" || s.Last != "" || s.Schema != "fleet1" || s.Unproven || s.Free < 100 || s.Ahead.Abs() > time.Minute {
			t.Errorf("of an empty schema: %+v", s)
		}
	}
	l, err := ledger.Open(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	if err := l.SetSetting(t.Context(), "k", "v"); err != nil {
		t.Fatal(err)
	}
	us := fmt.Sprintf("process %d on ", os.Getpid())
	if s := look(url); s.Version != s.Knows || !strings.HasPrefix(s.Holder, us) || !s.Owns || len(s.Lacks) > 0 || s.Settings["k"] != "v" || s.Runs != 0 {
		t.Errorf("of one that is open: %+v", s)
	}
	// A second one waits for it, and looking was in the way of neither.
	if _, err := ledger.Open(t.Context(), url); !errors.Is(err, ledger.ErrLocked) {
		t.Error(err)
	}
	if err := errors.Join(l.SetSetting(t.Context(), "k", "w"), l.Close()); err != nil {
		t.Fatal(err)
	}
	if s := look(url); s.Holder != "" || s.Last != "" {
		t.Errorf("of one that was closed: %+v", s)
	}
	cmd, in := holder(t, url, "up")
	_ = cmd.Process.Kill()
	_ = cmd.Wait()
	in.Close()
	want := fmt.Sprintf("process %d on ", cmd.Process.Pid)
	for limit := time.Now().Add(30 * time.Second); ; <-time.After(50 * time.Millisecond) {
		s := look(url)
		if s.Holder == "" && strings.HasPrefix(s.Last, want) {
			break
		}
		if time.Now().After(limit) {
			t.Fatalf("of one that was killed: %+v", s)
		}
	}

	// What a user may do who owns nothing.
	server.Execute(t, "", "CREATE ROLE plain LOGIN CONNECTION LIMIT 3; GRANT USAGE ON SCHEMA fleet1 TO plain; GRANT SELECT ON ALL TABLES IN SCHEMA fleet1 TO plain")
	as := func(url string) string { return strings.Replace(url, "postgres@", "plain@", 1) }
	if s := look(as(url)); s.MayMake || s.Owns || len(s.Lacks) < 10 || s.Free > 3 {
		t.Errorf("of a user without rights: %+v", s)
	}
	server.Execute(t, "", "GRANT INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA fleet1 TO plain")
	if s := look(as(url)); s.Version != s.Knows || len(s.Lacks) > 0 || s.Owns {
		t.Errorf("of a user who owns nothing: %+v", s)
	}
	server.Execute(t, "", "INSERT INTO fleet1.ledger_version (version_id, is_applied) VALUES (9999, TRUE)")
	server.Execute(t, "", "CREATE SCHEMA odd; CREATE TABLE odd.runs (x INT)")
	server.Execute(t, "", "CREATE DATABASE latin ENCODING 'LATIN1' TEMPLATE template0")
	server.Execute(t, "", "CREATE ROLE full LOGIN CONNECTION LIMIT 0")
	for name, c := range map[string]struct {
		url  string
		is   error
		says string
	}{
		"newer":    {url, ledger.ErrNewer, "9999"},
		"foreign":  {server.URL("odd"), ledger.ErrForeign, "runs"},
		"schema":   {server.URL("none"), nil, "CREATE SCHEMA"},
		"encoding": {strings.Replace(server.URL(""), "/postgres?", "/latin?", 1), nil, "UTF8"},
		"full":     {strings.Replace(url, "postgres@", "full@", 1), ledger.ErrAway, "too many"},
		"away":     {"postgres://postgres:s3cr3t@127.0.0.1:1/postgres", ledger.ErrAway, "does not answer"},
	} {
		if _, err := ledger.Examine(t.Context(), c.url); err == nil || c.is != nil && !errors.Is(err, c.is) || !strings.Contains(err.Error(), c.says) || strings.Contains(err.Error(), "s3cr3t") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestPostgresDump backs a ledger up and puts it back by the commands that it is told.
func TestPostgresDump(t *testing.T) {
	server := postgres.Start(t)
	others := server.Schema(t)
	for _, url := range []string{server.Schema(t), server.URL("")} {
		url = strings.Replace(url, "postgres@", "postgres:s3cr3t@", 1) + "&sslmode=disable&default_transaction_isolation=serializable"
		set := func(at, value string) {
			t.Helper()
			l, err := ledger.Open(t.Context(), at)
			if err != nil {
				t.Fatal(err)
			}
			if err := errors.Join(l.SetSetting(t.Context(), "k", value), l.Close()); err != nil {
				t.Fatal(err)
			}
		}
		do := func(told error) {
			t.Helper()
			_, command, _ := strings.Cut(told.Error(), "pg_")
			if !errors.Is(told, ledger.ErrNoBackup) || strings.Contains(told.Error(), "s3cr3t") {
				t.Fatalf("told: %v", told)
			}
			cmd := exec.Command("sh", "-c", "pg_"+command)
			cmd.Dir = t.TempDir()
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Fatalf("%s: %v: %s", command, err, out)
			}
		}
		dumped := filepath.Join(t.TempDir(), "ledger.dump")
		at := func(err error) error { return rename{err, dumped} }
		set(url, "before")
		set(others, "theirs")
		l, err := ledger.Open(t.Context(), url)
		if err != nil {
			t.Fatal(err)
		}
		do(at(l.Backup(t.Context(), "never"))) // while it is open
		l.Close()
		set(url, "after")
		do(at(ledger.NoRestore(url)))
		l, err = ledger.Open(t.Context(), url)
		if err != nil {
			t.Fatal(err)
		}
		if value, _, err := l.Setting(t.Context(), "k"); value != "before" || err != nil {
			t.Errorf("the setting is %s: %v", value, err)
		}
		l.Close()
	}
}

// rename has a command use another file.
type rename struct {
	error
	dumped string
}

func (r rename) Error() string { return strings.ReplaceAll(r.error.Error(), "ledger.dump", r.dumped) }

func (r rename) Unwrap() error { return r.error }

// TestPostgresOnce breaks connections again and again, after any number of bytes: so
// it is often not known whether a change was committed. All is done once.
func TestPostgresOnce(t *testing.T) {
	server := postgres.Start(t)
	wire := newWire(t, server.Socket())
	l, err := ledger.Open(t.Context(), wire.url(server.Schema(t)))
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	wire.breakUp.Store(true)
	notes := long(60, 2000)
	for n := range notes {
		if err := l.Note(t.Context(), ledger.Entry{Action: strconv.Itoa(n)}); err != nil {
			t.Fatal(err)
		}
	}
	wire.breakUp.Store(false)
	trail, err := l.Trail(t.Context(), 0, 0)
	if err != nil {
		t.Fatal(err)
	}
	for i, e := range trail {
		if want := strconv.Itoa(len(trail) - 1 - i); e.Action != want {
			t.Fatalf("there is %s where %s should be", e.Action, want)
		}
	}
	if broken := wire.broken.Load(); len(trail) != notes || broken == 0 {
		t.Errorf("%d notes of %d, and %d connections were broken", len(trail), notes, broken)
	} else {
		t.Logf("%d notes over %d connections that broke", notes, broken)
	}
}

// TestPostgresRefused opens what cannot be a ledger. What is said has no password.
func TestPostgresRefused(t *testing.T) {
	server := postgres.Start(t)
	server.Execute(t, "", "CREATE SCHEMA foreign_one; CREATE TABLE foreign_one.runs (x INT)")
	server.Execute(t, "", "CREATE SCHEMA newer")
	l, err := ledger.Open(t.Context(), server.URL("newer"))
	if err != nil {
		t.Fatal(err)
	}
	l.Close()
	server.Execute(t, "newer", "INSERT INTO ledger_version (version_id, is_applied) VALUES (9999, TRUE)")
	server.Execute(t, "", "CREATE DATABASE latin ENCODING 'LATIN1' TEMPLATE template0")
	withSecret := func(url string) string { return strings.Replace(url, "postgres@", "postgres:s3cr3t@", 1) }
	for name, c := range map[string]struct {
		url  string
		is   error
		says string
	}{
		"foreign":  {server.URL("foreign_one"), ledger.ErrForeign, "schema of its own"},
		"newer":    {server.URL("newer"), ledger.ErrNewer, "newer program"},
		"schema":   {server.URL("none"), nil, "CREATE SCHEMA"},
		"database": {strings.Replace(server.URL(""), "/postgres?", "/nothing?", 1), nil, "createdb"},
		"encoding": {strings.Replace(server.URL(""), "/postgres?", "/latin?", 1), nil, "UTF8"},
		"away":     {"postgres://postgres@127.0.0.1:1/postgres", ledger.ErrAway, "does not answer"},
		"option":   {"postgres://postgres@127.0.0.1/postgres?sslmode=perhaps", nil, "sslmode"},
		"text":     {"postgres://%zz", nil, "no URL"},
		"port":     {"postgres://postgres@h:x/y", nil, "no URL"},
	} {
		t.Run(name, func(t *testing.T) {
			l, err := ledger.Open(t.Context(), withSecret(c.url))
			if err == nil {
				l.Close()
				t.Fatal("it is opened")
			}
			if c.is != nil && !errors.Is(err, c.is) || !strings.Contains(err.Error(), c.says) || strings.Contains(err.Error(), "s3cr3t") {
				t.Errorf("the error is %v", err)
			}
		})
	}
}
