package pool

import (
	"os"
	"strings"
	"testing"
)

// The documentation has the default as it is, and all variables.
func TestDocumented(t *testing.T) {
	text, err := os.ReadFile("../docs/pool.md")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(text), "```\n"+Default+"\n```") {
		t.Error("docs/pool.md has another default")
	}
	for _, v := range variables {
		if !strings.Contains(string(text), "`"+v.name+"`") {
			t.Errorf("docs/pool.md says nothing of %s", v.name)
		}
	}
}
