package config_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fleetscore/fleetscore/config"
)

// fixtures lists the files of a folder of testdata.
func fixtures(t *testing.T, folder string, least int) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("testdata", folder, "*.yaml"))
	if err != nil || len(files) < least {
		t.Fatalf("%d files in %s (%v)", len(files), folder, err)
	}
	return files
}

func read(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func TestGoodFiles(t *testing.T) {
	for _, path := range fixtures(t, "good", 10) {
		f, err := config.Load(path, nil, config.Checks{})
		if err != nil {
			t.Errorf("%v", err)
			continue
		}
		if err := f.Validate(); err != nil {
			t.Errorf("%s: loaded, and not valid: %v", path, err)
		}
		for name, job := range f.Jobs {
			again, err := config.ParseJob(job.JSON())
			if err != nil || string(again.JSON()) != string(job.JSON()) {
				t.Errorf("%s: %s is %s, which reads as %s (%v)", path, name, job.JSON(), again.JSON(), err)
			}
		}
	}
}

// TestBadFiles compares all that is said of a file with what stands beside it.
func TestBadFiles(t *testing.T) {
	for _, path := range fixtures(t, "bad", 100) {
		_, err := config.Load(path, nil, config.Checks{})
		if err == nil {
			t.Errorf("%s is accepted", path)
			continue
		}
		got := strings.ReplaceAll(err.Error(), filepath.Dir(path)+string(filepath.Separator), "")
		if want := strings.TrimSuffix(read(t, strings.TrimSuffix(path, ".yaml")+".txt"), "\n"); got != want {
			t.Errorf("%s:\n got:\n%s\nwant:\n%s", path, got, want)
		}
	}
}

// TestSamples shows that the samples say what they seem to.
func TestSamples(t *testing.T) {
	f, err := config.Load("testdata/good/design.yaml", nil, config.Checks{})
	if err != nil {
		t.Fatal(err)
	}
	job := f.Jobs["hourly"]
	if job.Interval.String() != "1h" || job.Delay.String() != "2m" || job.Input.Window != "1m" || !job.Input.Clips() || job.MaxFailed != "1%" ||
		job.Timeout.String() != "10m" || job.CatchUp != "latest" || job.Overlap != "queue" || f.Retention.Predictions.String() != "400d" || f.Pool.Max != 8 {
		t.Errorf("%+v", f)
	}
	if len(f.Warnings) != 1 || !strings.Contains(f.Warnings[0].Error(), "retention.readings: has no effect yet") {
		t.Errorf("warnings: %v", f.Warnings)
	}
	if f, err = config.Load("testdata/good/reference.yaml", nil, config.Checks{}); err != nil {
		t.Fatal(err)
	}
	job = f.Jobs["reference"]
	if job.Schedule != "@every 10s" || job.Input.File != "sensor_data.csv" || job.Input.Clips() || job.Output != (config.Output{Format: "csv", Layout: "sensor"}) {
		t.Errorf("%+v", job)
	}
	if here, _ := filepath.Abs("testdata/good/data"); f.Store != here || f.StateDir() != filepath.Join(here, ".fleetscore") {
		t.Errorf("store %s, state %s", f.Store, f.StateDir())
	}
	if f, err = config.Load("testdata/good/merge.yaml", nil, config.Checks{}); err != nil {
		t.Fatal(err)
	}
	if d, w := f.Jobs["daily"], f.Jobs["weekly"]; d.Schedule != "@daily" || d.Retries.Max != 1 || d.Input.Window != "1m" || w.Schedule != "@weekly" || f.Jobs["hourly"].Schedule != "@hourly" {
		t.Errorf("%+v", f.Jobs)
	}
}

func TestInit(t *testing.T) {
	for name, text := range map[string]string{"as it is": string(config.Init()), "with all that is commented out": uncommented(string(config.Init()))} {
		path := filepath.Join(t.TempDir(), "fleetscore.yaml")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		f, err := config.Load(path, nil, config.Checks{})
		if err != nil {
			t.Errorf("%s: %v\n%s", name, err, text)
			continue
		}
		if len(f.Warnings) > 0 {
			t.Errorf("%s: %v", name, f.Warnings)
		}
		// What it shows as defaults are the defaults.
		d := config.Default()
		if f.Pool.Idle != d.Pool.Idle || f.Pool.Min != d.Pool.Min || f.Listen != d.Listen || f.Retention != d.Retention || f.Log != d.Log {
			t.Errorf("%s: %+v", name, f)
		}
		for _, job := range f.Jobs {
			want := config.DefaultJob()
			if job.Retries != want.Retries || job.CatchUp != want.CatchUp || job.Overlap != want.Overlap || job.Timeout != want.Timeout || job.Output != want.Output {
				t.Errorf("%+v", job)
			}
		}
		if wantsJob := name != "as it is"; wantsJob != (len(f.Jobs) == 1) {
			t.Errorf("%s: %d jobs", name, len(f.Jobs))
		}
	}
}

// uncommented takes the # from lines that are settings: no space or several follow it.
func uncommented(text string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		if rest, ok := strings.CutPrefix(line, "#"); ok && (!strings.HasPrefix(rest, " ") || strings.HasPrefix(rest, "  ")) {
			line = rest
		}
		b.WriteString(line)
	}
	return b.String()
}
