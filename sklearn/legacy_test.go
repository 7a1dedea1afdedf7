package sklearn_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
	"testing"

	"github.com/fleetscore/fleetscore/sklearn"
)

// legacy is testdata/legacy/legacy.json: models as scikit-learn versions from
// 0.14 to 1.9 wrote them, and what an oracle in Python says of some rows.
type legacy struct {
	Models []struct {
		File        string
		Version     string
		Container   string
		Compression string
		Protocol    int
		Features    int
		Steps       []struct {
			Name, Class string
			Params      map[string]any
			Arrays      map[string][]int
		}
		Rows            [][]float64
		Decision, Bound []float64
		Label           []int8
	}
	Refused []struct{ File, Kind, Says string }
}

func readLegacy(t *testing.T) legacy {
	t.Helper()
	text, err := os.ReadFile("testdata/legacy/legacy.json")
	if err != nil {
		t.Fatal(err)
	}
	var l legacy
	if err := json.Unmarshal(text, &l); err != nil {
		t.Fatal(err)
	}
	if len(l.Models) == 0 || len(l.Refused) == 0 {
		t.Fatal("legacy.json holds no cases")
	}
	return l
}

func readModel(t *testing.T, file string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata/legacy", file))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestLegacyScores(t *testing.T) {
	for _, c := range readLegacy(t).Models {
		t.Run(c.File, func(t *testing.T) {
			m, err := sklearn.Load(readModel(t, c.File))
			if err != nil {
				t.Fatal(err)
			}
			if m.Features() != c.Features {
				t.Fatalf("%d features, want %d", m.Features(), c.Features)
			}
			var all, one sklearn.Scores
			if err := m.Score(matrix(c.Rows), &all); err != nil {
				t.Fatal(err)
			}
			for i, row := range c.Rows {
				if err := m.Score(matrix([][]float64{row}), &one); err != nil {
					t.Fatal(err)
				}
				if one.Decision[0] != all.Decision[i] || one.Bound[0] != all.Bound[i] {
					t.Errorf("row %d alone scores %v, among others %v", i, one.Decision[0], all.Decision[i])
				}
				if off := math.Abs(all.Decision[i] - c.Decision[i]); !(off <= sklearn.Tolerance*c.Bound[i]) {
					t.Errorf("row %v: decision %v, want %v", row, all.Decision[i], c.Decision[i])
				}
				if off := math.Abs(all.Bound[i] - c.Bound[i]); !(off <= 1e-9*c.Bound[i]) {
					t.Errorf("row %v: bound %v, want %v", row, all.Bound[i], c.Bound[i])
				}
				// The files called zero have rows whose decision value is exactly 0.
				undecidable := math.Abs(c.Decision[i]) <= sklearn.Tolerance*c.Bound[i]
				exact := strings.Contains(c.File, "zero")
				if all.Label[i] != c.Label[i] && (exact || !undecidable) {
					t.Errorf("row %v: label %d, want %d (decision %v)", row, all.Label[i], c.Label[i], all.Decision[i])
				}
				if all.Undecidable(i) != undecidable {
					t.Errorf("row %v: undecidable %v, want %v", row, all.Undecidable(i), undecidable)
				}
			}
		})
	}
}

func matrix(rows [][]float64) sklearn.Matrix {
	m := sklearn.Matrix{Rows: len(rows), Cols: len(rows[0])}
	for _, row := range rows {
		m.Data = append(m.Data, row...)
	}
	return m
}

func TestLegacyInspect(t *testing.T) {
	for _, c := range readLegacy(t).Models {
		t.Run(c.File, func(t *testing.T) {
			data := readModel(t, c.File)
			got, err := sklearn.Inspect(data)
			if err != nil {
				t.Fatal(err)
			}
			if !got.Native || got.Reason != "" || got.Features != c.Features || got.Size != len(data) || len(got.Digest) != 64 {
				t.Errorf("native %v (%s), %d features, %d bytes, digest %s", got.Native, got.Reason, got.Features, got.Size, got.Digest)
			}
			if got.Version != c.Version || got.Format != c.Container || got.Compression != c.Compression || got.Protocol != c.Protocol {
				t.Errorf("%s %s %s %d, want %s %s %s %d", got.Version, got.Format, got.Compression, got.Protocol,
					c.Version, c.Container, c.Compression, c.Protocol)
			}
			if len(got.Steps) != len(c.Steps) {
				t.Fatalf("%d steps, want %d", len(got.Steps), len(c.Steps))
			}
			for i, want := range c.Steps {
				compareStep(t, got.Steps[i], want.Name, want.Class, want.Params, want.Arrays)
			}
		})
	}
}

func compareStep(t *testing.T, got sklearn.Step, name, class string, params map[string]any, arrays map[string][]int) {
	t.Helper()
	if got.Name != name && name != "" || got.Class != class || !got.Native {
		t.Errorf("step %s %s native %v, want %s %s", got.Name, got.Class, got.Native, name, class)
	}
	found := make(map[string]string)
	for _, p := range got.Params {
		found[p.Name] = p.Value
	}
	for name, want := range params {
		if found[name] != python(want) {
			t.Errorf("%s.%s is %s, want %s", got.Class, name, found[name], python(want))
		}
	}
	shapes := make(map[string][]int)
	for _, a := range got.Arrays {
		shapes[a.Name] = a.Shape
	}
	for name, want := range arrays {
		if !reflect.DeepEqual(shapes[name], want) {
			t.Errorf("%s.%s has the shape %v, want %v", got.Class, name, shapes[name], want)
		}
	}
}

// python writes a JSON value as Inspect writes a parameter.
func python(v any) string {
	switch v := v.(type) {
	case nil:
		return "None"
	case bool:
		return map[bool]string{true: "True", false: "False"}[v]
	case string:
		return "'" + v + "'"
	case float64:
		return strconv.FormatFloat(v, 'g', -1, 64)
	}
	return fmt.Sprint(v)
}

func TestRefused(t *testing.T) {
	kinds := map[string]error{"unsupported": sklearn.ErrUnsupported, "refused": sklearn.ErrRefused, "damaged": sklearn.ErrDamaged}
	for _, c := range readLegacy(t).Refused {
		t.Run(c.File, func(t *testing.T) {
			data := readModel(t, c.File)
			_, err := sklearn.Load(data)
			if !errors.Is(err, kinds[c.Kind]) {
				t.Fatalf("error %q is not of the kind %s", err, c.Kind)
			}
			if !strings.Contains(err.Error(), c.Says) {
				t.Errorf("error %q does not say %q", err, c.Says)
			}
			info, err := sklearn.Inspect(data)
			if info.Native || info.Reason == "" {
				t.Errorf("inspect: native %v, reason %q", info.Native, info.Reason)
			}
			if (err != nil) != (c.Kind == "damaged") {
				t.Errorf("inspect: error %v", err)
			}
		})
	}
}
