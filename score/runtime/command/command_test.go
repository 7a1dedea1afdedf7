package command

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/parquet-go/parquet-go"

	"github.com/fleetscore/fleetscore/fleet"
	"github.com/fleetscore/fleetscore/score/runtime"
	"github.com/fleetscore/fleetscore/score/runtime/sandbox"
)

// TestMain is the program too that the tests run, where its first argument says so.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == "program" {
		if err := program(os.Args[2:]); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(3)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// program does as its first argument says, in its working directory, which is a folder of a test.
func program(args []string) error {
	what, args := args[0], args[1:]
	switch what {
	case "score", "at":
		return answer(what, args)
	case "parquet":
		return answerParquet(args[0], args[1])
	}
	output := args[0]
	switch what {
	case "exit":
		fmt.Fprintln(os.Stderr, "no such table: wind")
		os.Exit(7)
	case "die":
		return syscall.Kill(os.Getpid(), syscall.SIGKILL)
	case "hang":
		select {}
	case "meet":
		return meet(output, args[1])
	case "silence":
	case "link":
		return os.Symlink("input.csv", output)
	case "pipe":
		return syscall.Mkfifo(output, 0o600)
	case "folder":
		return os.Mkdir(output, 0o700)
	case "sparse":
		file, err := os.Create(output)
		if err != nil {
			return err
		}
		return file.Truncate(1 << 30)
	case "print":
		line := strings.Repeat("x", 1023) + "\n"
		for range 64 << 10 {
			if _, err := io.WriteString(os.Stdout, line); err != nil {
				return err
			}
		}
	case "lock":
		if err := os.MkdirAll("a/b", 0o700); err != nil {
			return err
		}
		return os.Chmod("a", 0)
	case "write":
		return os.WriteFile(output, []byte(strings.ReplaceAll(args[1], "|", "\n")), 0o600)
	default:
		return fmt.Errorf("what is %s?", what)
	}
	return nil
}

// answer scores every value v of the input by 1 - v. For a device whose name begins with
// "bad" it exits; of one that begins with "short" it forgets a row.
func answer(what string, args []string) error {
	in, out := os.Stdin, os.Stdout
	var err error
	if args[0] != "-" {
		if in, err = os.Open(args[0]); err != nil {
			return err
		}
	}
	if args[1] != "-" {
		if out, err = os.Create(args[1]); err != nil {
			return err
		}
	}
	rows, err := csv.NewReader(in).ReadAll()
	if err != nil {
		return err
	}
	if what == "at" { // the last first
		slices.Reverse(rows[1:])
	}
	table := csv.NewWriter(out)
	_ = table.Write([]string{"Decision Function", "time", "DEVICE", "tag"})
	forgot := false
	for _, row := range rows[1:] {
		if strings.HasPrefix(row[1], "bad") {
			return fmt.Errorf("cannot do with %s", row[1])
		}
		if strings.HasPrefix(row[1], "short") && !forgot {
			forgot = true
			continue
		}
		value, err := strconv.ParseFloat(row[slices.IndexFunc(rows[0], func(name string) bool { return name == "Value" || name == "mean" })], 64)
		if err != nil {
			return err
		}
		_ = table.Write([]string{strconv.FormatFloat(1-value, 'g', -1, 64), row[0], row[1], row[2]})
	}
	table.Flush()
	return table.Error()
}

// meet draws a number in a folder, and answers when two others are at work beside it: those
// who have drawn the other numbers of its three. It fails if there are more.
func meet(output, folder string) error {
	number := 0
	for ; os.Mkdir(filepath.Join(folder, strconv.Itoa(number)), 0o700) != nil; number++ {
	}
	working := filepath.Join(folder, "working-"+strconv.Itoa(number))
	if err := os.WriteFile(working, nil, 0o600); err != nil {
		return err
	}
	for _, other := range []int{0, 1, 2} {
		for {
			if _, err := os.Stat(filepath.Join(folder, strconv.Itoa(number/3*3+other))); err == nil {
				break
			}
			<-time.After(5 * time.Millisecond)
		}
	}
	all, err := filepath.Glob(filepath.Join(folder, "working-*"))
	if err != nil {
		return err
	}
	if len(all) > 3 {
		return fmt.Errorf("at work: %q", all)
	}
	if err := os.Remove(working); err != nil {
		return err
	}
	return os.WriteFile(output, []byte("score\n1\n2\n3\n"), 0o600)
}

