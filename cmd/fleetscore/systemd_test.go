package main

import (
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestSystemd starts the service as systemd does, and looks at what it is told.
func TestSystemd(t *testing.T) {
	d := newDeployment(t, 0, "")
	dir, err := os.MkdirTemp("", "fs") // the name of a socket is short
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	socket, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: filepath.Join(dir, "notify"), Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	defer socket.Close()
	if err := socket.SetReadDeadline(time.Now().Add(60 * time.Second)); err != nil {
		t.Fatal(err)
	}
	next := func(want string) {
		t.Helper()
		buf := make([]byte, 200)
		n, err := socket.Read(buf)
		if err != nil || string(buf[:n]) != want {
			t.Fatalf("systemd is told %q, %v; not %q", buf[:n], err, want)
		}
	}
	service := d.up("NOTIFY_SOCKET=" + socket.LocalAddr().String())
	next("READY=1")
	if out, err := d.command("run", "list").CombinedOutput(); err != nil { // it answers from then on
		t.Errorf("%v: %s", err, out)
	}
	d.stop(service)
	next("STOPPING=1")
}

// TestUnit looks that the unit says what the service relies on.
func TestUnit(t *testing.T) {
	text, err := os.ReadFile("../../deploy/systemd/fleetscore.service")
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range []string{"Type=notify", "KillMode=mixed", "OOMPolicy=continue", "Restart=on-failure", "StartLimitIntervalSec=0", "NoNewPrivileges=yes", "ProtectSystem=strict", "ExecReload=/bin/kill -HUP $MAINPID"} {
		if !strings.Contains(string(text), "\n"+line+"\n") {
			t.Errorf("the unit has not %s", line)
		}
	}
}
