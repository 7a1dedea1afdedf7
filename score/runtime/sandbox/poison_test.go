//go:build runtimes

package sandbox

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/fleetscore/fleetscore/internal/testkit/containers"
)

// python is the interpreter of the system, and of the image.
const python = "/usr/bin/python3"

var poisonLimits = Limits{Memory: 256 << 20, Processes: 64, Files: 256, Disk: 64 << 20}

// poison is a program that does harm, in a sandbox. It must never run without one.
type poison struct {
	t   *testing.T
	box Sandbox
}

func newPoison(t *testing.T, kind, image string) poison {
	t.Helper()
	box, err := Find(t.Context(), kind, image)
	if err != nil {
		t.Fatal(err)
	}
	if box.Name() == None {
		t.Fatal("these programs do harm where there is no sandbox")
	}
	t.Log(box)
	return poison{t, box}
}

// start starts harm.py.
func (p poison) start(ctx context.Context, folder string, out *os.File, said *bytes.Buffer, args ...string) Process {
	p.t.Helper()
	script, err := os.ReadFile("testdata/harm.py")
	if err != nil {
		p.t.Fatal(err)
	}
	file := filepath.Join(p.t.TempDir(), "harm.py")
	if err := os.WriteFile(file, script, 0o644); err != nil {
		p.t.Fatal(err)
	}
	spec := &Spec{Argv: append([]string{python, "-u", "/harm.py"}, args...), Scratch: folder, Binds: []Bind{{file, "/harm.py"}}, Stderr: said, Limits: poisonLimits}
	if spec.Stdout = said; out != nil {
		spec.Stdout = out
	}
	process, err := p.box.Start(ctx, spec)
	if err != nil {
		p.t.Fatal(err)
	}
	return process
}

// patience is how long a program may take for its harm.
const patience = 2 * time.Minute

// run runs harm.py to its end.
func (p poison) run(folder string, args ...string) (string, error) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.t.Context(), patience)
	defer cancel()
	var said bytes.Buffer
	err := p.start(ctx, folder, nil, &said, args...).Wait()
	if ctx.Err() != nil {
		p.t.Fatalf("%s has not ended:\n%s", args[0], said.String())
	}
	return said.String(), err
}

// harmless runs harm.py, of which nothing may work.
func (p poison) harmless(folder string, args ...string) {
	p.t.Helper()
	said, err := p.run(folder, args...)
	if err != nil || !strings.HasSuffix(said, "tried\n") {
		p.t.Errorf("%s did not try all: %v\n%s", args[0], err, said)
	}
	p.noHarm(said)
}

func (p poison) noHarm(said string) {
	p.t.Helper()
	for line := range strings.Lines(said) {
		if strings.Contains(line, "HARM") {
			p.t.Error(line)
		}
	}
}

// all runs every poison.
func (p poison) all() {
	p.secrets()
	p.network()
	p.writes()
	p.links()
	p.memory()
	p.disk()
	for _, kind := range []string{"fork", "stubborn", "leave"} {
		p.ends(kind)
	}
}

func (p poison) secrets() {
	p.t.Setenv("FLEETSCORE_SECRET", "SECRET")
	var files []string
	for _, name := range []string{".ssh/id_ed25519", "fleetscore-data/token"} {
		file := filepath.Join(p.t.TempDir(), name)
		if err := os.MkdirAll(filepath.Dir(file), 0o777); err != nil {
			p.t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte("SECRET"), 0o644); err != nil {
			p.t.Fatal(err)
		}
		files = append(files, file)
	}
	p.harmless(p.t.TempDir(), append([]string{"secrets"}, files...)...)
}

func (p poison) network() {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		p.t.Fatal(err)
	}
	defer listener.Close()
	path := filepath.Join(p.t.TempDir(), "socket")
	unix, err := net.Listen("unix", path)
	if err != nil {
		p.t.Fatal(err)
	}
	defer unix.Close()
	abstract, err := net.Listen("unix", "@"+path)
	if err != nil {
		p.t.Fatal(err)
	}
	defer abstract.Close()
	_, port, _ := net.SplitHostPort(listener.Addr().String())
	p.harmless(p.t.TempDir(), "network", port, path)
}

