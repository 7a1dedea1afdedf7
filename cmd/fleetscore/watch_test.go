package main

import (
	"bytes"
	"testing"
	"time"

	"github.com/fleetscore/fleetscore/web"
)

// TestWatchPrintsChanges says each thing once where there is no terminal, however
// long a run waits.
func TestWatchPrintsChanges(t *testing.T) {
	var out bytes.Buffer
	p := newRunProgress(&out)
	r := &web.Run{State: "running", Tasks: 2, Error: "waiting: the store: full\nat /x"}
	for range 3 {
		p.draw(r)
		p.printed = time.Now().Add(-2 * lineEvery)
	}
	r.TasksDone, r.Error = 1, ""
	p.draw(r)
	r.TasksDone = 2 // soon after
	p.draw(r)
	r.State = "committing"
	p.draw(r)
	const rest = " of 2 tasks · 0 sensors · 0 anomalies · 0 failed"
	if want := "running: 0" + rest + " · waiting: the store: full …\nrunning: 1" + rest + "\ncommitting: 2" + rest + "\n"; out.String() != want {
		t.Errorf("it prints\n%s\nand not\n%s", &out, want)
	}
}
