package pickle

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fleetscore/fleetscore/internal/testkit/race"
)

func FuzzParse(f *testing.F) {
	race.Alone(f)
	files, err := filepath.Glob("testdata/*.*")
	if err != nil {
		f.Fatal(err)
	}
	for _, name := range files {
		if !strings.HasSuffix(name, ".py") && !strings.HasSuffix(name, ".json") {
			data, err := os.ReadFile(name)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(data)
		}
	}
	for _, h := range hostiles() {
		if len(h.data) < 1000 {
			f.Add(h.data)
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		strict, err := Parse(data, Options{Allow: examples})
		checkError(t, err)
		lenient, lerr := Parse(data, Options{Lenient: true})
		checkError(t, lerr)
		if err == nil {
			checkDocument(t, strict)
			for _, g := range strict.Globals() {
				if !g.Allowed || strings.Contains(g.Name, ".") {
					t.Errorf("%s.%s passed", g.Module, g.Name)
				}
			}
			if lerr != nil {
				t.Errorf("strict reads what lenient does not: %v", lerr)
			}
		}
		if lenient != nil {
			checkDocument(t, lenient)
		}
	})
}

// checkDocument walks a Document and compares its size with the limits.
func checkDocument(t testing.TB, d *Document) {
	t.Helper()
	walk(t, d)
	if most := 64<<10 + 128*len(d.data) + 8192; footprint(d) > most {
		t.Errorf("a document of %d bytes made of %d, the most is %d", footprint(d), len(d.data), most)
	}
}

// checkError accepts the errors of this package only.
func checkError(t testing.TB, err error) {
	t.Helper()
	var (
		global *GlobalError
		syntax *SyntaxError
		limit  *LimitError
		format *FormatError
	)
	if err != nil && !errors.As(err, &global) && !errors.As(err, &syntax) && !errors.As(err, &limit) && !errors.As(err, &format) {
		t.Errorf("an error of type %T: %v", err, err)
	}
	if err != nil && len(err.Error()) > 1000 {
		t.Errorf("an error of %d bytes", len(err.Error()))
	}
}