func (p poison) writes() {
	folder := p.t.TempDir()
	victim := filepath.Join(folder, "victim")
	if err := errors.Join(os.WriteFile(victim, []byte("whole"), 0o666), os.Chmod(victim, 0o666), os.Chmod(folder, 0o777)); err != nil {
		p.t.Fatal(err)
	}
	p.harmless(p.t.TempDir(), "write", victim)
	if p.box.Name() == Bubblewrap { // in a container a program can have namespaces, without more rights
		p.harmless(p.t.TempDir(), "namespaces")
	}
	if text, err := os.ReadFile(victim); string(text) != "whole" {
		p.t.Errorf("the victim has %q: %v", text, err)
	}
}

// links lets a second program have the folder of one that has put links there.
func (p poison) links() {
	victim := p.t.TempDir()
	if err := os.Chmod(victim, 0o777); err != nil {
		p.t.Fatal(err)
	}
	folder := p.t.TempDir()
	p.harmless(folder, "links", victim)
	var said bytes.Buffer
	process, err := p.box.Start(p.t.Context(), &Spec{Argv: []string{"/bin/sh", "-c", "touch /tmp/harm /dev/shm/harm; ls -d /tmp/harm /dev/shm/harm"}, Scratch: folder, Stdout: &said, Stderr: &said})
	if err != nil {
		p.t.Fatal(err)
	}
	if err := process.Wait(); err != nil {
		p.t.Errorf("the second program: %v\n%s", err, said.String())
	}
	if left, err := os.ReadDir(victim); err != nil || len(left) > 0 {
		p.t.Errorf("%v was written through a link (%v)", left, err)
	}
}

// memory takes 10 GB. Where each process alone is bounded, it is refused; else it is ended.
func (p poison) memory() {
	said, err := p.run(p.t.TempDir(), "memory")
	p.noHarm(said)
	var ended *Ended
	if !errors.As(err, &ended) || ended.Killed {
		p.t.Errorf("memory: %v\n%s", err, said)
		return
	}
	together := !strings.Contains(fmt.Sprint(p.box), "alone")
	if refused := strings.Contains(said, "MemoryError"); ended.Limit != Memory && (together || !refused) {
		p.t.Errorf("memory: %+v\n%s", ended, said)
	}
	if together {
		said, err := p.run(p.t.TempDir(), "children")
		p.noHarm(said)
		// An engine tells only of the program itself.
		if !errors.As(err, &ended) || ended.Limit != Memory && p.box.Name() != Container {
			p.t.Errorf("memory of children: %v\n%s", err, said)
		}
	}
}

func (p poison) disk() {
	said, err := p.run(p.t.TempDir(), "fill")
	p.noHarm(said)
	var ended *Ended
	if !errors.As(err, &ended) || ended.Limit != Disk {
		p.t.Errorf("disk: %v\n%s", err, said)
	}
}

// ends lets a program begin its harm, and ends it unless it ends by itself. Nothing may be left of it.
func (p poison) ends(kind string) {
	marker := fmt.Sprintf("poison-%d-%d", os.Getpid(), time.Now().UnixNano())
	r, w, err := os.Pipe()
	if err != nil {
		p.t.Fatal(err)
	}
	defer r.Close()
	ctx, cancel := context.WithTimeout(p.t.Context(), patience)
	defer cancel()
	var said bytes.Buffer
	process := p.start(ctx, p.t.TempDir(), w, &said, kind, marker)
	_ = w.Close()
	var out []byte
	for block := make([]byte, 4096); !bytes.Contains(out, []byte("tried\n")); {
		n, err := r.Read(block)
		if err != nil {
			p.t.Errorf("%s did not try: %v\n%s%s", kind, err, out, said.String())
			break
		}
		out = append(out, block[:n]...)
	}
	p.noHarm(string(out))
	if kind != "leave" {
		process.Kill()
	}
	var ended *Ended
	if err := process.Wait(); kind != "leave" && (!errors.As(err, &ended) || !ended.Killed) || kind == "leave" && err != nil {
		p.t.Errorf("%s ended otherwise: %v\n%s", kind, err, said.String())
	}
	if ctx.Err() != nil {
		p.t.Errorf("%s was not ended", kind)
	}
	gone(p.t, marker)
}

