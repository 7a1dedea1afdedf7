package sklearn_test

import (
	"bytes"
	"errors"
	"math"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/fleetscore/fleetscore/sklearn"
)

// nest wraps p in depth pipelines that each hold what they wrap width times.
func nest(p *object, depth, width int) *object {
	for range depth {
		var steps []any
		for range width {
			steps = append(steps, p)
		}
		p = pipeline(steps...)
	}
	return p
}

// shared is a pipeline whose steps are one scaler of width features, and a detector.
func shared(steps, width int) *object {
	flat := array{"i1", tuple{width}, bytes.Repeat([]byte{1}, width)}
	one := scaler("with_mean", true, "with_std", true, "mean_", flat, "scale_", flat)
	var all []any
	for range steps {
		all = append(all, one)
	}
	vectors := array{"i1", tuple{1, width}, flat.data}
	return pipeline(append(all, detector(vectors))...)
}

func emptyCSR(rows, cols int) *object {
	return csr(rows, cols, ints(make([]int, rows+1)...), ints(), floats(tuple{0}))
}

// within runs load and inspect and bounds their memory, in bytes, and their time.
func within(t *testing.T, data []byte, memory uint64) error {
	t.Helper()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	done := make(chan error, 1)
	go func() {
		_, err := sklearn.Load(data)
		_, _ = sklearn.Inspect(data)
		done <- err
	}()
	select {
	case err := <-done:
		runtime.ReadMemStats(&after)
		if took := after.TotalAlloc - before.TotalAlloc; took > memory {
			t.Errorf("%d bytes took %d bytes of memory, the most is %d", len(data), took, memory)
		}
		return err
	case <-time.After(20 * time.Second):
		t.Fatalf("%d bytes did not end", len(data))
		return nil
	}
}

func TestBounds(t *testing.T) {
	big := strings.Repeat("é", 1<<19)
	var wide []any
	for range 1 << 18 {
		wide = append(wide, &big, nil)
	}
	for _, c := range []struct {
		name   string
		model  any
		memory uint64
		want   error
		says   string
	}{
		{"pipelines that unfold to nothing", nest(pipeline(), 15, 10), 1 << 20, sklearn.ErrDamaged, "more than 256 steps"},
		{"pipelines that unfold to skipped steps", nest(pipeline(nil, "passthrough"), 15, 10), 1 << 20, sklearn.ErrDamaged, "more than 256 steps"},
		{"a pipeline in itself", itself(), 1 << 20, sklearn.ErrDamaged, "more than"},
		{"a list of steps skipped", pipeline(make([]any, 1<<16)...), 64 << 20, sklearn.ErrDamaged, "more than 256 steps"},
		{"steps that are one scaler", shared(250, 1<<17), 64 << 20, nil, ""},
		{"a matrix that is a claim", detector(emptyCSR(1, 1<<26)), 1 << 20, sklearn.ErrUnsupported, "too many for a file of its size"},
		{"a matrix of as many columns as can be said", detector(emptyCSR(3, math.MaxInt32)), 1 << 20, sklearn.ErrUnsupported, "3 × 2147483647"},
		{"a small matrix", detector(emptyCSR(1, 1000)), 1 << 20, nil, ""},
		{"a name of a megabyte", pipeline(scaler(big, big, "with_mean", 1.5)), 16 << 20, sklearn.ErrDamaged, "with_mean"},
		{"a state of many entries with one long name", scaler(wide...), 256 << 20, sklearn.ErrDamaged, "mean_"},
	} {
		t.Run(c.name, func(t *testing.T) {
			err := within(t, encode(c.model), c.memory)
			if !errors.Is(err, c.want) {
				t.Fatalf("error %v, want %v", err, c.want)
			}
			if err != nil && (!strings.Contains(err.Error(), c.says) || len(err.Error()) > 1000) {
				t.Errorf("error %.1000q does not say %q in 1000 bytes", err, c.says)
			}
		})
	}
}

func itself() *object {
	p := pipeline(nil)
	p.state[1] = []any{tuple{strings.Repeat("me", 1000), p}, tuple{"me", p}}
	return p
}

