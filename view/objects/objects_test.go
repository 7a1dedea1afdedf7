package objects_test

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/parquet-go/parquet-go"

	"github.com/fleetscore/fleetscore/store/memstore"
	"github.com/fleetscore/fleetscore/view/objects"
)

func put(t testing.TB, s *memstore.Store, key string, data []byte) {
	t.Helper()
	if err := s.Put(t.Context(), key, bytes.NewReader(data)); err != nil {
		t.Fatal(err)
	}
}

func TestList(t *testing.T) {
	t.Parallel()
	s := memstore.New()
	keys := []string{"logs/a/1.log", "logs/a/2.log", "logs/b.log", "logs/c/d/3.log", "token", "windows/w.parquet"}
	for _, key := range keys {
		put(t, s, key, []byte(key))
	}
	may := func(key string) bool { return key != "token" }
	var names []string
	for after := ""; ; {
		l, err := objects.List(t.Context(), s, "logs/", after, 1, may)
		if err != nil || len(l.Folders)+len(l.Objects) > 1 {
			t.Fatalf("%+v, %v", l, err)
		}
		names = append(names, l.Folders...)
		for _, o := range l.Objects {
			names = append(names, o.Key)
		}
		if after = l.Next; after == "" {
			break
		}
	}
	if want := []string{"logs/a/", "logs/b.log", "logs/c/"}; !slices.Equal(names, want) {
		t.Errorf("page by page %q, not %q", names, want)
	}
	if l, err := objects.List(t.Context(), s, "", "", 10, may); err != nil || len(l.Objects) != 0 || !slices.Equal(l.Folders, []string{"logs/", "windows/"}) {
		t.Errorf("the root is %+v, %v", l, err)
	}
}

type row struct {
	Device string  `parquet:"device"`
	Mean   float64 `parquet:"mean"`
	State  []byte  `parquet:"state"`
}

func parquetFile(t testing.TB, n int) []byte {
	t.Helper()
	var b bytes.Buffer
	w := parquet.NewGenericWriter[row](&b, parquet.MaxRowsPerRowGroup(40))
	for i := range n {
		if _, err := w.Write([]row{{fmt.Sprintf("pump-%d", i), float64(i) / 4, []byte{0xff, byte(i)}}}); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestLook(t *testing.T) {
	t.Parallel()
	s := memstore.New()
	put(t, s, "w.parquet", parquetFile(t, 100))
	put(t, s, "p.csv", []byte("TS,Device\n1,a\n2,\"b\"\n3,c\n"))
	put(t, s, "l.log", []byte(strings.Repeat("ä", 40_000)))
	put(t, s, "b.pack", []byte{0, 1, 2, 0xff})
	put(t, s, "m.pkl", []byte("\x80"))
	look := func(key string, skip, n int) *objects.Preview {
		t.Helper()
		p, err := objects.Look(t.Context(), s, key, skip, n)
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	if p := look("w.parquet", 38, 5); len(p.Rows) != 5 || p.Total != 100 || !p.Cut || !slices.Equal(p.Rows[2], []string{"pump-40", "10", "ff28"}) || p.Columns[1].Type == "" {
		t.Errorf("rows %q of %+v", p.Rows, p)
	}
	if p := look("w.parquet", 98, 5); len(p.Rows) != 2 || p.Cut {
		t.Errorf("the end is %+v", p)
	}
	if p := look("w.parquet", 500, 5); len(p.Rows) != 0 {
		t.Errorf("past the end is %+v", p)
	}
	if p := look("p.csv", 1, 1); len(p.Rows) != 1 || p.Rows[0][1] != "b" || !p.Cut || p.Columns[1].Name != "Device" {
		t.Errorf("csv %+v", p)
	}
	if p := look("l.log", 0, 1); p.Kind != objects.KindText || len(p.Text) != 64<<10 || !p.Cut {
		t.Errorf("a log is %s with %d bytes", p.Kind, len(p.Text))
	}
	if a, b := look("b.pack", 0, 1), look("m.pkl", 0, 1); a.Kind != objects.KindBinary || b.Kind != objects.KindModel || a.Text != "" {
		t.Errorf("%+v, %+v", a, b)
	}
}

// FuzzLook has files that are not what their names say: errors, and no more.
func FuzzLook(f *testing.F) {
	f.Add(parquetFile(f, 10), uint8(0))
	f.Add([]byte("a,b\n\"c,d\n"), uint8(1))
	f.Add([]byte("PAR1\x00\x00\x00\x00PAR1"), uint8(0))
	f.Fuzz(func(t *testing.T, data []byte, kind uint8) {
		s := memstore.New()
		key := []string{"x.parquet", "x.csv", "x.json"}[kind%3]
		put(t, s, key, data)
		if _, err := objects.Look(t.Context(), s, key, 1, 10); err != nil && !errors.Is(err, objects.ErrUnreadable) {
			t.Error(err)
		}
	})
}
