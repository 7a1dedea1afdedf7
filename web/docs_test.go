package web_test

import (
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/fleetscore/fleetscore/web"
)

// docs/api.md lists every path, with its whole name or as one more of a row that
// begins with it.
func TestDocumented(t *testing.T) {
	page, err := os.ReadFile("../docs/api.md")
	must(t, err)
	f := newFixture(t)
	_, raw := f.ask(web.Nobody, "GET", "/openapi.json", "")
	for _, path := range slices.Sorted(maps.Keys(readDocument(t, raw).Paths)) {
		name := strings.TrimPrefix(path, "/api/v1/")
		above, last := name[:strings.LastIndex(name, "/")+1], name[strings.LastIndex(name, "/")+1:]
		found := false
		for line := range strings.Lines(string(page)) {
			found = found || strings.HasPrefix(line, "| `") && (strings.Contains(line, " "+name+"`") || strings.Contains(line, "`"+name+"`") ||
				strings.Contains(line, above) && strings.Contains(line, "`"+last+"`"))
		}
		if !found {
			t.Errorf("docs/api.md says nothing of %s", name)
		}
	}
}
