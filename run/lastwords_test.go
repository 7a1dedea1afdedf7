package run_test

import (
	"strings"
	"testing"
	"time"

	"github.com/fleetscore/fleetscore/fleet"
	"github.com/fleetscore/fleetscore/ledger"
)

// What an attempt came to is in its log though the service stops at that moment.
func TestLastWordsOutliveTheService(t *testing.T) {
	p := newPlant(t, 4)
	p.hold = make(chan struct{})
	defer close(p.hold)
	p.start()
	id := p.add().ID
	p.until(id, func(r ledger.Run) bool { return r.State == ledger.Running })
	p.attempted(1)
	name := fleet.Task{Run: id, Attempt: 1}
	p.service.Event(fleet.TaskEvent{Task: name, State: fleet.TaskTimedOut, Node: "n", Time: time.Now(), Detail: "it hung"})
	p.service.Stop()
	const lastChunk = 99999
	text, err := p.store.Get(t.Context(), fleet.LogKey(p.job.Name, name, false, lastChunk), nil)
	if err != nil || !strings.Contains(string(text), "it hung") {
		t.Errorf("the log is %q (%v)", text, err)
	}
}
