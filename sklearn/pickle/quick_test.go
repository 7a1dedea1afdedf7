package pickle

import (
	"fmt"
	"path/filepath"
	"reflect"
	"testing"
)

// FuzzQuick: what is executed quickly has the effect of what is not.
func FuzzQuick(f *testing.F) {
	files, err := filepath.Glob("testdata/*.*")
	if err != nil || len(files) == 0 {
		f.Fatal(err, files)
	}
	for _, name := range files {
		f.Add(read(f, filepath.Base(name)))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		options := Options{Allow: examples, Lenient: len(data)%2 == 0}
		quick, plain := NewParser(options), NewParser(options)
		plain.machine.plain = true
		a, errA := quick.Parse(data)
		b, errB := plain.Parse(data)
		if fmt.Sprint(errA) != fmt.Sprint(errB) || (a == nil) != (b == nil) {
			t.Fatalf("quick %v, plain %v", errA, errB)
		}
		if a != nil && !reflect.DeepEqual(a, b) {
			t.Fatalf("quick\n%+v\nplain\n%+v", a, b)
		}
		if errA == nil && (quick.budget.memory != plain.budget.memory || quick.machine.memo.n != plain.machine.memo.n) {
			t.Fatal("the budgets differ")
		}
	})
}
