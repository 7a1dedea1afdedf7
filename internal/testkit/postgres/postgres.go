// Package postgres starts a real PostgreSQL server for a test, in a temporary folder,
// reached over a unix socket. It needs Debian's postgresql; root starts it as the user
// postgres, as the server refuses to run as root.
package postgres

import (
	"bytes"
	"database/sql"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver
)

// patience is how long the server may take to start.
const patience = time.Minute

// Server is a running server.
type Server struct {
	t       *testing.T
	folder  string // of its data and its socket
	bin     string
	owner   *syscall.Credential // nil: this process's user
	process *exec.Cmd
	output  bytes.Buffer
	ended   chan error
	schemas atomic.Int64
}

// Start makes a server, which ends with the test.
func Start(t *testing.T) *Server {
	t.Helper()
	s := &Server{t: t, bin: binaries(t)}
	var err error
	if s.folder, err = os.MkdirTemp("/tmp", "pg"); err != nil { // a socket's path must be short
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(s.folder) })
	if os.Geteuid() == 0 {
		s.owner = s.give("postgres")
	}
	s.run("initdb", "--pgdata", s.data(), "--username", "postgres", "--auth", "trust", "--encoding", "UTF8", "--locale", "C", "--no-sync", "--no-instructions")
	t.Cleanup(func() {
		if s.process != nil {
			s.Kill()
		}
	})
	s.Up()
	return s
}

func (s *Server) data() string { return filepath.Join(s.folder, "data") }

// binaries is the folder of initdb and postgres.
func binaries(t *testing.T) string {
	t.Helper()
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	if len(found) > 0 {
		return filepath.Dir(found[len(found)-1])
	}
	path, err := exec.LookPath("initdb")
	if err != nil {
		t.Fatal("PostgreSQL is not installed (on Debian: apt-get install postgresql): ", err)
	}
	return filepath.Dir(path)
}

// give makes the folder that of a user, as whom the server then runs.
func (s *Server) give(name string) *syscall.Credential {
	s.t.Helper()
	u, err := user.Lookup(name)
	if err != nil {
		s.t.Fatal(err)
	}
	uid, err1 := strconv.Atoi(u.Uid)
	gid, err2 := strconv.Atoi(u.Gid)
	if err1 != nil || err2 != nil {
		s.t.Fatal(err1, err2)
	}
	if err := os.Chown(s.folder, uid, gid); err != nil {
		s.t.Fatal(err)
	}
	return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
}

func (s *Server) command(name string, args ...string) *exec.Cmd {
	cmd := exec.Command(filepath.Join(s.bin, name), args...)
	cmd.Dir = s.folder
	if s.owner != nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: s.owner}
	}
	return cmd
}

func (s *Server) run(name string, args ...string) {
	s.t.Helper()
	if out, err := s.command(name, args...).CombinedOutput(); err != nil {
		s.t.Fatalf("%s: %v\n%s", name, err, out)
	}
}

// Up starts the server, and waits until it answers. What a killed one has left may
// stand in its way for a moment.
func (s *Server) Up() {
	s.t.Helper()
	for limit := time.Now().Add(patience); ; {
		s.process = s.command("postgres", "-D", s.data(), "-k", s.folder, "-c", "listen_addresses=", "-c", "fsync=off", "-c", "max_connections=200")
		s.output.Reset()
		s.process.Stdout, s.process.Stderr = &s.output, &s.output
		if err := s.process.Start(); err != nil {
			s.t.Fatal(err)
		}
		s.ended = make(chan error, 1)
		go func(cmd *exec.Cmd, ended chan error) { ended <- cmd.Wait() }(s.process, s.ended)
		if s.answers(limit) {
			return
		}
		if time.Now().After(limit) {
			s.t.Fatalf("PostgreSQL does not start:\n%s", s.output.Bytes())
		}
	}
}

// answers waits until the server answers; false if it ends or the time does.
func (s *Server) answers(limit time.Time) bool {
	db, err := sql.Open("pgx", s.URL(""))
	if err != nil {
		s.t.Fatal(err)
	}
	defer db.Close()
	for time.Now().Before(limit) {
		if db.Ping() == nil {
			return true
		}
		select {
		case <-s.ended:
			s.process = nil
			return false
		case <-time.After(50 * time.Millisecond):
		}
	}
	return false
}

// Kill ends the server with no warning, as a crash does.
func (s *Server) Kill() {
	_ = s.process.Process.Kill() // what it had started ends when it sees that
	<-s.ended
	s.process = nil
}

// Stop has the server say nothing from now on, to nobody, until Continue: it takes
// connections in, and answers none.
func (s *Server) Stop() { s.signal(syscall.SIGSTOP) }

// Continue ends Stop.
func (s *Server) Continue() { s.signal(syscall.SIGCONT) }

// signal is for the server and, after it, all that it has started.
func (s *Server) signal(what syscall.Signal) {
	s.t.Helper()
	pid := s.process.Process.Pid
	if err := syscall.Kill(pid, what); err != nil {
		s.t.Fatal(err)
	}
	children, err := os.ReadFile(fmt.Sprintf("/proc/%[1]d/task/%[1]d/children", pid))
	if err != nil {
		s.t.Fatal(err)
	}
	for _, child := range strings.Fields(string(children)) {
		if n, err := strconv.Atoi(child); err == nil {
			_ = syscall.Kill(n, what) // it may have ended
		}
	}
}

// Socket is the path of the server's socket.
func (s *Server) Socket() string { return filepath.Join(s.folder, ".s.PGSQL.5432") }

// URL is that of a schema in the server's database; of "" the default one.
func (s *Server) URL(schema string) string {
	query := url.Values{"host": {s.folder}}
	if schema != "" {
		query.Set("search_path", schema)
	}
	return "postgres://postgres@/postgres?" + query.Encode()
}

// Schema makes a new schema, and returns its URL.
func (s *Server) Schema(t *testing.T) string {
	t.Helper()
	name := fmt.Sprintf("fleet%d", s.schemas.Add(1))
	s.Execute(t, "", "CREATE SCHEMA "+name)
	return s.URL(name)
}

// Execute changes something in a schema.
func (s *Server) Execute(t *testing.T, schema, query string) {
	t.Helper()
	db, err := sql.Open("pgx", s.URL(schema))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec(query); err != nil {
		t.Fatal(err)
	}
}
