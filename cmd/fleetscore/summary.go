package main

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/fleetscore/fleetscore/score"
)

// How many models without readings the summary names; the report has them all.
const unusedShown = 5

// writeSummary is the short table at the end of a scoring.
func writeSummary(w io.Writer, r *score.Report) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	row := func(name, format string, args ...any) {
		fmt.Fprintf(t, "%s\t%s\n", name, fmt.Sprintf(format, args...))
	}
	row("sensors", "%s", withCommas(int64(r.Sensors)))
	row("readings", "%s", withCommas(r.Readings))
	row("predictions", "%s", withCommas(r.Predictions))
	row("anomalies", "%s%s", withCommas(r.Anomalies), share(r.Anomalies, r.Predictions))
	row("undecidable", "%s", withCommas(r.Undecidable))
	row("failed", "%s%s", withCommas(int64(r.Failed)), share(int64(r.Failed), int64(r.Sensors)))
	if r.Orphans > 0 {
		row("readings without a sensor", "%s", withCommas(r.Orphans))
	}
	if n := len(r.UnusedModels); n > 0 {
		row("models without readings", "%s: %s", withCommas(int64(n)), listed(r.UnusedModels))
	}
	if r.UnusedError != "" {
		row("models without readings", "not all known: %s", visible(r.UnusedError))
	}
	row("time", "%s, %s rows/s", round(time.Duration(r.Seconds*float64(time.Second))), withCommas(int64(r.RowsPerSec)))
	row("output", "%s", visible(r.Output))
	if len(r.ScoredBy) > 0 {
		fmt.Fprintf(t, "\nscored by\tsensors\tnot natively, as\texample\n")
		for _, s := range r.ScoredBy {
			fmt.Fprintf(t, "%s\t%s\t%s\t%s\n", s.Runtime, withCommas(int64(s.Sensors)), visible(orDash(firstLine(s.Reason))), visible(s.Example))
		}
	}
	if len(r.Failures) > 0 {
		fmt.Fprintf(t, "\nfailures\n")
		fmt.Fprintf(t, "cause\tsensors\trows\texample\n")
		for _, g := range r.Failures {
			fmt.Fprintf(t, "%s\t%s\t%s\t%s\n", g.Cause, withCommas(int64(g.Sensors)), withCommas(g.Rows), visible(firstLine(g.Example)))
		}
	}
	return t.Flush()
}

func listed(names []string) string {
	if len(names) <= unusedShown {
		return visible(strings.Join(names, ", "))
	}
	return visible(strings.Join(names[:unusedShown], ", ")) + ", …"
}

// withCommas writes 1234567 as 1,234,567.
func withCommas(n int64) string {
	s := strconv.FormatInt(n, 10)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

func share(part, whole int64) string {
	if part == 0 || whole == 0 {
		return ""
	}
	return fmt.Sprintf(" (%.3g%%)", 100*float64(part)/float64(whole))
}

// round keeps three or so digits of a duration.
func round(d time.Duration) time.Duration {
	for unit := time.Duration(1); unit < time.Hour; unit *= 10 {
		if d < 1000*unit {
			return d.Round(unit)
		}
	}
	return d.Round(time.Second)
}

// visible makes control characters of names and messages harmless: they come
// from outside, and a terminal obeys them.
func visible(s string) string {
	return strings.Map(func(r rune) rune {
		if strconv.IsPrint(r) {
			return r
		}
		return '\uFFFD'
	}, s)
}
