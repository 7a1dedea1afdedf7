package ledger

import (
	"strings"
	"testing"
)

// FuzzURL checks that what is shown of a URL, and said of one that cannot be used,
// has no password.
func FuzzURL(f *testing.F) {
	for _, url := range []string{
		"postgres://u:SECRET@h/d", "postgresql://u:SECRET@h:x/d", "postgres://h/d?password=SECRET&sslpassword=SECRET", "postgres://u:SECRET@%zz/d",
		"postgres://u:SECRET@h/d?sslmode=perhaps", "postgres:// u:SECRET@h", "postgres://u:SECRET@h/d?PASSWORD=x", "postgres://h/d?password%3DSECRET",
	} {
		f.Add(strings.TrimPrefix(url, "postgres"))
	}
	f.Fuzz(func(t *testing.T, rest string) {
		url := "postgres" + rest
		if !IsURL(url) || !strings.Contains(url, "SECRET") {
			return
		}
		if HasSecret(url) && strings.Count(url, "SECRET") == 1 && strings.Contains(url, ":SECRET@") && strings.Contains(Shown(url), "SECRET") {
			t.Errorf("%q is shown as %q", url, Shown(url))
		}
		if err := CheckURL(url); err != nil && strings.Contains(err.Error(), ":SECRET@") {
			t.Errorf("of %q is said: %v", url, err)
		}
	})
}

func TestShown(t *testing.T) {
	for url, want := range map[string]string{
		"ledger.db":                            "ledger.db",
		"postgres://u:p@h:5/d?sslmode=require": "postgres://u@h:5/d?sslmode=require",
		"postgres://h/d?password=p&sslpassword=q&search_path=s": "postgres://h/d?search_path=s",
		"postgres://u:p@%zz/d": "the database",
	} {
		if got := Shown(url); got != want || HasSecret(url) != (want != url) {
			t.Errorf("%q is shown as %q, secret: %v", url, got, HasSecret(url))
		}
	}
}
