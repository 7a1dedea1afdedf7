package config_test

import (
	"strings"
	"testing"
	"time"

	"github.com/fleetscore/fleetscore/config"
	"github.com/joho/godotenv"
	"pgregory.net/rapid"
)

func TestDuration(t *testing.T) {
	for text, want := range map[string]time.Duration{
		"0": 0, "0s": 0, "90s": 90 * time.Second, "1h30m": 90 * time.Minute, "400d": 9600 * time.Hour, "1d12h": 36 * time.Hour, "1.5h": 90 * time.Minute, "0d": 0, "36500d": 876000 * time.Hour,
	} {
		if d, err := config.ParseDuration(text); err != nil || d.Std() != want {
			t.Errorf("%q: %v, %v", text, d, err)
		}
	}
	for _, text := range []string{"", "d", "-1d", "+1d", "-5m", "1d-5m", "1.5d", "1h1d", "10", "1w", "36501d", "99999999999d", "1e5d", "9999999h", "1d 2h", "∞"} {
		if d, err := config.ParseDuration(text); err == nil {
			t.Errorf("%q is %s", text, d)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		d := config.Duration(rapid.Int64Range(0, int64(876000*time.Hour)).Draw(t, "nanoseconds"))
		if again, err := config.ParseDuration(d.String()); err != nil || again != d {
			t.Fatalf("%d is %s, which is %d (%v)", d, d, again, err)
		}
	})
}

func TestSize(t *testing.T) {
	for text, want := range map[string]config.Size{
		"0": 0, "1024": 1024, "1KiB": 1024, "1k": 0, "2GB": 2e9, "1.5GiB": 3 << 29, "512 MiB": 512 << 20, "1Gi": 1 << 30, "7b": 7, "1tib": 1 << 40,
	} {
		if s, err := config.ParseSize(text); text != "1k" && (err != nil || s != want) {
			t.Errorf("%q: %v, %v", text, s, err)
		}
	}
	for _, text := range []string{"", "B", "GiB", "-1GiB", "+1", "1e3", "0x10", "1.2.3MB", "NaN", "Inf", "1XB", "1.5B", "2000TiB", "9999999999999999999999999999TiB", "1_000"} {
		if s, err := config.ParseSize(text); err == nil {
			t.Errorf("%q is %s", text, s)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		s := config.Size(rapid.Int64Range(0, 1<<50).Draw(t, "bytes"))
		if again, err := config.ParseSize(s.String()); err != nil || again != s {
			t.Fatalf("%d is %s, which is %d (%v)", s, s, again, err)
		}
	})
}

// TestColumns shows that names of columns in settings of their own are those of the
// one text.
func TestColumns(t *testing.T) {
	names := config.ColumnNames{Time: "TS", Tag: " Tag", Value: `Value, "raw"`}
	if got, want := names.Columns(), config.Columns(`time=TS,tag=" Tag",value="Value, ""raw"""`); got != want {
		t.Errorf("%s, not %s", got, want)
	}
}

// TestDotenv compares with a library that many use, where values have no $, which
// it expands, and no backslash.
func TestDotenv(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		word := rapid.StringMatching(`[a-zA-Z0-9@:/=._-]{1,8}`)
		var b strings.Builder
		for i := range rapid.IntRange(1, 6).Draw(t, "lines") {
			name := "NAME_" + string(rune('A'+i))
			switch rapid.IntRange(0, 5).Draw(t, "form") {
			case 0:
				b.WriteString("# " + word.Draw(t, "comment") + "\n\n")
			case 1:
				b.WriteString(name + "=" + word.Draw(t, "value") + "\n")
			case 2:
				b.WriteString("export " + name + " = " + word.Draw(t, "value") + " " + word.Draw(t, "more") + " # comment\r\n")
			case 3:
				b.WriteString(name + "='" + word.Draw(t, "value") + " # no comment' # comment\n")
			case 4:
				b.WriteString("  " + name + "=\"" + word.Draw(t, "value") + "\\n" + word.Draw(t, "value") + " '\"\n")
			case 5:
				b.WriteString(name + "=\n")
			}
		}
		want, err := godotenv.Unmarshal(b.String())
		if err != nil {
			t.Fatal(err)
		}
		got := config.ParseDotenv(b.String())
		if len(got) != len(want) {
			t.Fatalf("%q: %v, not %v", b.String(), got, want)
		}
		for name, value := range want {
			if got[name] != value {
				t.Fatalf("%q: %s is %q, not %q", b.String(), name, got[name], value)
			}
		}
	})
}