// parquetRow is a row of an input, and of an answer to it, in Parquet.
type parquetRow struct {
	TS     int64   `parquet:"TS,timestamp(nanosecond)"`
	Device string  `parquet:"Device"`
	Tag    string  `parquet:"Tag"`
	Mean   float64 `parquet:"mean"`
	Zero   float64 `parquet:"a zero"`
	Score  float64 `parquet:"score"`
	Said   *int32  `parquet:"anomaly,optional"`
}

// answerParquet says of every row with mean m that its score is 1 - m, and it an anomaly if that is
// not above 0; of every row of the device "null" nothing.
func answerParquet(input, output string) error {
	rows, err := parquet.ReadFile[parquetRow](input)
	if err != nil {
		return err
	}
	for i := range rows {
		row := &rows[i]
		row.Score = 1 - row.Mean + row.Zero
		if row.Device == "null" {
			continue
		}
		row.Said = new(int32)
		if row.Score <= 0 {
			*row.Said = 1
		}
	}
	return parquet.WriteFile(output, rows)
}

// self is the command line of the program that does what.
func self(t testing.TB, what string) string {
	t.Helper()
	path, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	// Under the race detector, it would wait for a second at its end.
	return "env GORACE=atexit_sleep_ms=0 '" + path + "' program " + what
}

func newRuntime(t testing.TB, c fleet.CommandRuntime) *Runtime {
	t.Helper()
	if c.Input == "" {
		c.Input = "csv"
	}
	if c.Output == "" {
		c.Output = "csv"
	}
	c.Network = "none"
	box, err := sandbox.Find(t.Context(), "none", "")
	if err != nil {
		t.Fatal(err)
	}
	r, err := New(t.Context(), Config{Command: c, Sandbox: box, Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := r.Close(); err != nil {
			t.Error(err)
		}
		left, err := filepath.Glob(filepath.Join(r.cfg.Dir, "*"))
		if err != nil || len(left) > 0 {
			t.Errorf("left behind: %q, %v", left, err)
		}
	})
	return r
}

// requests are three sensors of 3 rows each, with models, by the names of their devices.
func requests(devices ...string) []runtime.Request {
	all := make([]runtime.Request, len(devices))
	for i, device := range devices {
		all[i] = runtime.Request{
			Sensor: fleet.Sensor{Device: device, Tag: "t"}, Key: "models/" + strconv.Itoa(i) + ".pkl", Digest: "00ff", Model: []byte("model " + device),
			Features: []string{"value"}, Times: []int64{1e18, 1e18, 1e18 + 5e8}, Values: []float64{0.5, 1.5, 1e-7},
		}
	}
	return all
}

func score(t *testing.T, r *Runtime, of []runtime.Request) []runtime.Answer {
	t.Helper()
	answers := make([]runtime.Answer, len(of))
	if err := r.Score(t.Context(), of, answers); err != nil {
		t.Fatal(err)
	}
	return answers
}

var hostile = []string{"a b", `"; rm -rf x; echo '`, "$(reboot)`", "a,b", "é\t%s", "{device}", "line\nline"}

// TestScore: rows are matched with their answers, by order and by time, through files and
// pipes, alone and in a shard, whatever devices are called.
func TestScore(t *testing.T) {
	for _, test := range []struct{ name, run, per, input, output string }{
		{"files", "score {input} {output}", "sensor", "csv", "csv"},
		{"pipes", "score - -", "sensor", "stdin", "stdout"},
		{"another order", "at {input} {output}", "sensor", "csv", "csv"},
		{"shard", "score {input} {output}", "shard", "csv", "csv"},
		{"shard by pipes, another order", "at - -", "shard", "stdin", "stdout"},
		{"placeholders of pipes", "score {input} {output}", "shard", "stdin", "stdout"},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := newRuntime(t, fleet.CommandRuntime{Run: self(t, test.run) + " '{scratch} it'", Per: test.per, Input: test.input, Output: test.output})
			for i, a := range score(t, r, requests(hostile...)) {
				if a.Err != nil {
					t.Errorf("%q: %s: %v", hostile[i], a.Cause, a.Err)
					continue
				}
				// Of two rows of one time, which was first cannot be told when they come in another order.
				wanted := []float64{0.5, -0.5, 1 - 1e-7}
				if strings.HasPrefix(test.run, "at") {
					wanted[0], wanted[1] = wanted[1], wanted[0]
				}
				if !slices.Equal(a.Score, wanted) {
					t.Errorf("%q: scores %v; want %v", hostile[i], a.Score, wanted)
				}
				for row, score := range a.Score {
					if anomaly := a.Label[row] == -1; anomaly != (score < 0) {
						t.Errorf("%q: score %v has label %d", hostile[i], score, a.Label[row])
					}
				}
			}
		})
	}
}

