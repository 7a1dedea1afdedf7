package web_test

import (
	"testing"

	"github.com/fleetscore/fleetscore/web"
)

// TestDownload has nothing of the store run in a browser.
func TestDownload(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	res, body := f.ask(web.Nobody, "GET", "/api/v1/store/object?key=logs/a.log", "")
	for name, want := range map[string]string{
		"Content-Disposition": "attachment; filename*=UTF-8''a.log", "X-Content-Type-Options": "nosniff", "Content-Type": "application/octet-stream", "Content-Length": "3",
	} {
		if got := res.Header.Get(name); got != want {
			t.Errorf("%s is %q, not %q", name, got, want)
		}
	}
	if string(body) != "<b>" {
		t.Errorf("the object is %q", body)
	}
}
