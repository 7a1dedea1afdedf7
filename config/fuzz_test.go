package config_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/fleetscore/fleetscore/config"
)

// FuzzLoad: whatever is in the files and in a variable, there is an answer, soon,
// of bounded length; what loads is valid.
func FuzzLoad(f *testing.F) {
	for _, folder := range []string{"good", "bad"} {
		files, err := filepath.Glob(filepath.Join("testdata", folder, "*.yaml"))
		if err != nil || len(files) == 0 {
			f.Fatal(err, len(files))
		}
		for _, path := range files {
			data, err := os.ReadFile(path)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(data, []byte("FLEETSCORE_POOL_MAX=8\n"), "JOBS__HOURLY__RETRIES", "3")
		}
	}
	f.Add([]byte("a: &a [x]\nb: &b [*a, *a]\njobs: &j {<<: [*j, *j], x: *b}"), []byte("export A=\"\\\nFLEETSCORE_="), "WINDOWS__1M__EVERY", "1m")
	folder := f.TempDir()
	f.Fuzz(func(t *testing.T, yaml, dotenv []byte, name, value string) {
		path := filepath.Join(folder, "fleetscore.yaml")
		if os.WriteFile(path, yaml, 0o600) != nil || os.WriteFile(filepath.Join(folder, ".env"), dotenv, 0o600) != nil {
			t.Fatal("cannot write")
		}
		start := time.Now()
		loaded, err := config.Load(path, []string{"FLEETSCORE_" + name + "=" + value}, config.Checks{})
		if took := time.Since(start); took > 5*time.Second {
			t.Fatalf("took %s", took)
		}
		var problems config.Problems
		switch {
		case err == nil:
			if err := loaded.Validate(); err != nil {
				t.Fatalf("loaded, and not valid: %v", err)
			}
			for _, job := range loaded.Jobs {
				if again, err := config.ParseJob(job.JSON()); err != nil || string(again.JSON()) != string(job.JSON()) {
					t.Fatalf("%s reads as %s (%v)", job.JSON(), again.JSON(), err)
				}
			}
		case !errors.As(err, &problems) || len(problems) == 0 || len(problems) > 201:
			t.Fatalf("%d problems: %v", len(problems), err)
		case len(err.Error()) > 2_000_000:
			t.Fatalf("%d bytes of problems", len(err.Error()))
		}
	})
}

// TestBombs are small files that stand for much.
func TestBombs(t *testing.T) {
	aliases := "x0: &x0 {a: 1, b: 2}\n"
	for i := 1; i < 30; i++ {
		n := string(rune('a' + i))
		previous := string(rune('a' + i - 1))
		if i == 1 {
			previous = "x0"
		}
		aliases += n + ": &" + n + " {<<: [" + strings.Repeat("*"+previous+", ", 9) + "*" + previous + "]}\n"
	}
	for name, text := range map[string]string{
		"merges":        "jobs:\n  " + strings.ReplaceAll(aliases, "\n", "\n  ") + "\n",
		"deep":          strings.Repeat("[", 100_000),
		"deep mappings": strings.Repeat("{a: ", 9_000) + strings.Repeat("}", 9_000),
		"many unknown":  strings.Repeat("?\n", 100) + manyKeys(50_000),
		"many jobs":     "jobs:\n  a: &a {input: {file: x}}\n" + strings.ReplaceAll(manyKeys(20_000), "k", "  k"),
		"long list":     "jobs: {a: {input: {file: x, features: [" + strings.Repeat("a,", 200_000) + "]}}}",
	} {
		path := filepath.Join(t.TempDir(), "fleetscore.yaml")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := config.Load(path, nil, config.Checks{})
		var problems config.Problems
		if !errors.As(err, &problems) || len(problems) > 201 || len(err.Error()) > 1_000_000 {
			t.Errorf("%s: %d problems, %.200v", name, len(problems), err)
		}
	}
}

func manyKeys(n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString("k")
		b.WriteString(strings.Repeat("x", i%7))
		b.WriteString(time.Duration(i).String())
		b.WriteString(": 1\n")
	}
	return b.String()
}
