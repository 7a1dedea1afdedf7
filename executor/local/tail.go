package local

import (
	"bytes"
	"io"
	"strings"
	"sync"
)

const (
	mostTail  = 64 << 10 // bytes of a node's standard error that are kept
	mostWords = 8 << 10  // bytes of it that an event has
)

// tail keeps the end of what is written to it.
type tail struct {
	mu   sync.Mutex
	data []byte
}

// Write implements io.Writer.
func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	n := len(p)
	p = p[max(0, n-mostTail):]
	if len(t.data)+len(p) > 2*mostTail {
		t.data = append(t.data[:0], t.data[len(t.data)-mostTail:]...)
	}
	t.data = append(t.data, p...)
	return n, nil
}

// copy keeps the end of what is read, until there is no more.
func (t *tail) copy(r io.Reader) {
	_, _ = io.Copy(struct{ io.Writer }{t}, r) // the end of a process, or a deadline after it
}

// words are what was last said. Where that is a panic, they begin with it, since
// its stack may be long.
func (t *tail) words() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	data := t.data[max(0, len(t.data)-mostTail):]
	from := max(0, len(data)-mostWords)
	for _, mark := range []string{"panic: ", "fatal error: ", "runtime: "} {
		if i := bytes.Index(data, []byte(mark)); i >= 0 && (i == 0 || data[i-1] == '\n') {
			from = min(from, i)
			break
		}
	}
	data = data[from:]
	if len(data) > mostWords {
		data = data[:mostWords]
	}
	return strings.ToValidUTF8(strings.TrimSpace(string(data)), "�")
}