// TestParquet: the same by Parquet, whose columns of features stand in their order; nulls were not scored.
func TestParquet(t *testing.T) {
	for _, per := range []string{"sensor", "shard"} {
		r := newRuntime(t, fleet.CommandRuntime{Run: self(t, "parquet {input} {output}"), Per: per, Input: "parquet", Output: "parquet"})
		all := requests("a", "null", "ü,b")
		for i := range all {
			all[i].Features, all[i].Values = []string{"mean", "a zero"}, []float64{0.5, 0, 1, 0, 7, 0}
		}
		for i, a := range score(t, r, all) {
			wanted := []int8{1, -1, -1}
			if all[i].Sensor.Device == "null" {
				wanted = []int8{0, 0, 0}
			}
			if a.Err != nil || !slices.Equal(a.Label, wanted) || wanted[0] == 1 && !slices.Equal(a.Score, []float64{0.5, 0, -6}) {
				t.Errorf("%s: %v %v, %v", all[i].Sensor, a.Score, a.Label, a.Err)
			}
		}
	}
}

// TestDevices: where models are of devices, no table has tags.
func TestDevices(t *testing.T) {
	for _, test := range []struct{ what, input, output string }{{"score", "csv", "csv"}, {"parquet", "parquet", "parquet"}} {
		r := newRuntime(t, fleet.CommandRuntime{Run: self(t, test.what+" {input} {output}"), Per: "shard", Input: test.input, Output: test.output})
		all := requests("a", "b")
		for i := range all {
			all[i].Sensor.Tag, all[i].Features, all[i].Values = "", []string{"mean", "a zero"}, []float64{0.5, 0, 1, 0, 7, 0}
		}
		for i, a := range score(t, r, all) {
			if a.Err != nil || !slices.Equal(a.Score, []float64{0.5, 0, -6}) {
				t.Errorf("%s: %v %v, %v", all[i].Sensor, a.Score, a.Label, a.Err)
			}
		}
	}
}

// TestCulprits: of a shard, only those fail that make the program fail, and those whose
// rows are wrong.
func TestCulprits(t *testing.T) {
	var devices []string
	for i := range 40 {
		devices = append(devices, "d"+strconv.Itoa(i))
	}
	devices[3], devices[4], devices[39], devices[20] = "bad 3", "bad 4", "bad 39", "short"
	r := newRuntime(t, fleet.CommandRuntime{Run: self(t, "score {input} {output}"), Per: "shard"})
	for i, a := range score(t, r, requests(devices...)) {
		wanted := ""
		switch {
		case strings.HasPrefix(devices[i], "bad"):
			wanted = "the program ended with exit code 3: cannot do with " + devices[i]
		case devices[i] == "short":
			wanted = "its output has 2 rows for the 3 it was given"
		}
		got := ""
		if a.Err != nil {
			got = a.Err.Error()
		}
		if got != wanted {
			t.Errorf("%s: %q; want %q", devices[i], got, wanted)
		}
	}
}

// TestBrokenProgram: a program that fails for all is not run for each.
func TestBrokenProgram(t *testing.T) {
	devices := make([]string, 500)
	for i := range devices {
		devices[i] = "bad" + strconv.Itoa(i)
	}
	r := newRuntime(t, fleet.CommandRuntime{Run: self(t, "score {input} {output}"), Per: "shard"})
	alone := 0
	for i, a := range score(t, r, requests(devices...)) {
		if a.Cause != fleet.ScriptFailed {
			t.Fatalf("%s: %q %v", devices[i], a.Cause, a.Err)
		}
		if !strings.Contains(a.Err.Error(), "processes have failed for this shard") {
			alone++
		}
	}
	if alone > 100 {
		t.Errorf("%d were tried by themselves", alone)
	}
}

