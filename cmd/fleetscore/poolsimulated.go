package main

import (
	"fmt"
	"io"
	"time"

	"github.com/fleetscore/fleetscore/config"
	"github.com/fleetscore/fleetscore/pool"
)

// shownSimulation is what a simulated pool came to.
type shownSimulation struct {
	Source   string  `json:"work"`
	Days     float64 `json:"days"`
	Gap      float64 `json:"gap_seconds"`
	Min      int     `json:"min"`
	Max      int     `json:"max"`
	Boot     float64 `json:"boot_seconds"`
	Idle     float64 `json:"idle_seconds"`
	NodeHour float64 `json:"node_hour"`
	*pool.Comparison
}

func (s *shownSimulation) write(w io.Writer) error {
	fmt.Fprintf(w, "%.3g days, %d runs, %s; %d to %d nodes, ready after %s, idle for %s, %g an hour\n\n",
		s.Days, s.Alternatives[0].Runs, s.Source, s.Min, s.Max, config.Duration(s.Nodes.Boot), config.Duration(s.Idle*float64(time.Second)), s.NodeHour)
	err := table(w, "way · node-hours · at work · idle · starting · cost · starts · begun p50 · p95 · max · done p50 · p95 · max", func(row func(...any)) {
		for _, a := range s.Alternatives {
			row(a.Name, fmt.Sprintf("%.2f", a.NodeHours), portion(a.Busy), portion(a.Idle), portion(a.Boot), fmt.Sprintf("%.2f", a.Money), a.Starts,
				late(a.Start.P50), late(a.Start.P95), late(a.Start.Max), late(a.Finish.P50), late(a.Finish.P95), late(a.Finish.Max))
		}
	})
	if err != nil {
		return err
	}
	fmt.Fprintln(w)
	for _, a := range s.Alternatives {
		fmt.Fprintf(w, "%s: %s\n", a.Name, visible(a.About))
		if a.Error != "" {
			fmt.Fprintf(w, "  the formula fails: %s\n", visible(a.Error))
		}
		if a.Unfinished > 0 {
			fmt.Fprintf(w, "  %s not done a day after the end\n", plural(a.Unfinished, "task"))
		}
	}
	_, err = fmt.Fprintf(w, "\n%s\n", s.Conclusion)
	return err
}

func portion(share float64) string { return fmt.Sprintf("%.1f %%", 100*share) }

// late is how long after it was due something was.
func late(seconds float64) string {
	return time.Duration(seconds * float64(time.Second)).Round(time.Millisecond).String()
}
