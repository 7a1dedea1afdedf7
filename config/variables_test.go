package config_test

import (
	"errors"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/fleetscore/fleetscore/config"
)

// deployment writes a configuration and a file of variables, and loads them.
func deployment(t *testing.T, yaml, dotenv string, environ ...string) (*config.File, error) {
	t.Helper()
	return checked(t, config.Checks{}, yaml, dotenv, environ...)
}

func checked(t *testing.T, checks config.Checks, yaml, dotenv string, environ ...string) (*config.File, error) {
	t.Helper()
	t.Chdir(t.TempDir())
	for name, text := range map[string]string{"fleetscore.yaml": yaml, ".env": dotenv} {
		if text == "" {
			continue
		}
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return config.Load("", environ, checks)
}

const twoJobs = `
pool: {min: 1, max: 2}
jobs:
  hourly: {input: {file: a.csv}, retries: 1}
  pump-7.daily: {input: {file: b.csv}}
`

func TestVariables(t *testing.T) {
	f, err := deployment(t, twoJobs,
		"# comment\nFLEETSCORE_POOL_MAX=4\nexport FLEETSCORE_LISTEN='127.0.0.1:1' # with a comment\nFLEETSCORE_PARTITIONS=\"7\"\nAWS_ACCESS_KEY_ID=abc\nOTHER=1\n",
		"FLEETSCORE_POOL_MAX=8", "FLEETSCORE_STORE=s3://bucket/x", "FLEETSCORE_LOG__LEVEL=debug", "FLEETSCORE_RETENTION_LOGS=12d", "FLEETSCORE_DATA=",
		"FLEETSCORE_JOBS__HOURLY__SCHEDULE=@every 10s", "FLEETSCORE_JOBS__HOURLY__RETRIES_MAX_BACKOFF=9m", "FLEETSCORE_JOBS__HOURLY__INPUT__FEATURES=mean,\"a,b\"",
		"FLEETSCORE_JOBS__HOURLY__ANOMALY_SCORE_BELOW=-1.5", "FLEETSCORE_JOBS__HOURLY__PAUSED=true", "FLEETSCORE_JOBS__HOURLY__INPUT_CLIP=true",
		"FLEETSCORE_JOBS__PUMP_7_DAILY__RETRIES=7", "FLEETSCORE_JOBS__pump-7.daily__INPUT_COLUMNS=time=TS",
		"FLEETSCORE_JOBS__BRAND_NEW__INPUT_FILE=c.csv", "FLEETSCORE_JOBS__BRAND_NEW__MAX_FAILED=3", "FLEETSCORE_WINDOWS__5M__EVERY=5m",
		"FLEETSCORE_TOKEN=t", "FLEETSCORE_NODE=n", "FLEETSCORE_KERNEL=portable", "FLEETSCORE_SOAK=1", "OTHER=2", "FLEETSCORE=", "PATH=/bin")
	if err != nil {
		t.Fatal(err)
	}
	hourly, daily, brandNew := f.Jobs["hourly"], f.Jobs["pump-7.daily"], f.Jobs["brand_new"]
	for what, ok := range map[string]bool{
		"the environment wins":       f.Pool.Max == 8 && f.Pool.Min == 1,
		".env wins over the file":    f.Listen == "127.0.0.1:1" && f.Partitions == 7,
		"top":                        f.Store == "s3://bucket/x" && f.Data == "",
		"groups":                     f.Log.Level == "debug" && f.Retention.Logs.String() == "12d",
		"a job":                      hourly.Schedule == "@every 10s" && hourly.Input.File == "a.csv" && hourly.Paused && hourly.Input.Clips() && *hourly.Anomaly.ScoreBelow == -1.5,
		"beside a short form":        hourly.Retries.Max == 1 && hourly.Retries.MaxBackoff.String() == "9m",
		"a list":                     slices.Equal(hourly.Input.Features, []string{"mean", `"a,b"`}),
		"a name with - and .":        daily.Retries.Max == 7 && daily.Input.Columns == "time=TS" && daily.Input.File == "b.csv",
		"a new job has defaults too": brandNew.Input.File == "c.csv" && brandNew.MaxFailed == "3" && brandNew.CatchUp == "latest",
		"no more jobs":               len(f.Jobs) == 3,
		"a window":                   f.Windows["5m"].Every.String() == "5m",
		"others":                     slices.Equal(f.Others(), []string{"AWS_ACCESS_KEY_ID=abc"}),
	} {
		if !ok {
			t.Errorf("%s: %+v", what, f)
		}
	}
}

func TestBadVariables(t *testing.T) {
	for _, c := range []struct{ name, dotenv, environ, want string }{
		{"unknown", "", "FLEETSCORE_STROE=x", "FLEETSCORE_STROE: unknown setting; did you mean FLEETSCORE_STORE?"},
		{"far", "", "FLEETSCORE_QWERTZUIOP=x", "FLEETSCORE_QWERTZUIOP: unknown setting; fleetscore reads every variable that begins with FLEETSCORE_"},
		{"other", "", "FLEETSCORE_TOKN=x", "FLEETSCORE_TOKN: unknown setting; did you mean FLEETSCORE_TOKEN?"},
		{"number", "", "FLEETSCORE_POOL_MAX=lots", "FLEETSCORE_POOL_MAX: pool.max: its value is not a whole number such as 8"},
		{"range", "", "FLEETSCORE_PARTITIONS=5000", "FLEETSCORE_PARTITIONS: partitions: its value is not between 1 and 4096"},
		{"enum", "", "FLEETSCORE_LOG_LEVEL=hunter2", "FLEETSCORE_LOG_LEVEL: log.level: its value is not one of debug, info, warn, error"},
		{"in .env", "\n\nFLEETSCORE_POOL_MAX=lots\n", "", ".env:3: FLEETSCORE_POOL_MAX: pool.max: its value is not a whole number such as 8"},
		{"no assignment", "A=1\nsecret words\n", "", ".env:2: is not NAME=value, nor a comment (#)"},
		{"open quote", "A='secret\nB=2\n", "", ".env:1: the quote before the value is not closed on its line"},
		{"after quote", "A='x'secret\n", "", ".env:1: something follows the quoted value; put a # before a comment"},
		{"one underscore", "", "FLEETSCORE_JOBS_HOURLY_SCHEDULE=x", "FLEETSCORE_JOBS_HOURLY_SCHEDULE: unknown setting: write FLEETSCORE_JOBS__NAME__SETTING, with two underscores around the name"},
		{"no setting", "", "FLEETSCORE_JOBS__HOURLY=x", "FLEETSCORE_JOBS__HOURLY: unknown setting: write FLEETSCORE_JOBS__NAME__SETTING, with two underscores around the name"},
		{"unknown in job", "", "FLEETSCORE_JOBS__HOURLY__SHEDULE=x", "FLEETSCORE_JOBS__HOURLY__SHEDULE: unknown setting; did you mean FLEETSCORE_JOBS__HOURLY__SCHEDULE?"},
		{"a slip in a name", "", "FLEETSCORE_JOBS__HUORLY__SCHEDULE=@daily",
			"FLEETSCORE_JOBS__HUORLY__SCHEDULE: jobs.huorly.input: is needed: what to score, exactly one of window, files and file; or did you mean hourly, not huorly?"},
		{"a bad name", "", "FLEETSCORE_JOBS__Ä__SCHEDULE=x", `FLEETSCORE_JOBS__Ä__SCHEDULE: unknown setting`},
		{"twice", "", "FLEETSCORE_POOL__MAX=1 FLEETSCORE_POOL_MAX=2", "FLEETSCORE_POOL__MAX: pool.max: is set twice, by FLEETSCORE_POOL_MAX too|FLEETSCORE_POOL_MAX: pool.max: is set twice, by FLEETSCORE_POOL__MAX too"},
		{"all at once", "FLEETSCORE_POOL_MIN=x\n", "FLEETSCORE_POOL_MAX=y FLEETSCORE_NO=z",
			"FLEETSCORE_NO: unknown setting; fleetscore reads every variable that begins with FLEETSCORE_\nFLEETSCORE_POOL_MAX: pool.max: its value is not a whole number such as 8\n.env:1: FLEETSCORE_POOL_MIN: pool.min: its value is not a whole number such as 8"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := deployment(t, twoJobs, c.dotenv, strings.Fields(c.environ)...)
			if err == nil || !slices.Contains(strings.Split(c.want, "|"), err.Error()) {
				t.Errorf("got:\n%v\nwant:\n%s", err, c.want)
			}
		})
	}
	_, err := deployment(t, "jobs: {a-b: {input: {file: x}}, a.b: {input: {file: y}}}", "", "FLEETSCORE_JOBS__A_B__PRIORITY=1")
	if want := "FLEETSCORE_JOBS__A_B__PRIORITY: means a setting of a-b as well as of a.b: rename one of them"; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

// TestSecrets puts a secret into every variable: no message has it, or a part.
func TestSecrets(t *testing.T) {
	const secret = `s3cr"t-pässword-of-a-cloud`
	complain := func(_ string, job config.Job, add func(string, error)) {
		for _, setting := range []string{"schedule", "models", "input.file"} {
			add(setting, errors.New("cannot use "+job.Schedule+job.Models+job.Input.File))
		}
	}
	var environ []string
	for _, setting := range []string{
		"STORE", "DATA", "PARTITIONS", "LISTEN", "POOL_MAX", "POOL_IDLE", "POOL_MEMORY", "RETENTION_LOGS", "LOG_LEVEL", "LOG_FORMAT", "NOTHING", "TOKENS", "WINDOWS__1M__EVERY",
		"JOBS__A__SCHEDULE", "JOBS__A__TIMEZONE", "JOBS__A__INTERVAL", "JOBS__A__INPUT_WINDOW", "JOBS__A__INPUT_FILE", "JOBS__A__INPUT_ENTITY", "JOBS__A__INPUT_CLIP", "JOBS__A__MODELS",
		"JOBS__A__RUNTIME", "JOBS__A__MAX_FAILED", "JOBS__A__RETRIES", "JOBS__A__ANOMALY_SCORE_BELOW", "JOBS__A__OUTPUT_FORMAT",
	} {
		environ = append(environ, "FLEETSCORE_"+setting+"="+secret)
	}
	_, err := checked(t, config.Checks{Job: complain}, "", strings.Join(environ, "\n")+"\n"+secret+"\nX='"+secret+"\n", environ...)
	if err == nil || strings.Count(err.Error(), "\n") < 20 {
		t.Fatalf("few problems: %v", err)
	}
	for _, part := range []string{"s3cr", "pässw", "of-a-cloud"} {
		if strings.Contains(err.Error(), part) {
			t.Errorf("shown: %v", err)
		}
	}
}

// TestChecks shows that problems that others find come with a position too.
func TestChecks(t *testing.T) {
	checks := config.Checks{
		File: func(f *config.File, add func(string, error)) {
			if strings.HasPrefix(f.Store, "s4:") {
				add("store", errors.New("no such cloud"))
			}
		},
		Job: func(_ string, job config.Job, add func(string, error)) {
			if job.Schedule == "never" {
				add("schedule", errors.New("is not cron"))
			}
			add("models", nil)
			add("input.columns", errors.New("nothing is called that"))
			add("runtime", errors.New("is said\nonce only"))
		},
	}
	_, err := checked(t, checks, "store: s4://x\njobs:\n  a:\n    schedule: never\n    runtime: snake\n    input:\n      file: x\n  b:\n    input:\n      file: x\n", "", "FLEETSCORE_JOBS__B__SCHEDULE=never")
	want := `FLEETSCORE_JOBS__B__SCHEDULE: jobs.b.schedule: is not cron
fleetscore.yaml:1: store: no such cloud
fleetscore.yaml:4: jobs.a.schedule: is not cron
fleetscore.yaml:5: jobs.a.runtime: "snake" is not one of native, python
fleetscore.yaml:6: jobs.a.input.columns: nothing is called that
fleetscore.yaml:8: jobs.b.runtime: is said; once only
fleetscore.yaml:9: jobs.b.input.columns: nothing is called that`
	if err == nil || err.Error() != want {
		t.Errorf("got:\n%v\nwant:\n%s", err, want)
	}
	var problems config.Problems
	if !errors.As(err, &problems) || problems[2].Line != 4 || problems[2].File != "fleetscore.yaml" || problems[0].Variable == "" {
		t.Errorf("%#v", problems)
	}
}

func TestWhichFile(t *testing.T) {
	f, err := deployment(t, "", "")
	here, _ := filepath.Abs(".")
	if err != nil || f.Path != "" || f.Store != filepath.Join(here, "fleetscore-data") || len(f.Windows) != 1 || f.Pool.Max < 1 {
		t.Errorf("without a file: %+v, %v", f, err)
	}
	if _, err := config.Load("none.yaml", nil, config.Checks{}); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a file that is not there: %v", err)
	}
	if err := os.WriteFile("other.yaml", []byte("partitions: 3\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if f, err := config.Load("", []string{"FLEETSCORE_CONFIG=other.yaml"}, config.Checks{}); err != nil || f.Partitions != 3 || f.Path != "other.yaml" {
		t.Errorf("%+v, %v", f, err)
	}
	if err := os.Mkdir(".env", 0o700); err != nil { // as virtual environments of Python are called
		t.Fatal(err)
	}
	if _, err := config.Load("other.yaml", nil, config.Checks{}); err != nil {
		t.Error(err)
	}
	if err := os.WriteFile("big.yaml", []byte(strings.Repeat("# comment\n", 500_000)), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := config.Load("big.yaml", nil, config.Checks{}); err == nil || err.Error() != "big.yaml: is longer than 4 MiB" {
		t.Errorf("%v", err)
	}
}

func TestStateDir(t *testing.T) {
	for text, want := range map[string]string{
		"":                                      "/base/fleetscore-data/.fleetscore",
		"store: /srv/fleet":                     "/srv/fleet/.fleetscore",
		"store: file:///srv/fleet":              "/srv/fleet/.fleetscore",
		"store: s3://bucket/x":                  "/base/fleetscore-data/.fleetscore",
		"store: data":                           "/base/data/.fleetscore",
		"store: azblob://c\ndata: state":        "/base/state",
		"store: data\ndata: /var/lib/fleet":     "/var/lib/fleet",
		"store: ./data/store\ndata: ./data":     "/base/data",
		"store: ./data\ndata: ./data/.private":  "/base/data/.private",
		"store: ./data\ndata: ./data/../state/": "/base/state",
	} {
		f, err := deployment(t, text, "")
		if err != nil {
			t.Errorf("%q: %v", text, err)
			continue
		}
		if got := strings.Replace(f.StateDir(), f.Dir, "/base", 1); got != want {
			t.Errorf("%q: %s, not %s", text, got, want)
		}
	}
}

// TestUnambiguous shows that no two settings of a group have one variable, and
// that every setting can be set by its own.
func TestUnambiguous(t *testing.T) {
	seen := map[string]string{}
	for line := range strings.Lines(read(t, "../docs/config.md")) {
		setting, ok := strings.CutPrefix(line, "| `")
		if setting, _, _ = strings.Cut(setting, "`"); ok && !strings.Contains(setting, "jobs.") {
			name := strings.ToUpper(strings.ReplaceAll(setting, ".", "_"))
			if other := seen[name]; other != "" && other != setting {
				t.Errorf("%s is %s and %s", name, setting, other)
			}
			seen[name] = setting
		}
	}
	if len(seen) < 40 {
		t.Errorf("%d settings: %v", len(seen), slices.Sorted(maps.Keys(seen)))
	}
}
