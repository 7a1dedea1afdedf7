package web

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/fleetscore/fleetscore/fleet"
	"github.com/fleetscore/fleetscore/ledger"
	"github.com/fleetscore/fleetscore/view/pace"
)

// Event is something that has changed, as it is now. One of its fields is set.
type Event struct {
	Run  *ledger.Run
	Task *fleet.TaskEvent // not sent as it is, but summed up by run
	Node *fleet.Node
	Job  *ledger.Job
	// Pulse is sent to who listens, and not kept for who comes back.
	Pulse    *pace.Pulse
	Decision *PoolDecision
}

// The kinds of events that are sent.
const (
	KindSnapshot = "snapshot"
	KindRun      = "run"
	KindProgress = "progress"
	KindNode     = "node"
	KindJob      = "job"
	KindPulse    = "pulse"
	KindPool     = "pool"
	KindDropped  = "dropped"
)

// Snapshot is all that is under way: the first event of a stream.
type Snapshot struct {
	Runs  []Run        `json:"runs" nullable:"false" doc:"the first 500 of those that are not over, the oldest first; or the one that was asked for"`
	Jobs  []JobState   `json:"jobs" nullable:"false"`
	Nodes []fleet.Node `json:"nodes" nullable:"false" doc:"those that are there"`
}

// JobState is how a job stands.
type JobState struct {
	Name    string `json:"name"`
	Paused  bool   `json:"paused"`
	Removed bool   `json:"removed,omitempty" doc:"it is not in the settings any more"`
}

// RunProgress is how far the attempts of a run have come that have told something
// since the service started.
type RunProgress struct {
	Run      string         `json:"run"`
	Attempts map[string]int `json:"attempts" doc:"how many there are in each state"`
	Progress fleet.Progress `json:"progress" doc:"their sums"`
}

// Dropped says why a stream ends.
type Dropped struct {
	Reason string `json:"reason"`
}

func viewJobState(j ledger.Job) JobState {
	return JobState{Name: j.Name, Paused: j.Paused, Removed: j.Removed}
}

// message is an event as it is sent.
type message struct {
	id   uint64 // 0: not one that is kept
	kind string
	run  string // that it is about; "": none
	data []byte // JSON
}

// eventID names the place in a stream after event n of a hub.
func eventID(epoch string, n uint64) string { return epoch + "-" + strconv.FormatUint(n, 10) }

// parseEventID reads what eventID writes.
func parseEventID(text string) (epoch string, n uint64, err error) {
	epoch, number, ok := strings.Cut(text, "-")
	n, numErr := strconv.ParseUint(number, 10, 64)
	if !ok || numErr != nil || len(text) > 64 || eventID(epoch, n) != text {
		return "", 0, fmt.Errorf("%.64q is not the ID of an event", text)
	}
	return epoch, n, nil
}
