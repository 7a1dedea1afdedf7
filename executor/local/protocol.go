package local

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/fleetscore/fleetscore/fleet"
)

const (
	protocol  = 1
	mostLine  = 1 << 20 // bytes
	mostError = 16 << 10
	// mostManifest and mostRun bound texts of a task, so that a line has room for
	// all that a node is given at once.
	mostManifest = 8 << 10
	mostRun      = 1 << 10
	mostTasks    = 8 // on one node
)

// order is a line to a node.
type order struct {
	Welcome *welcome `json:"welcome,omitempty"`
	Tasks   []job    `json:"tasks,omitempty"`
	Cancel  []uint64 `json:"cancel,omitempty"`
	End     bool     `json:"end,omitempty"`
}

func (o *order) empty() bool {
	return o.Welcome == nil && len(o.Tasks) == 0 && len(o.Cancel) == 0 && !o.End
}

// welcome is the first order.
type welcome struct {
	Protocol int           `json:"protocol"`
	Beat     time.Duration `json:"beat"` // between signs of life
	// Memory is what the node may use, if it must look itself; else 0.
	Memory int64 `json:"memory,omitempty"`
}

// job is a task that a node is to do.
type job struct {
	ID       uint64     `json:"id"`
	Manifest string     `json:"manifest"`
	Task     fleet.Task `json:"task"`
}

// report is a line from a node. An empty one is a sign of life.
type report struct {
	Hello    *hello   `json:"hello,omitempty"` // first of all
	Started  []uint64 `json:"started,omitempty"`
	Progress []step   `json:"progress,omitempty"`
	Ended    []ended  `json:"ended,omitempty"`
}

type hello struct {
	Protocol int `json:"protocol"`
}

// step is how far a task has come.
type step struct {
	ID       uint64         `json:"id"`
	Progress fleet.Progress `json:"progress"`
}

// ended is a task's end; without an error it is done.
type ended struct {
	ID       uint64          `json:"id"`
	Error    string          `json:"error,omitempty"`
	Unserved bool            `json:"unserved,omitempty"`
	Progress *fleet.Progress `json:"progress,omitempty"` // the last one
}

// send writes a line.
func send(w io.Writer, message any) error {
	line, err := json.Marshal(message)
	if err != nil {
		return err
	}
	if len(line) >= mostLine {
		return fmt.Errorf("a message of %d bytes is too long", len(line))
	}
	_, err = w.Write(append(line, '\n'))
	return err
}

// lines reads lines.
func lines(r io.Reader) *bufio.Scanner {
	s := bufio.NewScanner(r)
	s.Buffer(make([]byte, 0, 16<<10), mostLine)
	return s
}

var errProtocol = errors.New("wrong protocol")

// parse reads a line into a message.
func parse(line []byte, message any) error {
	if err := json.Unmarshal(line, message); err != nil {
		return fmt.Errorf("%w: %.200q is no message", errProtocol, line)
	}
	return nil
}
