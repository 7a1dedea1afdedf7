package command

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"sync"
)

// How much is kept of what a process prints, from its start and from its end.
const printed = 16 << 10

// transcript is what a process printed, of which the middle is left out. Its methods may be
// called by several goroutines.
type transcript struct {
	mu      sync.Mutex
	head    []byte
	tail    []byte // the last printed bytes, or a few more
	dropped int64
}

func (p *transcript) Write(text []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	n := len(text)
	first := text[:min(n, printed-len(p.head))]
	p.head = append(p.head, first...)
	text = text[len(first):]
	if len(text) > printed {
		p.dropped += int64(len(p.tail) + len(text) - printed)
		p.tail = append(p.tail[:0], text[len(text)-printed:]...)
		return n, nil
	}
	if p.tail = append(p.tail, text...); len(p.tail) > 2*printed {
		over := len(p.tail) - printed
		p.dropped += int64(over)
		p.tail = slices.Delete(p.tail, 0, over)
	}
	return n, nil
}

// String is what was printed, and how much of it is left out.
func (p *transcript) String() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	middle := ""
	if p.dropped > 0 {
		middle = fmt.Sprintf("\n… %d bytes left out …\n", p.dropped)
	}
	return strings.ToValidUTF8(string(p.head)+middle+string(p.tail), "\ufffd")
}

// last is the last lines, for the text of a failure.
func (p *transcript) last() []string {
	const lines, most = 10, 2 << 10
	text := strings.TrimSpace(p.String())
	if len(text) > most {
		text = "…" + strings.ToValidUTF8(text[len(text)-most:], "")
	}
	if text == "" {
		return nil
	}
	all := strings.Split(text, "\n")
	return all[max(0, len(all)-lines):]
}

// bounded keeps what is written to it up to a limit. Past it, it calls over once, and drops the rest.
type bounded struct {
	buffer bytes.Buffer
	most   int64
	over   func()
	full   bool
}

func (b *bounded) Write(data []byte) (int, error) {
	switch {
	case b.full:
	case int64(b.buffer.Len()+len(data)) > b.most:
		b.full = true
		b.over()
	default:
		b.buffer.Write(data)
	}
	return len(data), nil
}
