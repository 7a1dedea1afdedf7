package sklearn_test

import (
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/fleetscore/fleetscore/sklearn"
)

// modelFiles are model files of many versions, and some that are refused.
func modelFiles(tb testing.TB) map[string][]byte {
	tb.Helper()
	names, err := filepath.Glob("testdata/legacy/*.[pj]*")
	if err != nil || len(names) < 20 {
		tb.Fatalf("%d model files, %v", len(names), err)
	}
	files := make(map[string][]byte)
	for _, name := range names {
		if files[name], err = os.ReadFile(name); err != nil {
			tb.Fatal(err)
		}
	}
	return files
}

// TestLoaderForgets: whatever a loader read before, sound, damaged or hostile, a
// file gives what it gives to a fresh one.
func TestLoaderForgets(t *testing.T) {
	files := modelFiles(t)
	names := make([]string, 0, len(files))
	for name := range files {
		names = append(names, name)
	}
	slices.Sort(names)
	r := rand.New(rand.NewPCG(1, 2))
	var loader sklearn.Loader
	for range 3000 {
		data := slices.Clone(files[names[r.IntN(len(names))]])
		switch change := r.IntN(3); {
		case len(data) == 0:
		case change == 0:
			data[r.IntN(len(data))] ^= 1 << r.IntN(8)
		case change == 1:
			data = data[:r.IntN(len(data))]
		}
		got, gotErr := loader.Load(data)
		want, wantErr := sklearn.Load(data)
		if (gotErr == nil) != (wantErr == nil) || gotErr != nil && gotErr.Error() != wantErr.Error() {
			t.Fatalf("error %v, fresh %v", gotErr, wantErr)
		}
		if gotErr == nil {
			sameScores(t, got, want, r)
		}
	}
}

// TestLoaderOfAFleet: a file that is like those before it gives what it gives to a fresh
// loader, whatever bits of it differ.
func TestLoaderOfAFleet(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for name, data := range modelFiles(t) {
		if len(data) == 0 {
			continue
		}
		var loader sklearn.Loader
		for range 3 {
			_, _ = loader.Load(data)
		}
		for range 50 {
			data := slices.Clone(data)
			data[r.IntN(len(data))] ^= 1 << r.IntN(8)
			got, gotErr := loader.Load(data)
			want, wantErr := sklearn.Load(data)
			if (gotErr == nil) != (wantErr == nil) || gotErr != nil && gotErr.Error() != wantErr.Error() {
				t.Fatalf("%s: error %v, fresh %v", name, gotErr, wantErr)
			}
			if gotErr == nil {
				sameScores(t, got, want, r)
			}
		}
	}
}

func sameScores(t *testing.T, got, want *sklearn.Model, r *rand.Rand) {
	t.Helper()
	if got.Features() != want.Features() {
		t.Fatalf("%d features, fresh %d", got.Features(), want.Features())
	}
	if got.Features() > 1000 {
		return
	}
	x := sklearn.Matrix{Rows: 5, Cols: got.Features(), Data: make([]float64, 5*got.Features())}
	for i := range x.Data {
		x.Data[i] = r.NormFloat64() * 10
	}
	var a, b sklearn.Scores
	if err := got.Score(x, &a); err != nil {
		t.Fatal(err)
	}
	if err := want.Score(x, &b); err != nil {
		t.Fatal(err)
	}
	for i := range a.Decision {
		if math.Float64bits(a.Decision[i]) != math.Float64bits(b.Decision[i]) || a.Label[i] != b.Label[i] {
			t.Fatalf("row %d: %v, fresh %v", i, a.Decision[i], b.Decision[i])
		}
	}
}

// usual is a scaler and a one-class SVM with 55 support vectors or so.
func usual(tb testing.TB) []byte {
	tb.Helper()
	data, err := os.ReadFile("../examples/pumps/models/pump-1/temperature.pkl")
	if err != nil {
		tb.Fatal(err)
	}
	return data
}

// TestWarm: neither to load nor to score a usual model takes memory.
func TestWarm(t *testing.T) {
	data := usual(t)
	var loader sklearn.Loader
	var scores sklearn.Scores
	rows := sklearn.Column(make([]float64, 60))
	var digest []byte
	for range 10 {
		if _, err := loader.Load(data); err != nil {
			t.Fatal(err)
		}
	}
	if n := testing.AllocsPerRun(100, func() {
		m, err := loader.Load(data)
		if err != nil {
			t.Fatal(err)
		}
		digest = sklearn.AppendDigest(digest[:0], data)
		if err := m.Score(rows, &scores); err != nil {
			t.Fatal(err)
		}
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
	if string(digest) != sklearn.Digest(data) {
		t.Errorf("digest %s, want %s", digest, sklearn.Digest(data))
	}
}

func BenchmarkLoad(b *testing.B) {
	data := usual(b)
	for name, load := range map[string]func([]byte) (*sklearn.Model, error){"fresh": sklearn.Load, "warm": new(sklearn.Loader).Load} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(data)))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := load(data); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	b.Run("digest", func(b *testing.B) {
		var digest []byte
		for b.Loop() {
			digest = sklearn.AppendDigest(digest[:0], data)
		}
	})
}
