package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"text/tabwriter"
	"time"

	"github.com/fleetscore/fleetscore/simulate"
)

// simulationFiles are what a simulation writes down.
type simulationFiles struct {
	truthFile, recordFile *os.File
	record                *simulate.RecordWriter
	planted               map[simulate.Kind]int
}

func (f *simulationFiles) open(truth, record string, c simulate.Config) (err error) {
	f.planted = make(map[simulate.Kind]int)
	if truth != "" && truth == record {
		return usageError{errors.New("--record: is the file of --truth")}
	}
	if truth != "" {
		if f.truthFile, err = os.Create(truth); err != nil {
			return fmt.Errorf("--truth: %w", err)
		}
	}
	if record != "" {
		if f.recordFile, err = os.Create(record); err != nil {
			return fmt.Errorf("--record: %w", err)
		}
		f.record, err = simulate.NewRecordWriter(f.recordFile, c)
	}
	return err
}

// plant writes down what has begun to go wrong.
func (f *simulationFiles) plant(all []simulate.Truth) error {
	for i := range all {
		f.planted[all[i].Kind]++
	}
	if f.truthFile == nil {
		return nil
	}
	return simulate.WriteTruth(f.truthFile, all)
}

func (f *simulationFiles) close() (err error) {
	for _, file := range []*os.File{f.truthFile, f.recordFile} {
		if file != nil {
			err = errors.Join(err, file.Close())
		}
	}
	return err
}

// simulated is the summary of a simulation.
type simulated struct {
	simulate.Counts
	Planted map[simulate.Kind]int `json:"planted"`
	Seconds float64               `json:"seconds"`
	Config  simulate.Config       `json:"config"`
}

func newSimulated(c simulate.Config, counts simulate.Counts, f *simulationFiles, took time.Duration) *simulated {
	return &simulated{Counts: counts, Planted: f.planted, Seconds: took.Seconds(), Config: c}
}

func (s *simulated) write(w io.Writer, asJSON bool) error {
	if asJSON {
		encoder := json.NewEncoder(w)
		encoder.SetIndent("", "  ")
		return encoder.Encode(s)
	}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	row := func(name, text string) { fmt.Fprintf(t, "%s\t%s\n", name, text) }
	row("sent", withCommas(s.Sent))
	row("acknowledged", withCommas(s.Acknowledged)+share(s.Acknowledged, s.Sent))
	row("repeated", withCommas(s.Repeated))
	row("rejected", withCommas(s.Rejected)+because(s.Reason))
	row("without an answer", withCommas(s.Unanswered))
	if s.Unsent > 0 {
		row("never sent", withCommas(s.Unsent))
	}
	for _, k := range append(simulate.AnomalyKinds(), simulate.Outage, simulate.Clock) {
		if n := s.Planted[k]; n > 0 {
			row("planted: "+string(k), withCommas(int64(n)))
		}
	}
	row("time", fmt.Sprintf("%s, %s messages/s", round(time.Duration(s.Seconds*float64(time.Second))), withCommas(int64(float64(s.Acknowledged)/s.Seconds))))
	if s.Trouble != "" {
		row("trouble, the last", visible(s.Trouble))
	}
	return t.Flush()
}

func because(reason string) string {
	if reason == "" {
		return ""
	}
	return ": " + visible(reason)
}

// showSimulation shows how far it is, on a terminal, and has the record written,
// until the function it returns is called.
func showSimulation(w io.Writer, p *simulate.Play, tally *simulate.Tally) (stop func()) {
	done := make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		tick := time.NewTicker(500 * time.Millisecond)
		defer tick.Stop()
		terminal := isTerminal(w)
		for {
			select {
			case <-tick.C:
				_ = tally.Flush() // an error stays until the end
				if terminal {
					fmt.Fprintf(w, "\r\x1b[K%s", simulationLine(p, tally.Counts(), time.Now()))
				}
			case <-done:
				if terminal {
					fmt.Fprint(w, "\r\x1b[K")
				}
				return
			}
		}
	})
	return sync.OnceFunc(func() { close(done); wg.Wait() })
}

// simulationLine is how far a simulation is.
func simulationLine(p *simulate.Play, c simulate.Counts, now time.Time) string {
	text := fmt.Sprintf("%s · sent %s · acknowledged %s · repeated %s · anomalies %s", p.At().Format("15:04:05"),
		withCommas(c.Sent), withCommas(c.Acknowledged), withCommas(c.Repeated), withCommas(p.Anomalies()))
	if c.Rejected > 0 {
		text += " · rejected " + withCommas(c.Rejected)
	}
	if lag := now.Sub(p.At()); lag > 2*time.Second {
		text += " · " + round(lag).String() + " behind"
	}
	return text
}
