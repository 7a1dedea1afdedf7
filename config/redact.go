package config

import (
	"strconv"
	"strings"
)

// redact takes the value of a variable out of a message: it may be a secret, put
// where none belongs. What a file holds is shown.
func (p place) redact(message string) string {
	const enough = 12 // bytes of a secret that would tell something
	if p.variable == "" || p.value == "" {
		return message
	}
	message = strings.ReplaceAll(message, strconv.Quote(p.value), "its value")
	if len(p.value) >= 4 {
		message = strings.ReplaceAll(message, p.value, "its value")
	}
	if start := strings.Trim(strconv.Quote(p.value), `"`); len(start) >= enough && strings.Contains(message, start[:enough]) {
		return "its value cannot be used, and is not shown"
	}
	return message
}