// TestNoneIsFalse: present and None is false in Python; absent is the default.
func TestNoneIsFalse(t *testing.T) {
	mean, scale := floats(tuple{1}, 100), floats(tuple{1}, 4)
	for _, c := range []struct {
		scaler *object
		want   float64 // decision of 20
	}{
		{scaler("mean_", mean, "scale_", scale), -30},
		{scaler("with_mean", nil, "mean_", mean, "scale_", scale), -5},
		{scaler("with_std", nil, "mean_", mean, "scale_", scale), -90},
		{scaler("with_mean", nil, "with_std", nil, "mean_", nil, "scale_", nil), 10},
		{scaler("with_mean", 0, "with_std", 1, "mean_", mean, "scale_", scale), -5},
	} {
		m, err := sklearn.Load(encode(pipeline(c.scaler, linear())))
		if err != nil {
			t.Fatal(err)
		}
		var s sklearn.Scores
		if err := m.Score(sklearn.Column([]float64{20}), &s); err != nil || s.Decision[0] != c.want {
			t.Errorf("%v: decision %v, want %v, error %v", c.scaler.state, s.Decision, c.want, err)
		}
	}
}

// TestUnread: what a model carries beside its estimators and scoring does not read.
func TestUnread(t *testing.T) {
	path := &object{"pathlib PosixPath", nil}
	store := &object{"joblib._store_backends FileSystemStoreBackend", []any{"location", path}}
	memory := &object{"joblib.memory Memory", []any{"store_backend", store}}
	fit := &object{"sklearn.utils._metadata_requests MethodMetadataRequest", []any{"method", "fit"}}
	request := &object{"sklearn.utils._metadata_requests MetadataRequest", []any{"fit", fit}}
	model := pipeline(linear("_metadata_request", request))
	model.state = append(model.state, "memory", memory)
	info, err := sklearn.Inspect(encode(model))
	if err != nil || !info.Native {
		t.Errorf("native %v: %s, error %v", info.Native, info.Reason, err)
	}
	for _, root := range []*object{memory, path, request} {
		if _, err := sklearn.Load(encode(root)); !errors.Is(err, sklearn.ErrUnsupported) {
			t.Errorf("%s as a model: error %v", root.class, err)
		}
	}
	for _, class := range []string{"joblib.memory MemorizedFunc", "joblib._store_backends os", "pathlib Path", "sklearn.utils._metadata_requests os"} {
		if _, err := sklearn.Load(encode(linear("x", &object{class, nil}))); err == nil {
			t.Errorf("%s passes", class)
		}
	}
}

// TestInspectDamaged: a damaged file still tells what it names.
func TestInspectDamaged(t *testing.T) {
	for _, data := range []string{"(S'id'\nios\nsystem\n.", "\x80\x04cos\nsystem\n(S'id'"} {
		info, err := sklearn.Inspect([]byte(data))
		if !errors.Is(err, sklearn.ErrDamaged) || !strings.Contains(info.Reason, "os.system") || info.Format != "pickle" {
			t.Errorf("%q: error %v, reason %q, format %q", data, err, info.Reason, info.Format)
		}
		if len(info.Globals) != 1 || info.Globals[0].Name != "os.system" || info.Globals[0].Allowed {
			t.Errorf("%q names %v", data, info.Globals)
		}
	}
}

// TestHostile: what runs code is found wherever a file names it, also behind what
// is only not supported; a model that is scored is never taken for hostile.
func TestHostile(t *testing.T) {
	forest := &object{"sklearn.ensemble RandomForestClassifier", []any{"x", &object{"os system", nil}}}
	for _, c := range []struct {
		root    *object
		hostile string
	}{
		{forest, "os.system"},
		{&object{"builtins eval", nil}, "builtins.eval"},
		{&object{"sklearn.ensemble RandomForestClassifier", nil}, ""},
		{pipeline(linear()), ""},
	} {
		info, err := sklearn.Inspect(encode(c.root))
		if err != nil {
			t.Errorf("%s: %v", c.root.class, err)
		}
		got := ""
		if g := info.Hostile(); g != nil {
			got = g.Name
		}
		if got != c.hostile {
			t.Errorf("of %s %q is hostile, not %q", c.root.class, got, c.hostile)
		}
	}
}