// gone waits until no process has the marker among its arguments.
func gone(t *testing.T, marker string) {
	t.Helper()
	limit := time.After(patience)
	for {
		left := with(marker)
		if len(left) == 0 {
			return
		}
		select {
		case <-limit:
			t.Fatalf("processes are left: %v", left)
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// with lists the processes that have the marker among their arguments.
func with(marker string) (found []string) {
	files, _ := filepath.Glob("/proc/[0-9]*/cmdline")
	for _, file := range files {
		if line, err := os.ReadFile(file); err == nil && bytes.Contains(line, []byte(marker)) {
			found = append(found, file)
		}
	}
	return found
}

func TestPoisonInBubblewrap(t *testing.T) { newPoison(t, Bubblewrap, "").all() }

func TestPoisonInContainer(t *testing.T) {
	containers.Setenv(t)
	newPoison(t, Container, containers.Image).all()
}

// TestPoisonAsNobody does it as a user without rights, and without control groups.
func TestPoisonAsNobody(t *testing.T) {
	if os.Geteuid() != 0 {
		return // TestPoisonInBubblewrap does, then
	}
	self, err := os.ReadFile(os.Args[0])
	if err != nil {
		t.Fatal(err)
	}
	folder, err := os.MkdirTemp("/tmp", "poison-") // that of the test is root's alone
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(folder)
	script, err := os.ReadFile("testdata/harm.py")
	if err != nil {
		t.Fatal(err)
	}
	program := filepath.Join(folder, "sandbox.test")
	err = errors.Join(os.WriteFile(program, self, 0o755), os.Mkdir(filepath.Join(folder, "testdata"), 0o755), os.WriteFile(filepath.Join(folder, "testdata/harm.py"), script, 0o644),
		os.Chmod(folder, 0o755), os.Mkdir(filepath.Join(folder, "tmp"), 0o700), os.Chown(filepath.Join(folder, "tmp"), nobody, nobody))
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), program, "-test.run=^TestPoisonInBubblewrap$", "-test.v")
	cmd.Dir = folder
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + folder, "TMPDIR=" + filepath.Join(folder, "tmp")}
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
	said, err := cmd.CombinedOutput()
	if err != nil || !bytes.Contains(said, []byte("--- PASS: TestPoisonInBubblewrap")) || !bytes.Contains(said, []byte("alone")) {
		t.Errorf("%v\n%s", err, said)
	}
}

// TestParentKilled kills who has started programs. They end, or are ended by who comes next.
func TestParentKilled(t *testing.T) {
	containers.Setenv(t)
	for kind, image := range map[string]string{Bubblewrap: "", Container: containers.Image} {
		marker := fmt.Sprintf("parent-%d-%s", os.Getpid(), kind)
		cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestParent$")
		cmd.Env = append(os.Environ(), "FLEETSCORE_PARENT="+kind+" "+image+" "+marker)
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		cmd.Stderr = os.Stderr
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		if n, err := out.Read(make([]byte, 100)); err != nil || n == 0 {
			t.Fatalf("%s: it has not begun: %v", kind, err)
		}
		if err := cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_ = cmd.Wait()
		if kind == Container {
			if len(with(marker)) == 0 {
				t.Error("the container has ended by itself: it is not what is tried here")
			}
			if _, err := Find(t.Context(), kind, image); err != nil {
				t.Fatal(err)
			}
		}
		gone(t, marker)
	}
	names, err := exec.CommandContext(t.Context(), "podman", "ps", "--all", "--format", "{{.Names}}").Output()
	if err != nil || strings.Contains(string(names), prefix) {
		t.Errorf("containers are left: %s (%v)", names, err)
	}
	if g, err := findGroups(); err == nil {
		for _, parent := range g.parents {
			if left, _ := filepath.Glob(filepath.Join(parent, prefix+strconv.Itoa(os.Getpid())+"-*")); len(left) > 0 {
				t.Errorf("control groups are left: %v", left)
			}
		}
	}
}

// TestParent is who is killed: it is another process of TestParentKilled's.
func TestParent(t *testing.T) {
	how := strings.Split(os.Getenv("FLEETSCORE_PARENT"), " ")
	if len(how) != 3 {
		return
	}
	box, err := Find(t.Context(), how[0], how[1])
	if err != nil {
		t.Fatal(err)
	}
	p, err := box.Start(t.Context(), &Spec{Argv: []string{"/bin/sh", "-c", "echo begun; while :; do sleep 1; done", how[2]}, Scratch: t.TempDir(), Stdout: os.Stdout, Stderr: os.Stderr, Limits: poisonLimits})
	if err != nil {
		t.Fatal(err)
	}
	t.Fatal(p.Wait())
}
