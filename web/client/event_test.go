package client

import (
	"bytes"
	"errors"
	"testing"
)

func FuzzEvents(f *testing.F) {
	f.Add([]byte(":\n\nid: a-1\nevent: run\ndata: {\"id\":\"r\"}\n\nevent: dropped\ndata: {}\n\n"))
	f.Add([]byte("event: snapshot\ndata: {\ndata: }\n\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		lines, events := 0, 0
		err := readEvents(bytes.NewReader(data), func() { lines++ }, func(e Event) bool {
			events++
			if e.Snapshot == nil && e.Run == nil && e.Progress == nil && e.Node == nil && e.Job == nil {
				t.Error("an event of nothing")
			}
			return true
		})
		if err == nil {
			t.Error("the end is no error")
		}
		if !errors.Is(err, errEnded) && len(data) == 0 || events > lines {
			t.Errorf("%d events of %d lines: %v", events, lines, err)
		}
	})
}
