package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
	"github.com/parquet-go/parquet-go"
	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"fleetscore": main})
}

// TestScripts runs the real binary as a user would: testdata/*.txtar.
// Scripts find the repository's fixtures under $REPO.
func TestScripts(t *testing.T) {
	repo, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Dir: "testdata",
		Setup: func(env *testscript.Env) error {
			env.Setenv("FLEETSCORE_INGEST_MQTT", "off") // the port is one for all
			env.Setenv("REPO", repo)
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"parquet":     dumpParquet,
			"compress":    compress,
			"exits":       exits,
			"holds":       holds,
			"freeaddress": freeAddress,
			"eventually":  eventually,
			"capture":     capture,
			"send":        send,
			"replace":     replace,
			"post":        post,
			"metrics":     metrics,
			"receiver":    receiver,
		},
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
	})
}

// dumpParquet prints a predictions file as text, for stdout and cmp: the schema, then the rows.
func dumpParquet(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: parquet FILE TEXTFILE")
	}
	data, err := os.ReadFile(ts.MkAbs(args[0]))
	ts.Check(err)
	file, err := parquet.OpenFile(bytes.NewReader(data), int64(len(data)))
	ts.Check(err)
	var text bytes.Buffer
	fmt.Fprintln(&text, file.Schema())
	reader := parquet.NewReader(file)
	rows := make([]parquet.Row, 64)
	for {
		n, err := reader.ReadRows(rows)
		for _, row := range rows[:n] {
			for i, v := range row {
				if i > 0 {
					text.WriteByte(',')
				}
				text.WriteString(v.String())
			}
			text.WriteByte('\n')
		}
		if err != nil {
			break
		}
	}
	ts.Check(reader.Close())
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), text.Bytes(), 0o600))
}

// exits runs a program that must end with the given status; what it printed is
// there for stdout and stderr, as after exec.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits STATUS PROGRAM ARG ...")
	}
	var exit *exec.ExitError
	status := 0
	if err := ts.Exec(args[1], args[2:]...); errors.As(err, &exit) {
		status = exit.ExitCode()
	} else {
		ts.Check(err)
	}
	if fmt.Sprint(status) != args[0] {
		ts.Fatalf("%v ended with status %d, not %s", args[1:], status, args[0])
	}
}

// compress writes FILE to FILE.gz or FILE.zst.
func compress(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: compress gz|zst FILE")
	}
	data, err := os.ReadFile(ts.MkAbs(args[1]))
	ts.Check(err)
	var out bytes.Buffer
	switch args[0] {
	case "gz":
		w := gzip.NewWriter(&out)
		_, err = w.Write(data)
		ts.Check(err)
		ts.Check(w.Close())
	case "zst":
		w, err := zstd.NewWriter(&out)
		ts.Check(err)
		_, err = w.Write(data)
		ts.Check(err)
		ts.Check(w.Close())
	default:
		ts.Fatalf("compress: %q is neither gz nor zst", args[0])
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[1]+"."+args[0]), out.Bytes(), 0o600))
}

// holds fails if a folder holds anything but the named files: nothing temporary is left behind.
func holds(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 1 {
		ts.Fatalf("usage: holds FOLDER FILE ...")
	}
	entries, err := os.ReadDir(ts.MkAbs(args[0]))
	ts.Check(err)
	want := make(map[string]bool)
	for _, name := range args[1:] {
		want[name] = true
	}
	for _, e := range entries {
		if !want[e.Name()] {
			ts.Fatalf("%s holds %s, which was not expected", args[0], e.Name())
		}
		delete(want, e.Name())
	}
	for name := range want {
		ts.Fatalf("%s does not hold %s", args[0], name)
	}
}