// TestJudged: whatever a program leaves or does, it is that sensor's failure, which says what was wrong.
func TestJudged(t *testing.T) {
	for _, test := range []struct {
		what, output string
		cause        fleet.Cause
		want         string
	}{
		{"exit {output}", "csv", fleet.ScriptFailed, "exit code 7: no such table: wind"},
		{"die {output}", "csv", fleet.Crashed, "signal 9"},
		{"hang {output}", "csv", fleet.TimedOut, "it took longer than 1s"},
		{"silence {output}", "csv", fleet.ScriptFailed, "neither output.csv nor a file in predictions"},
		{"silence -", "stdout", fleet.ScriptFailed, "not even a header"},
		{"link output.csv", "csv", fleet.ScriptFailed, "output.csv is no file but a link"},
		{"link predictions/x", "csv", fleet.ScriptFailed, "predictions/x is no file but a link"},
		{"pipe output.csv", "csv", fleet.ScriptFailed, "is no file but a pipe"},
		{"folder output.csv", "csv", fleet.ScriptFailed, "is no file but a folder"},
		{"sparse output.csv", "csv", fleet.ScriptFailed, "has 1073741824 bytes; the most for these rows is"},
		{"print -", "stdout", fleet.ScriptFailed, "bytes to its standard output, the most"},
		{"lock -", "csv", fleet.ScriptFailed, "neither output.csv"},
		{"write output.csv score|1|2", "csv", fleet.ScriptFailed, "2 rows for the 3"},
		{"write output.csv score|1|2|3|4", "csv", fleet.ScriptFailed, "more rows than the 3"},
		{"write output.csv score|1|2|x", "csv", fleet.ScriptFailed, `"x" where a number belongs`},
		{"write output.csv score,score|1,1|2,2|3,3", "csv", fleet.ScriptFailed, "may both be the score"},
		{"write output.csv label,anomaly|1,0|1,0|1,0", "csv", fleet.ScriptFailed, "which may differ"},
		{"write output.csv anomaly|1|0|-1", "csv", fleet.ScriptFailed, "its verdict -1 is neither 1, an anomaly, nor 0"},
		{"write output.csv label|1|0|-1", "csv", fleet.ScriptFailed, "its label 0 is neither -1, an anomaly, nor 1"},
		{"write output.csv value|1|0|-1", "csv", fleet.ScriptFailed, "no column score, anomaly or label"},
		{"write output.csv score,device|1,d|2,d|3,other", "csv", fleet.ScriptFailed, `a row of "other/t", which was not asked for`},
		{"write output.csv score,ts|1,2001-09-09T01:46:40Z|2,1000000000|3,1000000000", "csv", fleet.ScriptFailed, "has a row of 2001-09-09T01:46:40Z, which"},
		{"write output.csv score,ts|1,soon|2,|3,", "csv", fleet.ScriptFailed, "bad time"},
		{"write output.csv score|1|2,3|4", "csv", fleet.ScriptFailed, "wrong number of fields"},
		{"write output.parquet score|1|2|3", "parquet", fleet.ScriptFailed, "not a whole Parquet file"},
	} {
		t.Run(test.what, func(t *testing.T) {
			r := newRuntime(t, fleet.CommandRuntime{Run: self(t, test.what), Per: "sensor", Output: test.output, Confinement: fleet.Confinement{Timeout: 1}})
			if !strings.HasPrefix(test.what, "hang") {
				r.command.Timeout = 0
			}
			a := score(t, r, requests("d"))[0]
			if a.Cause != test.cause || a.Err == nil || !strings.Contains(a.Err.Error(), test.want) {
				t.Errorf("%q %v; want %q %q", a.Cause, a.Err, test.cause, test.want)
			}
		})
	}
}

