package main

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// Commands of scripts that have a service in the background.

// freeAddress sets a variable to an address on this machine at which nobody listens.
func freeAddress(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: freeaddress VARIABLE")
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	ts.Check(err)
	ts.Setenv(args[0], l.Addr().String())
	ts.Check(l.Close())
}

// eventually runs a program until it ends with 0 and what it printed matches; that
// is there for stdout and stderr, as after exec.
func eventually(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: eventually REGEXP PROGRAM ARG ...")
	}
	pattern, err := regexp.Compile("(?m)" + args[0])
	ts.Check(err)
	for limit := time.Now().Add(30 * time.Second); ; wait() {
		err := ts.Exec(args[1], args[2:]...)
		if err == nil && pattern.MatchString(ts.ReadFile("stdout")) {
			return
		}
		if time.Now().After(limit) {
			ts.Fatalf("%v never ended with 0 and printed what matches %s; the last time: %v", args[1:], args[0], err)
		}
	}
}

// capture sets a variable to what the group of a regular expression matches in
// the output of the last command.
func capture(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: capture VARIABLE REGEXP-WITH-A-GROUP")
	}
	pattern, err := regexp.Compile("(?m)" + args[1])
	ts.Check(err)
	match := pattern.FindStringSubmatch(ts.ReadFile("stdout"))
	if len(match) < 2 {
		ts.Fatalf("the output does not match %s", args[1])
	}
	ts.Setenv(args[0], match[1])
}

// send sends a signal to the programs in the background.
func send(ts *testscript.TestScript, neg bool, args []string) {
	signals := map[string]syscall.Signal{"HUP": syscall.SIGHUP, "TERM": syscall.SIGTERM}
	if neg || len(args) != 1 || signals[args[0]] == 0 {
		ts.Fatalf("usage: send HUP|TERM")
	}
	for _, cmd := range ts.BackgroundCmds() {
		ts.Check(cmd.Process.Signal(signals[args[0]]))
	}
}

// since is a time in a file to post: so long after the full hour three hours ago.
var since = regexp.MustCompile(`@[-0-9hms]+`)

// post posts a file of readings to the service, with the token in $BEARER if there is
// one; the answer is there for stdout. With ! it must be refused.
func post(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 1 {
		ts.Fatalf("usage: [!] post FILE.json|FILE.ndjson|FILE.csv")
	}
	base := ts.Getenv("BASE") // the same for all of a script
	if base == "" {
		base = time.Now().UTC().Truncate(time.Hour).Add(-3 * time.Hour).Format(time.RFC3339)
		ts.Setenv("BASE", base)
	}
	at, err := time.Parse(time.RFC3339, base)
	ts.Check(err)
	body := since.ReplaceAllStringFunc(ts.ReadFile(args[0]), func(text string) string {
		d, err := time.ParseDuration(text[1:])
		ts.Check(err)
		return at.Add(d).Format(time.RFC3339)
	})
	types := map[string]string{".json": "application/json", ".ndjson": "application/x-ndjson", ".csv": "text/csv"}
	req, err := http.NewRequest(http.MethodPost, "http://"+ts.Getenv("FLEETSCORE_LISTEN")+"/api/v1/readings", strings.NewReader(body))
	ts.Check(err)
	req.Header.Set("Content-Type", types[filepath.Ext(args[0])])
	if bearer := ts.Getenv("BEARER"); bearer != "" {
		req.Header.Set("Authorization", "Bearer "+bearer)
	}
	res, err := http.DefaultClient.Do(req)
	ts.Check(err)
	answer, err := io.ReadAll(res.Body)
	ts.Check(err)
	ts.Check(res.Body.Close())
	if (res.StatusCode == http.StatusOK) == neg {
		ts.Fatalf("%s: %s", res.Status, answer)
	}
	fmt.Fprintf(ts.Stdout(), "%s: %s", res.Status, answer)
}

// metrics waits until what is told to Prometheus matches, or looks that it does not.
func metrics(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 1 {
		ts.Fatalf("usage: [!] metrics REGEXP")
	}
	pattern, err := regexp.Compile("(?m)" + args[0])
	ts.Check(err)
	for limit := time.Now().Add(30 * time.Second); ; wait() {
		res, err := http.Get("http://" + ts.Getenv("FLEETSCORE_LISTEN") + "/metrics")
		ts.Check(err)
		text, err := io.ReadAll(res.Body)
		ts.Check(err)
		ts.Check(res.Body.Close())
		if pattern.Match(text) != neg {
			return
		}
		if neg || time.Now().After(limit) {
			ts.Fatalf("%s: it is %v that it matches %s:\n%s", res.Status, neg, args[0], text)
		}
	}
}

// replace replaces a text in a file.
func replace(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: replace FILE OLD NEW")
	}
	text := ts.ReadFile(args[0])
	if !strings.Contains(text, args[1]) {
		ts.Fatalf("%s does not contain %s", args[0], args[1])
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(strings.ReplaceAll(text, args[1], args[2])), 0o600))
}
