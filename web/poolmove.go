package web

import (
	"fmt"
	"strings"
)

// PoolMove is how what a pool is told has changed.
type PoolMove struct {
	Before PoolTold `json:"before"`
	After  PoolTold `json:"after"`
}

// String is what the audit trail has of it.
func (m PoolMove) String() string { return m.After.text() + "; before: " + m.Before.text() }

// mostNoted is how much of a formula the audit trail has, in characters; decisions have all of it.
const mostNoted = 800

func (t *PoolTold) text() string {
	formula := "the default"
	if !t.Default {
		text := []rune(t.Formula)
		if len(text) > mostNoted {
			text = append(text[:mostNoted:mostNoted], '…')
		}
		formula = fmt.Sprintf("%q", string(text))
	}
	text := fmt.Sprintf("formula %s, min %d, max %d", formula, t.Min, t.Max)
	if len(t.Overrides) > 0 {
		text += " (set by command: " + strings.Join(t.Overrides, ", ") + ")"
	}
	return text
}
