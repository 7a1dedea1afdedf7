package local

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// The end of what is written is kept, however it is written.
func TestTail(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		var all strings.Builder
		var kept tail
		for i, n := range rapid.SliceOf(rapid.IntRange(0, 3*mostTail)).Draw(rt, "writes") {
			text := strings.Repeat(string(rune('a'+i%26)), n)
			all.WriteString(text)
			if m, err := kept.Write([]byte(text)); m != n || err != nil {
				rt.Fatalf("wrote %d of %d bytes: %v", m, n, err)
			}
		}
		want := all.String()
		if want = want[max(0, len(want)-mostTail):]; !strings.HasSuffix(string(kept.data), want) || len(kept.data) > 2*mostTail {
			rt.Fatalf("kept %d bytes of %d", len(kept.data), all.Len())
		}
		if got := kept.words(); len(got) > mostWords || !strings.HasSuffix(want, got) {
			rt.Fatalf("the last words are %d bytes", len(got))
		}
	})
}

// A panic's first line matters more than the end of its stack.
func TestLastWordsBeginWithThePanic(t *testing.T) {
	var kept tail
	for _, text := range []string{"a log\n", "panic: of fear\n\ngoroutine 1\n", strings.Repeat("frame\n", 5000)} {
		if _, err := kept.Write([]byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	if got := kept.words(); !strings.HasPrefix(got, "panic: of fear\n") || len(got) > mostWords {
		t.Errorf("%d bytes: %.50q", len(got), got)
	}
}
