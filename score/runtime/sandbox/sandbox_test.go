package sandbox

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// ends runs a shell script without a sandbox, to its end.
func ends(t *testing.T, limits Limits, script string) (said string, err error) {
	t.Helper()
	box, err := Find(t.Context(), None, "")
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	p, err := box.Start(t.Context(), &Spec{Argv: []string{"/bin/sh", "-c", script}, Scratch: t.TempDir(), Stdout: &out, Stderr: &out, Limits: limits})
	if err != nil {
		t.Fatal(err)
	}
	err = p.Wait()
	return out.String(), err
}

func TestEnds(t *testing.T) {
	for _, c := range []struct {
		script string
		limits Limits
		want   Ended
	}{
		{"exit 0", Limits{}, Ended{}},
		{"exit 3", Limits{}, Ended{Code: 3}},
		{"kill -SEGV $$", Limits{}, Ended{Code: -1, Signal: syscall.SIGSEGV}},
		{"exit 139", Limits{}, Ended{Code: -1, Signal: syscall.SIGSEGV}}, // as shells say it
		{"head -c 300000 /dev/zero > a; head -c 300000 /dev/zero > b; exec tail -f a > /dev/null", Limits{Disk: 500000}, Ended{Code: -1, Signal: syscall.SIGKILL, Limit: Disk}},
	} {
		_, err := ends(t, c.limits, c.script)
		if c.want == (Ended{}) {
			if err != nil {
				t.Errorf("%s: %v", c.script, err)
			}
			continue
		}
		var got *Ended
		if !errors.As(err, &got) {
			t.Errorf("%s: %v", c.script, err)
			continue
		}
		if text := got.Text; (text != "") != (c.want.Limit != "") {
			t.Errorf("%s: it tells %q", c.script, text)
		}
		got.Text = ""
		if *got != c.want {
			t.Errorf("%s: %+v, not %+v", c.script, *got, c.want)
		}
	}
}

// TestOutput passes on all that a program says, which is more than a pipe holds, and nothing of our environment.
func TestOutput(t *testing.T) {
	t.Setenv("FLEETSCORE_SECRET", "the secret")
	said, err := ends(t, Limits{}, "head -c 1000000 /dev/zero; env")
	if err != nil {
		t.Fatal(err)
	}
	zeros := strings.Count(said, "\x00")
	if zeros != 1000000 {
		t.Errorf("%d bytes of 1000000 came", zeros)
	}
	for _, line := range strings.Split(strings.Trim(said, "\x00\n"), "\n") {
		switch name, _, _ := strings.Cut(line, "="); name {
		case "PATH", "HOME", "TMPDIR", "LANG", "PWD", "_", "SHLVL":
		default:
			t.Errorf("the program has %s", line)
		}
	}
}

// TestKilled ends a program whose child holds its output, and which has left its group.
func TestKilled(t *testing.T) {
	box, err := Find(t.Context(), None, "")
	if err != nil {
		t.Fatal(err)
	}
	for name, end := range map[string]func(Process, context.CancelFunc){
		"kill":    func(p Process, _ context.CancelFunc) { p.Kill() },
		"context": func(_ Process, cancel context.CancelFunc) { cancel() },
	} {
		ctx, cancel := context.WithCancel(t.Context())
		r, w, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		p, err := box.Start(ctx, &Spec{Argv: []string{"/bin/sh", "-c", "trap '' TERM; sleep 1000 & echo begun; while :; do wait; done"}, Scratch: t.TempDir(), Stdout: w})
		if err != nil {
			t.Fatal(err)
		}
		_ = w.Close()
		if _, err := r.Read(make([]byte, 10)); err != nil {
			t.Fatal(err)
		}
		end(p, cancel)
		var ended *Ended
		if err := p.Wait(); !errors.As(err, &ended) || !ended.Killed || ended.Signal != syscall.SIGKILL {
			t.Errorf("%s: %v", name, err)
		}
		if err := r.SetReadDeadline(time.Now().Add(time.Minute)); err != nil {
			t.Fatal(err)
		}
		if _, err := r.Read(make([]byte, 10)); err == nil || os.IsTimeout(err) {
			t.Errorf("%s: a child is left, which holds the output: %v", name, err)
		}
		_ = r.Close()
		cancel()
	}
}

// TestSeen says how a program sees files.
func TestSeen(t *testing.T) {
	spec := &Spec{Scratch: "/data/scratch", Binds: []Bind{{"/opt/env", "/env"}, {"/opt/model.pkl", "/models/a.pkl"}}}
	for file, want := range map[string]string{
		"/data/scratch":         "/scratch",
		"/data/scratch/in/x":    "/scratch/in/x",
		"/data/scratchy":        "/data/scratchy",
		"/opt/env/bin/python":   "/env/bin/python",
		"/opt/model.pkl":        "/models/a.pkl",
		"/data/scratch/../keys": "/data/keys",
	} {
		if got := seen(spec, filepath.Clean(file)); got != want {
			t.Errorf("%s is seen at %s, not %s", file, got, want)
		}
	}
}

// TestRefused says what is wrong before anything is started.
func TestRefused(t *testing.T) {
	folder := t.TempDir()
	if err := os.Mkdir(filepath.Join(folder, "in"), 0o755); err != nil {
		t.Fatal(err)
	}
	box, err := Find(t.Context(), None, "")
	if err != nil {
		t.Fatal(err)
	}
	for want, spec := range map[string]*Spec{
		"whole path":     {Argv: []string{"true"}, Scratch: "somewhere"},
		"is not there":   {Argv: []string{"true"}, Scratch: folder, Binds: []Bind{{filepath.Join(folder, "none"), "/x"}}},
		"is in its":      {Argv: []string{"true"}, Scratch: folder, Binds: []Bind{{filepath.Join(folder, "in"), "/x"}}},
		"a program and ": {Scratch: folder},
	} {
		if _, err := box.Start(t.Context(), spec); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not told: %v", want, err)
		}
	}
	for kind, want := range map[string]string{"jail": "not known", None: "runs no image", Bubblewrap: "runs no image"} {
		if _, err := Find(t.Context(), kind, "predict"); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %q is not told: %v", kind, want, err)
		}
	}
	if _, err := Find(t.Context(), Container, ""); err == nil || !strings.Contains(err.Error(), "sandbox: none") {
		t.Errorf("what to do is not told: %v", err)
	}
}
