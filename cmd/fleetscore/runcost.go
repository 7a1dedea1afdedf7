package main

import (
	"fmt"
	"io"

	"github.com/fleetscore/fleetscore/fleet"
)

// writeCost writes what a run has taken, and what it would have taken in 2018.
func writeCost(w io.Writer, c *fleet.Cost) {
	if c == nil {
		return
	}
	about := ""
	if c.Nodes.Estimated {
		about = "about "
	}
	n := c.Nodes
	fmt.Fprintf(w, "took %s%.3g node-seconds (%.3g at work, %.3g idle, %.3g starting), %s\n", about, n.Total, n.Busy, n.Idle, n.Boot, usageText(c.Store)+moneyText(c.Money))
	if c.Old.Nodes > 0 {
		fmt.Fprintf(w, "in 2018 it would have taken about %s node-seconds, %s; assumed: %s\n", withCommas(int64(c.Old.Nodes)), usageText(c.Old.Store)+moneyText(c.Old.Money), c.Old.Assume)
	}
}

func usageText(u fleet.Usage) string {
	text := fmt.Sprintf("%s reads, %s writes", withCommas(u.Gets), withCommas(u.Puts))
	if u.Lists > 0 {
		text += fmt.Sprintf(", %s lists", withCommas(u.Lists))
	}
	if u.Read+u.Written > 0 {
		text += fmt.Sprintf(" of the store, %s read and %s written", bytesText(u.Read), bytesText(u.Written))
	}
	return text
}

// bytesText is a number of bytes for people.
func bytesText(n int64) string {
	if n < 1000 {
		return plural(int(n), "byte")
	}
	x, unit := float64(n)/1e3, 0
	for x >= 1000 && unit < 3 {
		x, unit = x/1e3, unit+1
	}
	return fmt.Sprintf("%.3g %s", x, []string{"kB", "MB", "GB", "TB"}[unit])
}

func moneyText(m *fleet.Money) string {
	if m == nil {
		return ""
	}
	return fmt.Sprintf(": %.3g %s (nodes %.3g, store %.3g)", m.Total, m.Currency, m.Nodes, m.Store)
}