// TestVerdicts: what a table may say of rows.
func TestVerdicts(t *testing.T) {
	nan := math.NaN()
	for _, test := range []struct {
		table  string
		scores []float64
		labels []int8
	}{
		{"score|1|-1|0", []float64{1, -1, 0}, []int8{1, -1, 1}},
		{"Prediction|1|0|1", []float64{-1, 1, -1}, []int8{-1, 1, -1}},
		{`is_anomaly|TRUE|false|""`, []float64{-1, 1, nan}, []int8{-1, 1, 0}},
		{"label|1|-1|1.0", []float64{1, -1, 1}, []int8{1, -1, 1}},
		{"anomaly,score|1,5|0,-5|1,NaN", []float64{5, -5, nan}, []int8{-1, 1, 0}},
		{"anomaly,score|,5|0,-5|1,5", []float64{nan, -5, 5}, []int8{0, 1, -1}},
		{"score|1e3|inf|NA", []float64{1000, nan, nan}, []int8{1, 0, 0}},
		{"more,score,x|a,1,b|c,2,d|,3,", []float64{1, 2, 3}, []int8{1, 1, 1}},
	} {
		r := newRuntime(t, fleet.CommandRuntime{Run: self(t, "write predictions/mine '"+test.table+"'"), Per: "sensor"})
		a := score(t, r, requests("d"))[0]
		same := func(x, y float64) bool { return x == y || x != x && y != y }
		if a.Err != nil || !slices.EqualFunc(a.Score, test.scores, same) || !slices.Equal(a.Label, test.labels) {
			t.Errorf("%q: %v %v, %v", test.table, a.Score, a.Label, a.Err)
		}
	}
}

// TestPrinted: what a program prints is kept, from its start and its end, and no more.
func TestPrinted(t *testing.T) {
	r := newRuntime(t, fleet.CommandRuntime{Run: self(t, "print -"), Per: "sensor"})
	a := score(t, r, requests("d"))[0]
	if len(a.Output) > 4*printed || !strings.HasPrefix(a.Output, "xxx") || !strings.Contains(a.Output, "bytes left out") {
		t.Errorf("%d bytes: %.80q", len(a.Output), a.Output)
	}
}

// TestCanceled: who gives up waits for no program, and leaves none behind.
func TestCanceled(t *testing.T) {
	for _, per := range []string{"sensor", "shard"} {
		r := newRuntime(t, fleet.CommandRuntime{Run: self(t, "hang {output}"), Per: per})
		ctx, cancel := context.WithCancelCause(t.Context())
		given := errors.New("given up")
		time.AfterFunc(200*time.Millisecond, func() { cancel(given) })
		all := requests("a", "b", "c", "d")
		if err := r.Score(ctx, all, make([]runtime.Answer, len(all))); !errors.Is(err, given) {
			t.Errorf("%s: %v", per, err)
		}
	}
}

// TestWorkers: as many processes are there at a time as there are workers, however many ask.
func TestWorkers(t *testing.T) {
	folder := t.TempDir()
	r := newRuntime(t, fleet.CommandRuntime{Run: self(t, "meet {output} "+folder), Per: "sensor", Confinement: fleet.Confinement{Workers: 3, Timeout: 60}})
	var group errgroup.Group
	for range 2 {
		group.Go(func() error {
			all := requests("a", "b", "c", "d", "e", "f")
			answers := make([]runtime.Answer, len(all))
			err := r.Score(t.Context(), all, answers)
			for _, a := range answers {
				err = errors.Join(err, a.Err)
			}
			return err
		})
	}
	if err := group.Wait(); err != nil {
		t.Error(err)
	}
}

// BenchmarkRuntime is how many sensors of 3 rows are scored by a program that does next to nothing.
func BenchmarkRuntime(b *testing.B) {
	for _, per := range []string{"sensor", "shard"} {
		b.Run(per, func(b *testing.B) {
			r := newRuntime(b, fleet.CommandRuntime{Run: self(b, "score {input} {output}"), Per: per})
			devices := make([]string, 64)
			for i := range devices {
				devices[i] = "d" + strconv.Itoa(i)
			}
			all := requests(devices...)
			answers := make([]runtime.Answer, len(all))
			for b.Loop() {
				if err := r.Score(b.Context(), all, answers); err != nil {
					b.Fatal(err)
				}
				for _, a := range answers {
					if a.Err != nil {
						b.Fatal(a.Err)
					}
				}
			}
			b.ReportMetric(float64(len(all)*b.N)/b.Elapsed().Seconds(), "sensors/s")
		})
	}
}
