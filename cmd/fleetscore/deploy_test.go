package main

import (
	"io"
	"net/http"
	"strings"
	"testing"
)

// exposed are the metrics that a service shows, by name.
func exposed(t *testing.T, d *deployment) map[string]bool {
	t.Helper()
	names := map[string]bool{}
	for line := range strings.Lines(scrape(t, d)) {
		if rest, ok := strings.CutPrefix(line, "# TYPE "); ok {
			name, _, _ := strings.Cut(rest, " ")
			names[name] = true
		}
	}
	return names
}

func scrape(t *testing.T, d *deployment) string {
	t.Helper()
	res, err := http.Get("http://" + d.address + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != http.StatusOK {
		t.Fatal(res.Status, err)
	}
	return string(text)
}
